"""Eigenvalues of a Hessian against SciPy's eigsh on the same products, and where a Lanczos run spends its time."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from scipy.sparse.linalg import LinearOperator, eigsh

from landscapes import Plane, Problem, Recipe, spectrum
from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.convexity import RELATIVE_TOLERANCE, convexity_map
from landscapes.curvature.hessian import Hessian, apply_hessian, flatten, jitted_linearize
from landscapes.recipes import catalog
from tests.benchmarks import networks
from tests.benchmarks.measure import Line, half_widths, plane_of, seconds, side_by_side

TOP = 5
RELATIVE = 1e-4
CELLS = 9


def lines(repeats: int) -> Iterator[Line]:
    smooth = networks.trained(networks.dense(784, 256, 10, activation="tanh"))
    digits = networks.trained(catalog.build(Recipe()))
    for name, problem in (("784-256-10 tanh, trained", smooth), ("digits MLP, trained", digits)):
        yield _against_scipy(name, problem, repeats)
        yield _reorthogonalization(name, problem, repeats)
    yield _map_against_cold_runs("digits MLP, trained", digits, plane_of(digits), repeats)


def largest(problem: Problem) -> np.ndarray:
    """The five largest eigenvalues, to a relative residual of 1e-4."""
    result = spectrum(problem, jax.random.key(0), top=TOP, bottom=0, tolerance=RELATIVE)
    if not np.all(result.converged):
        raise RuntimeError("the eigenvalues have not converged: there is nothing to compare")
    return result.eigenvalues


def _against_scipy(name: str, problem: Problem, repeats: int) -> Line:
    point, _ = flatten(problem, problem.params)
    spent, exact = [0], jitted_linearize(problem, point)

    def product(vector: np.ndarray) -> np.ndarray:
        spent[0] += 1
        rows = np.asarray(vector, np.float32).reshape(1, -1)
        return np.asarray(apply_hessian(exact, rows, 1)[0])

    operator: Any = LinearOperator  # its stubs know only the class that it makes one of
    hessian = operator((problem.dim,) * 2, matvec=product, dtype=np.float32)
    tolerance: Any = RELATIVE

    def theirs() -> np.ndarray:
        start = np.random.default_rng(0).standard_normal(problem.dim).astype(np.float32)
        return np.sort(eigsh(hessian, TOP, which="LA", tol=tolerance, v0=start, return_eigenvectors=False))

    times = side_by_side(lambda: largest(problem), theirs, repeats)
    spent[0] = 0
    expected, result = theirs(), spectrum(problem, jax.random.key(0), top=TOP, bottom=0, tolerance=RELATIVE)
    error = float(np.max(np.abs(result.eigenvalues - expected) / np.abs(expected)))
    size = f"{result.products} products and {spent[0]}, n = {problem.dim:,}"
    return Line(f"{TOP} largest eigenvalues ÷ eigsh, {name}", size, *times, error)


def _reorthogonalization(name: str, problem: Problem, repeats: int) -> Line:
    """What it costs to keep all vectors orthogonal, beside the products: 48 steps with the Hessian, and the same
    with a diagonal matrix, whose products cost next to nothing."""
    steps = 48
    point, _ = flatten(problem, problem.params)
    hessian = jitted_linearize(problem, point)
    start = lanczos.random_unit_vectors(jax.random.key(0)[None], problem.dim, point.dtype)
    diagonal = jnp.linspace(1, 2, problem.dim)
    free = Hessian(Partial(jnp.multiply, diagonal), diagonal, 1)

    def chain(operator: Hessian) -> Any:
        # A copy, because the basis is donated, and its first vector with it.
        return lanczos.extend(
            operator, lanczos.empty_basis(jnp.array(start), lanczos.INITIAL_ROWS), steps
        ).projected

    repeats = max(repeats, 5)
    _, both, _ = side_by_side(lambda: chain(free), lambda: chain(hessian), repeats)
    single = median(seconds(lambda: chain(free)) for _ in range(repeats))
    size = f"{steps} steps, n = {problem.dim:,}"
    return Line(
        f"products ÷ reorthogonalization, {name}", size, single, both - single, both / single - 1, None, 1.0
    )


def _map_against_cold_runs(name: str, problem: Problem, plane: Plane, repeats: int) -> Line:
    """A cell of the convexity map, warm-started by its neighbour, against a chain from noise at such a cell."""
    (low, high), _ = extent = half_widths(plane)
    spots = [np.array([a, b], np.float32) for a in (low / 2, high / 3) for b in (low, high / 2)]

    def ours() -> Any:
        return convexity_map(problem, plane, extent, key=jax.random.key(1), cells=CELLS)

    def theirs() -> None:
        for number, spot in enumerate(spots):
            point, _ = flatten(problem, plane.point(jnp.asarray(spot)))
            rayleigh_ritz.extreme_ritz_pairs(
                problem,
                point,
                jax.random.key(number),
                top=1,
                bottom=1,
                required_tolerance=lambda values: (RELATIVE_TOLERANCE, True),
                capacity=512,
                report=lambda fraction, partial: None,
            )

    full, some, ratio = side_by_side(ours, theirs, min(repeats, 3))
    cells = CELLS**2
    result = ours()
    size = f"{cells} cells of {result.products / cells:.0f} products"
    per_cell = (full / cells, some / len(spots), ratio * cells / len(spots))
    return Line(f"cold Lanczos run ÷ cell of the convexity map, {name}", size, *per_cell)
