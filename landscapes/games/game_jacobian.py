"""The eigenvalues of the Jacobian v′(θ) of a game's field.

A loss has a symmetric Hessian and real eigenvalues. A game has no single loss, v′ is not symmetric, and an
imaginary part is rotation (Mescheder et al. 2018, arXiv:1801.04406; Berard et al. 2020, arXiv:1906.04848). v is
the field that is stepped *against*, θ ← θ − ηv, so that a positive real part attracts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax.flatten_util import ravel_pytree
from jaxtyping import Complex, Float, Int, PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.differentiation import linear_map
from landscapes.curvature.float64 import to_float64
from landscapes.curvature.hessian import Progress, flatten, progress_reporter
from landscapes.curvature.one_sided_limits import differing_limits
from landscapes.curvature.probe_directions import parameter_scales, probe_offsets
from landscapes.curvature.rounding_error import perturbed_products
from landscapes.display import Display
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.pacing import next_count
from landscapes.games.summaries import jacobian_summary
from landscapes.immutable import frozen
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

# Up to this many parameters the whole matrix is decomposed: 1 to 2 s at 512, eight times as long at 1,024.
MAX_DENSE_PARAMETERS = 512
KRYLOV_DIMENSION = 120  # of the subspace for more parameters
MAX_ROWS = 16  # products in one compiled call
RELATIVE_RESOLUTION = 1e-2  # an eigenvalue of a subspace is kept if its error is below this share of the largest
SAME_FIELD_TOLERANCE = 1e-2  # relative difference up to which two precisions compute the same field
EQUILIBRIUM_NORM = 1e-6  # the point is an equilibrium if the norm of the field is below this
# The bound on rounding in v′ is ROUNDING_UNITS·ε‖v′‖ + OBSERVED_FACTOR·(observed rounding error). It held for all
# 600 eigenvalues of 100 games, from tame to saturated; 8ε‖v′‖ alone failed for every sixth, by up to 18 times.
ROUNDING_UNITS, OBSERVED_FACTOR = 32, 4
# Of 1,700 values of 100 games one was off by twice its residual times its condition number in the subspace.
RESIDUAL_FACTOR = 3


@dataclass(frozen=True, eq=False, repr=False)
class Jacobian(Display):
    """Eigenvalues of v′(θ) at one point. Arrays are read-only NumPy.

    Attributes:
        eigenvalues: by falling modulus; all of them, or the outermost that a Krylov subspace resolves.
        errors: error bars: condition number times `rounding`, to first order; for an eigenvalue of a subspace,
            times its residual as well. A (nearly) defective eigenvalue has a large error bar.
        rounding: bound on the norm of the rounding error of v′: 32ε‖v′‖ + 4 times the observed rounding error.
        dim: number of parameters.
        field_norm: ‖v(θ)‖, which is 0 at an equilibrium.
        method: "dense" or "Arnoldi".
        matrix: v′ in the order of `jax.flatten_util.ravel_pytree`; None where it was not formed.
        jump: the norm of the largest difference between limits of the field from different sides; 0 where it is
            continuous. Where the field jumps, v′ belongs to one side, or to none.
        owners: for each parameter the index of its player, in the order in which the players move.
    """

    eigenvalues: Complex[np.ndarray, "k"]
    errors: Float[np.ndarray, "k"]
    rounding: float
    dim: int
    field_norm: float
    method: Literal["dense", "Arnoldi"]
    matrix: Float[np.ndarray, "n n"] | None
    owners: Int[np.ndarray, "n"]
    jump: float = 0.0
    summary = property(jacobian_summary)

    @property
    def is_complete(self) -> bool:
        """Whether `eigenvalues` holds all of them."""
        return len(self.eigenvalues) == self.dim

    @property
    def is_equilibrium(self) -> bool:
        """Whether the point is an equilibrium, to within rounding. A point where the field jumps is none."""
        return self.field_norm <= EQUILIBRIUM_NORM and self.jump == 0

    @property
    def rotation(self) -> Float[np.ndarray, "k"]:
        """|Im λ| / |λ|: 0 for attraction or repulsion alone, 1 for rotation alone, NaN at λ = 0."""
        with np.errstate(invalid="ignore"):
            return np.abs(np.imag(self.eigenvalues)) / np.abs(self.eigenvalues)


@check_arguments
def jacobian(
    problem: Problem, params: PyTree | None = None, *, key: Any = None, progress: Progress | None = None
) -> Jacobian:
    """Eigenvalues of v′ at `params`, by default `problem.params`, computed in float64 in either precision.

    Up to 512 parameters the whole matrix is decomposed. For more, a Krylov subspace of 120 dimensions (Arnoldi)
    gives the outermost eigenvalues.

    Args:
        key: random key of the subspace's first vector.
        progress: called as progress(fraction, None) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for a problem that is no game of separate parameters, or a point where the field is not finite.
    """
    owners = _owners(problem)
    key = as_key(0 if key is None else key)
    with precision(problem.params):
        point, _ = flatten(problem, problem.params if params is None else params)
        narrow_field = np.asarray(_field(problem, point), np.float64)
    wide, epsilon = to_float64(problem), float(np.finfo(np.float64).eps)
    with jax.enable_x64(True):
        wide_point = jnp.asarray(point, jnp.float64)
        # The program of the products, which is needed anyway, also returns the field.
        field = np.asarray(_products(wide, wide_point, np.zeros((MAX_ROWS, problem.dim)), 0)[0])
    tolerance = SAME_FIELD_TOLERANCE * max(float(np.linalg.norm(field)), 1e-30) + EQUILIBRIUM_NORM
    if np.linalg.norm(field - narrow_field) > tolerance:
        # An objective that draws random numbers in the precision of its parameters is another one in float64.
        epsilon = float(jnp.finfo(dtype_of(problem.params)).eps)
        wide, wide_point, field = problem, point, narrow_field
    if not np.all(np.isfinite(field)):
        raise ValueError("the field is not finite at this point, so it has no Jacobian; choose another point")
    compute = _dense if problem.dim <= MAX_DENSE_PARAMETERS else partial(_arnoldi, key)
    eigenvalues, errors, rounding, matrix = compute(wide, wide_point, epsilon, progress_reporter(progress))
    bound = np.max(np.abs(eigenvalues), initial=0.0) if matrix is None else np.linalg.norm(matrix, 2)
    resolution = float(jnp.finfo(dtype_of(problem.params)).eps)
    order = np.argsort(-np.abs(eigenvalues), kind="stable")
    return Jacobian(
        frozen(eigenvalues[order]),
        frozen(errors[order]),
        rounding,
        problem.dim,
        float(np.linalg.norm(field)),
        "dense" if matrix is not None else "Arnoldi",
        None if matrix is None else frozen(matrix),
        frozen(owners),
        _jump(wide, np.asarray(wide_point), float(bound), resolution),
    )


def _jump(problem: Problem, point: np.ndarray, bound: float, resolution: float) -> float:
    """The norm of the field's largest jump at a flat point; 0 where it is continuous."""

    def field(x: np.ndarray) -> np.ndarray:
        with jax.enable_x64(point.dtype == np.float64):
            vectors = np.zeros((MAX_ROWS, len(point)), point.dtype)
            return np.asarray(_products(problem, np.asarray(x, point.dtype), vectors, 0)[0], np.float64)

    sides = differing_limits(
        field, point, probe_offsets(parameter_scales(problem.params, point)), bound=bound, resolution=resolution
    )
    return 0.0 if sides is None else sides.largest_difference()[1]


