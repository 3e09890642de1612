"""The noise of minibatch gradients: its covariance beside the Hessian, and the batch size at which it matters.

With gᵢ the gradient of example i, G their mean and Σ their covariance, the gradient of a minibatch of B examples
has the covariance Σ/B. The simple noise scale tr Σ/‖G‖² is the batch size at which its noise is as large as the
gradient, and tr(HΣ)/GᵀHG, the critical batch size, is the one at which the best step lowers the loss half as much
as the step along the whole gradient (McCandlish et al. 2018, arXiv:1812.06162, eqs. 2.8 and 2.9).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import (
    Progress,
    as_minimization,
    check_finite,
    check_no_game,
    dense_hessian,
    product_batches,
    progress_reporter,
)
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.display import Display, with_error
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key, numpy_generator

MIN_EXAMPLES = 8
MAX_NUMBERS = 2**25  # of the gradients of all examples: 128 MB in float32
MAX_DENSE = 1000  # parameters up to which the whole Hessian is computed
PROBES = 64  # of tr H and ‖H‖ beyond
CHUNK = 32  # examples in one compiled call
MEAN_TOLERANCE = 1e-3  # relative difference between the gradient and the mean of those of the examples


@dataclass(frozen=True, eq=False, repr=False)
class GradientNoise(Display):
    """The covariance Σ of the gradients of single examples, in the units of the loss.

    Standard errors are those of the jackknife over the examples, which are taken as a sample of all possible ones.

    Attributes:
        sampled: number of examples whose gradients were computed.
        squared_gradient: ‖G‖² without the part tr Σ/n that the sample adds, and its standard error.
        trace: tr Σ and its standard error.
        noise_scale: tr Σ/‖G‖² in examples and its standard error.
        critical_batch_size: tr(HΣ)/GᵀHG in examples and its standard error; NaN where GᵀHG does not exceed twice
            its own.
        hessian_trace: tr H.
        alignment: tr(HΣ)/(‖H‖·‖Σ‖) in Frobenius norms: 1 where Σ is a multiple of H.
        eigenvalues: the largest eigenvalues of the Hessian, descending.
        variances: vᵀΣv along their eigenvectors.
    """

    sampled: int
    squared_gradient: tuple[float, float]
    trace: tuple[float, float]
    noise_scale: tuple[float, float]
    critical_batch_size: tuple[float, float]
    hessian_trace: float
    alignment: float
    eigenvalues: Float[np.ndarray, "k"]
    variances: Float[np.ndarray, "k"]

    @property
    def summary(self) -> str:
        """The noise scale, the critical batch size and tr Σ with their errors."""
        scale, critical, trace = (
            with_error(*each) for each in (self.noise_scale, self.critical_batch_size, self.trace)
        )
        return f"noise scale {scale} examples, critical batch size {critical}, trace of the covariance {trace}"

    @property
    def is_resolved(self) -> bool:
        """Whether ‖G‖² exceeds twice its standard error. Near a minimum it does not, and no noise scale is
        known."""
        value, error = self.squared_gradient
        return value > 2 * error

    @property
    def trace_ratio(self) -> float:
        """tr Σ/tr H, in the units of the loss."""
        return self.trace[0] / self.hessian_trace if self.hessian_trace else float("nan")


@check_arguments
def gradient_noise(
    problem: Problem,
    key: Any = 0,
    *,
    examples: int = 256,
    top: int = 8,
    progress: Progress | None = None,
) -> GradientNoise:
    """The covariance of the gradients of single examples at problem.params, beside the Hessian.

    Args:
        key: draws the examples and the probes.
        examples: gradients computed at most; fewer where memory bounds them.
        top: number of the largest Hessian eigenvalues.

    Raises:
        ValueError: for a game, a loss that is no mean over examples, or fewer than 8 examples.
    """
    check_no_game(problem)
    problem, key, report = as_minimization(problem), as_key(key), progress_reporter(progress)
    leaves = jax.tree.leaves(problem.data)
    counts = {np.shape(leaf)[0] if np.ndim(leaf) else 0 for leaf in leaves}
    if len(counts) != 1 or min(counts) < MIN_EXAMPLES:
        raise ValueError(
            f"the noise of minibatches needs at least {MIN_EXAMPLES} examples along axis 0 of the data"
        )
    (available,) = counts
    count = min(examples, available, max(MIN_EXAMPLES, MAX_NUMBERS // problem.dim))
    chosen = np.sort(numpy_generator(key).permutation(available)[:count])
    with precision(problem.params):
        problem = replace(problem, data=jax.tree.map(lambda leaf: jnp.asarray(leaf)[chosen], problem.data))
        point, _ = ravel_pytree(problem.params)
        check_finite(problem, point)
        rows = _gradients(problem, point, count, lambda share: report(0.5 * share, None))
        _check_mean(problem, point, rows)
        found = spectrum(problem, key, top=min(top, problem.dim), bottom=0, eigenvectors=True)
        vectors = _flat(found.eigenvectors)
        report(0.7, None)
        mean = rows.mean(axis=0)
        centred = rows - mean
        images, hessian_trace, norm = _with_hessian(problem, point, centred, mean, key)
        report(1.0, None)
    curved, trace_of_product, ratio = _moments(rows, images)
    gram = centred @ centred.T / (count - 1)
    order = np.argsort(-found.eigenvalues)
    return GradientNoise(
        count,
        *_moments(rows, rows),
        ratio if curved[0] > 2 * curved[1] else (float("nan"), float("nan")),
        hessian_trace,
        trace_of_product[0] / (norm * float(np.linalg.norm(gram))) if norm and np.any(gram) else float("nan"),
        frozen(np.asarray(found.eigenvalues)[order]),
        frozen(np.sum((centred @ vectors[order].T) ** 2, axis=0) / (count - 1)),
    )


def _flat(tree: Any) -> np.ndarray:
    """Vectors of parameter space with a leading axis as rows."""
    return np.concatenate(
        [np.asarray(leaf, np.float64).reshape(len(leaf), -1) for leaf in jax.tree.leaves(tree)], 1
    )


@jax.jit
def _chunk(problem: Problem, point: Any, indices: Any) -> Any:
    _, unravel = ravel_pytree(problem.params)

    def gradient(index: Any) -> Any:
        data = jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, index, 1), problem.data)
        return jax.grad(lambda theta: replace(problem, data=data).loss(unravel(theta)))(point)

    return jax.lax.map(gradient, indices)


def _gradients(problem: Problem, point: Any, count: int, report: Any) -> np.ndarray:
    """The gradient of every example as a row, in float64."""
    rows = np.empty((count, point.size))
    for start in range(0, count, CHUNK):
        indices = np.minimum(np.arange(start, start + CHUNK), count - 1)
        found = np.asarray(_chunk(problem, point, indices))
        rows[start : start + CHUNK] = found[: count - start]
        report(min(1.0, (start + CHUNK) / count))
    return rows


def _check_mean(problem: Problem, point: Any, rows: np.ndarray) -> None:
    _, unravel = ravel_pytree(problem.params)
    whole = np.asarray(
        jax.jit(lambda problem, theta: jax.grad(lambda t: problem.loss(unravel(t)))(theta))(problem, point)
    )
    scale = np.sqrt(np.mean(np.sum(rows**2, axis=1)))
    if not np.linalg.norm(whole - rows.mean(axis=0)) <= MEAN_TOLERANCE * (scale + np.linalg.norm(whole)):
        raise ValueError(
            "the loss is no mean over single examples, so its minibatches have no covariance of one example; "
            "choose an objective without batch statistics or sums over all examples"
        )


def _moments(
    rows: np.ndarray, images: np.ndarray
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """GᵀMG, tr(MΣ) and the second over the first, each with its standard error by leaving out one example after
    another. `images` are the rows times a symmetric matrix M."""
    n, total = len(rows), rows.sum(axis=0)
    squares, products = np.sum(rows * images, axis=1), images @ total
    whole_square = float(products.sum())

    def estimates(count: Any, sum_of_squares: Any, squared_sum: Any) -> np.ndarray:
        trace = (sum_of_squares - squared_sum / count) / (count - 1)
        gradient = squared_sum / count**2 - trace / count
        return np.stack([gradient, trace, trace / gradient])

    whole = estimates(n, squares.sum(), whole_square)
    without = estimates(n - 1, squares.sum() - squares, whole_square - 2 * products + squares)
    errors = np.sqrt((n - 1) / n * np.sum((without - without.mean(axis=1, keepdims=True)) ** 2, axis=1))
    gradient, trace, ratio = ((float(v), float(e)) for v, e in zip(whole, errors, strict=True))
    return gradient, trace, ratio


def _with_hessian(
    problem: Problem, point: Any, centred: np.ndarray, mean: np.ndarray, key: Any
) -> tuple[np.ndarray, float, float]:
    """The gradient of every example times H, tr H and ‖H‖."""
    if problem.dim <= MAX_DENSE:
        hessian = np.asarray(dense_hessian(problem), np.float64)
        products, along = centred @ hessian, mean @ hessian
        trace, norm = float(np.trace(hessian)), float(np.linalg.norm(hessian))
    else:
        probes = numpy_generator(jax.random.fold_in(key, 1)).choice([-1.0, 1.0], (PROBES, problem.dim))
        vectors = np.concatenate([mean[None], probes, centred])
        found = np.concatenate(list(product_batches(problem, point, vectors)))
        along, of_probes, products = found[0], found[1 : PROBES + 1], found[PROBES + 1 :]
        trace = float(np.mean(np.sum(probes * of_probes, axis=1)))
        norm = float(np.sqrt(np.mean(np.sum(of_probes**2, axis=1))))
    return products + along, trace, norm
