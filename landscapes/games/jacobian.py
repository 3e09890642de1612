"""The Jacobian v′(θ) of a game's field: its complex eigenvalues, which say how the players turn about each other.

A loss has a symmetric Hessian and real eigenvalues; a game has no loss, v′ is not symmetric, and an imaginary part
is rotation (Mescheder et al. 2018, arXiv:1801.04406; Berard et al. 2020, arXiv:1906.04848). Signs are those of the
field that is stepped *against*, θ ← θ − ηv, so that a positive real part attracts.
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
from landscapes.curvature.gradient_jump import around, differing_sides, parameter_scales
from landscapes.curvature.hessian import Progress, flat, telling, widened
from landscapes.curvature.rounding_error import shaken
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

# Up to here the whole matrix is decomposed: 1 s to 2 s at 512 numbers, and eight times as long at twice as many.
DENSE_LIMIT = 512
KRYLOV = 120  # the dimension of the subspace beyond that
BUFFER = 16  # rows that one compiled call may take
RESOLUTION = 1e-2  # an eigenvalue from a subspace is kept if its error is below this share of the largest
SAME_FIELD = 1e-2  # relative difference up to which two precisions are taken to compute the same field
REST = 1e-6  # a field below this is one at rest
# What rounding may do to v′: in units of ε‖v′‖, and times what was seen of it. These held all 600 eigenvalues of
# 100 games from tame to saturated; 8ε‖v′‖ alone missed every sixth, by up to 18 times.
BESIDE, SEEN = 32, 4
# Times what a subspace leaves over: an eigenvalue's condition number there may be less than in the whole space. Of
# 1,700 values of 100 games one was off by twice its residual times that number.
OUTSIDE = 3


@dataclass(frozen=True, eq=False)
class Jacobian:
    """Eigenvalues of v′(θ) at one point. Arrays are read-only NumPy.

    Attributes:
        eigenvalues: by falling modulus; all of them, or the outermost that a Krylov subspace resolves.
        errors: of each: its condition number times `rounding`, to first order, and where it is one of a subspace's
            values times what that leaves over; a (nearly) defective eigenvalue has a large one.
        rounding: by how much rounding may have moved v′, as a norm: 32ε‖v′‖ + 4 times what was seen of it.
        dim: number of parameters.
        field_norm: ‖v(θ)‖; only where it is 0 is this an equilibrium.
        method: "dense" or "Arnoldi".
        matrix: v′ in the order of `jax.flatten_util.ravel_pytree`; None where it was not formed.
        jump: the largest difference between the field's limits from different sides, as a norm; 0 where there is
            none. Where the field jumps, v′ is that of one side, or of none.
        owners: which player's each parameter is, counted in the order in which they move.
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

    @property
    def complete(self) -> bool:
        """Whether all eigenvalues are here."""
        return len(self.eigenvalues) == self.dim

    @property
    def at_rest(self) -> bool:
        """Whether the point is an equilibrium, as far as rounding can tell. None is where the field jumps."""
        return self.field_norm <= REST and self.jump == 0

    @property
    def rotation(self) -> Float[np.ndarray, "k"]:
        """|Im λ| / |λ|: 0 for pure attraction or repulsion, 1 for pure rotation, NaN at λ = 0."""
        with np.errstate(invalid="ignore"):
            return np.abs(np.imag(self.eigenvalues)) / np.abs(self.eigenvalues)