def perturbed_eigenvalues(matrix: np.ndarray, perturbation: float) -> tuple[Any, Any, Any]:
    """Eigenvalues, their errors under a perturbation E of this norm, and their right eigenvectors.

    The error is κᵢ·‖E‖ with κᵢ = 1/|yᵢᴴxᵢ|, to first order, but at most Elsner's bound
    (‖A‖ + ‖A + E‖)^(1−1/n)·‖E‖^(1/n), which also holds for a defective eigenvalue, where κ is infinite.
    """
    decomposed: Any = scipy.linalg.eig(matrix, left=True, right=True)
    eigenvalues, left, right = decomposed
    cosine = np.abs(np.sum(left.conj() * right, axis=0))
    n, size = len(matrix), np.linalg.norm(matrix, 2)
    elsner = (2 * size + perturbation) ** (1 - 1 / n) * perturbation ** (1 / n)
    with np.errstate(divide="ignore"):
        return eigenvalues, np.minimum(perturbation / cosine, elsner), right


def _dense(problem: Problem, point: Any, epsilon: float, report: Progress) -> tuple[Any, Any, float, Any]:
    rows: list[np.ndarray] = []
    for part in _images(problem, point, np.eye(problem.dim)):
        rows.extend(part)
        report(0.9 * (len(rows) / problem.dim), None)
    matrix = _finite(np.stack(rows, axis=1))
    unit = epsilon * float(np.linalg.norm(matrix, 2))
    rounding = _rounding(problem, point, unit, lambda: report(0.9, None), matrix)
    eigenvalues, errors, _ = perturbed_eigenvalues(matrix, rounding)
    return eigenvalues, errors, rounding, matrix


