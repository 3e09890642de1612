"""What random probes say of a whole spectrum: its density and its trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from landscapes import lanczos
from landscapes.devices import copied, device_mesh
from landscapes.hessian import Progress, flat, frozen, images, linearized, refuse_game, refuse_nonfinite, telling
from landscapes.problem import Problem, precision
from landscapes.random_key import as_key

if TYPE_CHECKING:
    from landscapes.spectrum import Spectrum

STEPS = 80  # Gauss nodes per probe
GROUP = 4  # probes whose products are batched, on each device


def density(spectrum: Spectrum, grid: Float[np.ndarray, "g"], width: float) -> Float[np.ndarray, "R g"]:
    """The spectral density on a grid, one row per probe: Σᵢ wᵢ·N(λ; nodeᵢ, width²).

    Each row integrates to one; their mean is the estimate, their spread its uncertainty.

    Raises:
        ValueError: if the spectrum was computed without a density, or the width is not positive.
    """
    if spectrum.nodes.shape[1] == 0:
        raise ValueError("this spectrum has no density; compute it with density=8 probes or more")
    if not width > 0:
        raise ValueError(f"the kernel width must be positive, not {width}")
    offset = (np.asarray(grid, np.float64)[None, :, None] - spectrum.nodes[:, None, :]) / width
    kernel = np.exp(-(offset**2) / 2) / (width * np.sqrt(2 * np.pi))
    return frozen(np.einsum("rgm,rm->rg", kernel, spectrum.weights))


def quadrature(
    problem: Problem, point: Any, key: Any, probes: int, report: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Stochastic Lanczos quadrature (Golub & Meurant 2010; Ghorbani et al. 2019): nodes and weights ["R m"].

    A probe's weights are the squared *first components* of its projected matrix' eigenvectors. A chain that
    breaks down has found the exact measure of its probe; its row goes on with nodes of weight zero.
    """
    n = point.size
    count, mesh = min(STEPS, n), device_mesh()
    pace, hessian = lanczos.Pace(), copied(linearized(problem, point))
    nodes, weights = np.zeros((probes, count)), np.zeros((probes, count))
    group = GROUP * (mesh.size if mesh is not None else 1)
    for first in range(0, probes, group):
        # Always a whole group, so that the number of probes is never a shape of the program.
        keys = jax.vmap(jax.random.fold_in, in_axes=(None, 0))(key, jnp.arange(first, first + group))
        basis = lanczos.empty(lanczos.random_unit(keys, n, point.dtype), count)
        size, before = 0, -1
        while before < size < count:
            basis = pace.extend(hessian, basis, count, mesh)
            before, size = size, int(basis.size)
            report((first + group * size / count) / (probes + group))
        for row, matrix in enumerate(np.asarray(basis.projected)[: probes - first, :size, :size], first):
            found = lanczos.ritz(matrix, {})
            nodes[row, :size], weights[row, :size] = found.values, found.coefficients[0] ** 2
    return nodes, weights


class Trace(NamedTuple):
    """An estimate of tr H and its standard error."""

    value: float
    error: float
    probes: int


def trace(
    problem: Problem,
    key: Any,
    probes: int = 32,
    *,
    params: PyTree | None = None,
    progress: Progress | None = None,
) -> Trace:
    """tr H by Hutchinson's estimator: the mean of zᵀHz over Rademacher vectors z, with its standard error.

    Exact for a diagonal Hessian; otherwise one probe has variance 2·Σ_{i≠j} H²ᵢⱼ.

    Raises:
        ValueError: for a game, a point where the loss is not finite, or fewer than two probes.
    """
    refuse_game(problem)
    if probes < 2:
        raise ValueError(f"a standard error needs at least 2 probes, not {probes}")
    tell = telling(progress)
    with precision(problem.params):
        point, _ = flat(problem, problem.params if params is None else params)
        refuse_nonfinite(problem, point)
        signs = np.asarray(jax.random.rademacher(as_key(key), (probes, problem.dim), jnp.float32), np.float64)
        values: list[float] = []
        for rows in images(problem, point, signs):
            at = len(values)
            values.extend(np.sum(signs[at : at + len(rows)] * rows, axis=1))
            tell(len(values) / probes, None)
    return Trace(float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(probes)), probes)