@check_arguments
def jacobian(
    problem: Problem, params: PyTree | None = None, *, key: Any = None, progress: Progress | None = None
) -> Jacobian:
    """Eigenvalues of v′ at `params`, `problem.params` if not given, computed in float64 whatever the precision.

    Up to 512 parameters the whole matrix is decomposed, beyond that a Krylov subspace of 120 dimensions (Arnoldi)
    gives the outermost eigenvalues.

    Args:
        key: of the subspace's first vector.
        progress: called as progress(fraction, None) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for what is no game of separate parameters, or a point where the field is not finite.
    """
    owners = _owners(problem)
    key = as_key(0 if key is None else key)
    with precision(problem.params):
        point, _ = flat(problem, problem.params if params is None else params)
        narrow = np.asarray(_field(problem, point), np.float64)
    wide, epsilon = widened(problem), float(np.finfo(np.float64).eps)
    with jax.enable_x64(True):
        there = jnp.asarray(point, jnp.float64)
        # The field comes with the products, which are compiled anyway.
        field = np.asarray(_products(wide, there, np.zeros((BUFFER, problem.dim)), 0)[0])
    if np.linalg.norm(field - narrow) > SAME_FIELD * max(np.linalg.norm(field), 1e-30) + REST:
        # An objective that draws its randomness in the parameters' own precision is another one in float64.
        wide, there, field, epsilon = problem, point, narrow, float(jnp.finfo(dtype_of(problem.params)).eps)
    if not np.all(np.isfinite(field)):
        raise ValueError("the field is not finite at this point, so it has no Jacobian; choose another point")
    found = _dense if problem.dim <= DENSE_LIMIT else partial(_arnoldi, key)
    eigenvalues, errors, rounding, matrix = found(wide, there, epsilon, telling(progress))
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
        _jump(wide, np.asarray(there), float(bound), resolution),
    )


def _jump(problem: Problem, here: np.ndarray, bound: float, resolution: float) -> float:
    """By how much the field jumps at a flat point, 0 where it does not."""

    def field(x: np.ndarray) -> np.ndarray:
        with jax.enable_x64(here.dtype == np.float64):
            none = np.zeros((BUFFER, len(here)), here.dtype)
            return np.asarray(_products(problem, np.asarray(x, here.dtype), none, 0)[0], np.float64)

    sides = differing_sides(
        field, here, around(parameter_scales(problem.params, here)), bound=bound, resolution=resolution
    )
    return 0.0 if sides is None else sides.widest()[1]


def conditioned(matrix: np.ndarray, perturbation: float) -> tuple[Any, Any, Any]:
    """Eigenvalues, their errors under a perturbation of that norm, and their right eigenvectors.

    The error is κᵢ·‖E‖ with κᵢ = 1/|yᵢᴴxᵢ| to first order, and never more than Elsner's bound
    (‖A‖ + ‖A + E‖)^(1−1/n)·‖E‖^(1/n), which holds where an eigenvalue is defective and κ infinite.
    """
    decomposed: Any = scipy.linalg.eig(matrix, left=True, right=True)
    eigenvalues, left, right = decomposed
    cosine = np.abs(np.sum(left.conj() * right, axis=0))
    n, size = len(matrix), np.linalg.norm(matrix, 2)
    elsner = (2 * size + perturbation) ** (1 - 1 / n) * perturbation ** (1 / n)
    with np.errstate(divide="ignore"):
        return eigenvalues, np.minimum(perturbation / cosine, elsner), right


def _dense(problem: Problem, point: Any, epsilon: float, tell: Progress) -> tuple[Any, Any, float, Any]:
    rows: list[np.ndarray] = []
    for part in _images(problem, point, np.eye(problem.dim)):
        rows.extend(part)
        tell(0.9 * (len(rows) / problem.dim), None)
    matrix = _finite(np.stack(rows, axis=1))
    unit = epsilon * float(np.linalg.norm(matrix, 2))
    rounding = _rounding(problem, point, unit, lambda: tell(0.9, None), matrix)
    eigenvalues, errors, _ = conditioned(matrix, rounding)
    return eigenvalues, errors, rounding, matrix