def _arnoldi(
    key: Any, problem: Problem, point: Any, epsilon: float, report: Progress
) -> tuple[Any, Any, float, None]:
    """Eigenvalues of v′ projected on the Krylov subspace of a random vector, orthogonalized twice."""
    seed = np.asarray(jax.random.key_data(key)).ravel()
    start = np.random.default_rng(seed).standard_normal(problem.dim)
    basis = np.zeros((KRYLOV_DIMENSION + 1, problem.dim))
    projected = np.zeros((KRYLOV_DIMENSION + 1, KRYLOV_DIMENSION))
    basis[0] = start / np.linalg.norm(start)
    size = KRYLOV_DIMENSION
    for k in range(KRYLOV_DIMENSION):
        (image,) = next(_images(problem, point, basis[k : k + 1]))
        image = _finite(image)
        image_norm = np.linalg.norm(image)
        for _ in range(2):
            components = basis[: k + 1] @ image
            image = image - components @ basis[: k + 1]
            projected[: k + 1, k] += components
        projected[k + 1, k] = np.linalg.norm(image)
        report((k + 1) / KRYLOV_DIMENSION, None)
        if projected[k + 1, k] <= 8 * epsilon * max(image_norm, 1e-300):
            size = k + 1  # the subspace is invariant
            break
        basis[k + 1] = image / projected[k + 1, k]
    matrix = projected[:size, :size]
    rounding = _rounding(problem, point, epsilon * float(np.linalg.norm(matrix, 2)), lambda: report(1.0, None))
    eigenvalues, errors, vectors = perturbed_eigenvalues(matrix, rounding)
    residuals = projected[size, size - 1] * np.abs(vectors[-1])
    errors = errors * (1 + RESIDUAL_FACTOR * residuals / max(rounding, 1e-300))
    keep = errors <= RELATIVE_RESOLUTION * np.max(np.abs(eigenvalues))
    return eigenvalues[keep], errors[keep], rounding, None


def _rounding(
    problem: Problem, point: Any, unit: float, pause: Callable[[], None], matrix: np.ndarray | None = None
) -> float:
    """Bound on the rounding error of v′ in the Frobenius norm, with `unit` = ε‖v′‖.

    See `rounding_error.perturbed_products`: a saturated discriminator computes 1 − σ from numbers near 1.
    """
    n = problem.dim
    is_exact = n <= MAX_ROWS
    probes = np.eye(n) if is_exact else np.random.default_rng(0).choice([-1.0, 1.0], (MAX_ROWS, n))

    def images_at(x: np.ndarray) -> np.ndarray:
        pause()
        return np.concatenate(list(_images(problem, x, probes)))

    x = np.asarray(point)
    sizes = perturbed_products(images_at, x, images_at(x) if matrix is None else probes @ matrix.T, unit)
    return ROUNDING_UNITS * unit + OBSERVED_FACTOR * float(np.linalg.norm(sizes)) / np.sqrt(
        1 if is_exact else MAX_ROWS
    )


def _images(problem: Problem, point: Any, vectors: np.ndarray) -> Iterator[np.ndarray]:
    """v′u for every row u, in compiled calls of at most a tenth of a second with a buffer of fixed length."""
    done, count = 0, 1
    while done < len(vectors):
        part = vectors[done : done + min(count, MAX_ROWS)]
        buffer = np.zeros((MAX_ROWS, vectors.shape[1]), point.dtype)
        buffer[: len(part)] = part
        start_time = time.perf_counter()
        with jax.enable_x64(point.dtype == jnp.float64):  # not across a yield: the caller must not get it
            images = np.asarray(_products(problem, point, buffer, len(part))[1], np.float64)[: len(part)]
        count = next_count(len(part), time.perf_counter() - start_time)
        done += len(part)
        yield images


@jit_with_fast_compile
def _products(problem: Problem, point: Any, vectors: Any, count: Any) -> Any:
    """v, and v′u for the first `count` rows of vectors["R n"]; the other rows are 0."""
    with jax.default_matmul_precision("highest"):
        field, product = linear_map(partial(_field_at, problem), point)

    def step(index, out):
        with jax.default_matmul_precision("highest"):
            return out.at[index].set(product(vectors[index]))

    return field, jax.lax.fori_loop(0, count, step, jnp.zeros_like(vectors))


@jit_with_fast_compile
def _field(problem: Problem, point: Any) -> Any:
    return _field_at(problem, point)


def _field_at(problem: Problem, point: Any) -> Any:
    """v at a flat point."""
    return ravel_pytree(problem.field(ravel_pytree(problem.params)[1](point)))[0]


def _owners(problem: Problem) -> np.ndarray:
    """The index of each parameter's player, in the order of `ravel_pytree`."""
    if (players := problem.objective.players) is None:
        raise ValueError("the Jacobian of a single loss's field is its Hessian; ask for the spectrum instead")
    if not isinstance(problem.params, dict):
        raise ValueError("on a plane the players share coordinates; ask for the Jacobian of the whole game")
    parts = {
        name: jax.tree.map(lambda leaf, index=index: np.full(np.shape(leaf), index), problem.params[name])
        for index, name in enumerate(players)
    }
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(parts)])


def _finite(values: np.ndarray) -> np.ndarray:
    if not np.all(np.isfinite(values)):
        raise ValueError("the Jacobian is not finite at this point; choose another point")
    return values