def _arnoldi(
    key: Any, problem: Problem, point: Any, epsilon: float, tell: Progress
) -> tuple[Any, Any, float, None]:
    """Values of v′ projected on the Krylov subspace of a random vector, orthogonalized twice."""
    seed = np.asarray(jax.random.key_data(key)).ravel()
    start = np.random.default_rng(seed).standard_normal(problem.dim)
    basis = np.zeros((KRYLOV + 1, problem.dim))
    projected = np.zeros((KRYLOV + 1, KRYLOV))
    basis[0] = start / np.linalg.norm(start)
    size = KRYLOV
    for k in range(KRYLOV):
        (image,) = next(_images(problem, point, basis[k : k + 1]))
        image = _finite(image)
        before = np.linalg.norm(image)
        for _ in range(2):
            share = basis[: k + 1] @ image
            image = image - share @ basis[: k + 1]
            projected[: k + 1, k] += share
        projected[k + 1, k] = np.linalg.norm(image)
        tell((k + 1) / KRYLOV, None)
        if projected[k + 1, k] <= 8 * epsilon * max(before, 1e-300):
            size = k + 1  # the subspace is invariant: its values are eigenvalues
            break
        basis[k + 1] = image / projected[k + 1, k]
    matrix = projected[:size, :size]
    rounding = _rounding(problem, point, epsilon * float(np.linalg.norm(matrix, 2)), lambda: tell(1.0, None))
    eigenvalues, errors, vectors = conditioned(matrix, rounding)
    left_over = projected[size, size - 1] * np.abs(vectors[-1])
    errors = errors * (1 + OUTSIDE * left_over / max(rounding, 1e-300))
    keep = errors <= RESOLUTION * np.max(np.abs(eigenvalues))
    return eigenvalues[keep], errors[keep], rounding, None


def _rounding(
    problem: Problem, point: Any, unit: float, pause: Callable[[], None], matrix: np.ndarray | None = None
) -> float:
    """By how much rounding may have moved v′, in the Frobenius norm, `unit` being ε‖v′‖.

    See `rounding.shaken`: a sure discriminator computes 1 − σ from numbers near 1.
    """
    n = problem.dim
    whole = n <= BUFFER
    probes = np.eye(n) if whole else np.random.default_rng(0).choice([-1.0, 1.0], (BUFFER, n))

    def rows_at(there: np.ndarray) -> np.ndarray:
        pause()
        return np.concatenate(list(_images(problem, there, probes)))

    here = np.asarray(point)
    sizes = shaken(rows_at, here, rows_at(here) if matrix is None else probes @ matrix.T, unit)
    return BESIDE * unit + SEEN * float(np.linalg.norm(sizes)) / np.sqrt(1 if whole else BUFFER)


def _images(problem: Problem, point: Any, vectors: np.ndarray) -> Iterator[np.ndarray]:
    """v′u for every row u, in pieces that take a tenth of a second or less, through a buffer of one length."""
    done, count = 0, 1
    while done < len(vectors):
        part = vectors[done : done + min(count, BUFFER)]
        buffer = np.zeros((BUFFER, vectors.shape[1]), point.dtype)
        buffer[: len(part)] = part
        began = time.perf_counter()
        with jax.enable_x64(point.dtype == jnp.float64):  # never across a yield: the caller must not see it
            found = np.asarray(_products(problem, point, buffer, len(part))[1], np.float64)[: len(part)]
        count = next_count(len(part), time.perf_counter() - began)
        done += len(part)
        yield found


@jit_with_fast_compile
def _products(problem: Problem, point: Any, vectors: Any, count: Any) -> Any:
    """v, and v′u for the first `count` rows of vectors["R n"]; zero beyond."""
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
    """Which player's each parameter is, in the order of `ravel_pytree`."""
    players = problem.objective.players
    if players is None:
        raise ValueError("the Jacobian of a single loss's field is its Hessian; ask for the spectrum instead")
    if not isinstance(problem.params, dict):
        raise ValueError("on a plane the players share coordinates; ask for the Jacobian of the whole game")
    parts = {
        name: jax.tree.map(lambda leaf, place=place: np.full(np.shape(leaf), place), problem.params[name])
        for place, name in enumerate(players)
    }
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(parts)])


def _finite(values: np.ndarray) -> np.ndarray:
    if not np.all(np.isfinite(values)):
        raise ValueError("the Jacobian is not finite at this point; choose another point")
    return values
