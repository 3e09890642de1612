"""Measures of sharpness from the literature, and their values under rescalings that keep the function.

All measures are of the loss that is minimized: of −L for an objective that is maximized.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

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
    flatten,
    product_batches,
    progress_reporter,
)
from landscapes.curvature.largest_eigenvalue import largest_eigenvalue
from landscapes.curvature.perturbations import worst_perturbation
from landscapes.curvature.summaries import rescaling_summary, sharpness_summary
from landscapes.curvature.symmetries import Units, check_same_loss, rescale_units
from landscapes.curvature.trace_estimate import trace
from landscapes.display import Display
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.random_directions import filter_normalized

SAMPLES = 32  # probes, pairs of noise and directions, of each
MAX_PAIRS = 64  # of noise in one compiled call

Kind = Literal["error bar", "standard error", "lower bound"]


class Measure(NamedTuple):
    """A value and its error.

    `kind` says what `error` means: a bound on the distance to the true value ("error bar"), the standard deviation
    of the estimate ("standard error"), or the rounding error of a lower bound of the true value ("lower bound").
    """

    value: float
    error: float
    kind: Kind


@dataclass(frozen=True)
class MeasureDefinition:
    """The title of a measure and its formula. `invariant`: whether it is invariant under rescaled layers."""

    title: str
    formula: str
    invariant: bool = False


MEASURES = {
    "largest": MeasureDefinition("Largest eigenvalue", r"\lambda_{\max}(H)"),
    "trace": MeasureDefinition("Trace", r"\operatorname{tr}H"),
    "first-order": MeasureDefinition(
        "SAM, first order", r"L(\theta+\rho\tfrac{\nabla L}{\lVert\nabla L\rVert})-L(\theta)"
    ),
    "ascent": MeasureDefinition(
        "SAM, by ascent", r"\max_{\lVert\varepsilon\rVert\le\rho}L(\theta+\varepsilon)-L(\theta)"
    ),
    "noise": MeasureDefinition("Gaussian noise", r"\mathbb{E}\,L(\theta+\sigma\xi)-L(\theta)"),
    "filter": MeasureDefinition("Filter-normalized curvature", r"\mathbb{E}\,d^{\top}Hd", invariant=True),
}


@dataclass(frozen=True, eq=False, repr=False)
class Sharpness(Display):
    """Every measure of `MEASURES` at one point, by name.

    Attributes:
        measures: λmax with its error bar; tr H by Hutchinson's estimator, with its standard error; SAM's sharpness
            (Foret et al. 2021, arXiv:2010.01412) at radius ρ, by the first-order step and by projected ascent from
            that step and from ±ρ times the first eigenvector, both lower bounds of the maximum; the expected
            increase under noise σξ, ξ ~ N(0, I), over antithetic pairs ±ξ, with its standard error; the mean of
            dᵀHd over filter-normalized directions d (Li et al. 2018, arXiv:1712.09913), with its standard error.
        loss: L(θ), with the sign of the objective.
        radius, sigma: ρ and σ, in units of distance in parameter space.
        samples: the number of samples of each estimate.
        eigenvector: of the largest eigenvalue, flat.
    """

    measures: dict[str, Measure]
    loss: float
    radius: float
    sigma: float
    samples: int
    eigenvector: Float[np.ndarray, "n"]
    summary = property(sharpness_summary)


@dataclass(frozen=True, eq=False, repr=False)
class Rescaling(Display):
    """The measures of one function at different parameters: incoming weights of a ReLU layer times α, outgoing
    weights divided by α.

    Attributes:
        alphas: increasing; includes 1.
        results: one per α; None where not yet computed.
    """

    alphas: Float[np.ndarray, "A"]
    results: tuple[Sharpness | None, ...]
    summary = property(rescaling_summary)

    @property
    def original(self) -> Sharpness | None:
        """The result at α = 1, the parameters that were given."""
        return self.results[int(np.argmin(np.abs(np.log(self.alphas))))]

    def relative(self, name: str) -> tuple[Float[np.ndarray, "A"], Float[np.ndarray, "A"]]:
        """A measure and its error, both divided by the value at α = 1; NaN where not computed. Estimates use the
        same random numbers at every α, so that differences between them are not noise."""
        measures = [NOT_COMPUTED if each is None else each.measures[name] for each in self.results]
        base = (self.original.measures[name] if self.original is not None else NOT_COMPUTED).value
        with np.errstate(divide="ignore", invalid="ignore"):
            values, errors = np.array([measure[:2] for measure in measures]).T / base
        return values, np.abs(errors)


NOT_COMPUTED = Measure(np.nan, np.nan, "error bar")


@check_arguments
def sharpness(
    problem: Problem,
    key: Any = 0,
    *,
    radius: float = 0.05,
    sigma: float = 0.01,
    samples: int = SAMPLES,
    start: Any = None,
    progress: Progress | None = None,
) -> Sharpness:
    """Every measure at problem.params.

    Args:
        key: random key (seed 0 if not given) of the probes, the noise and the directions, the same at every point.
        radius: ρ of SAM's sharpness.
        sigma: σ of the noise, in every parameter.
        samples: number of probes, of pairs of noise, and of directions; at least 2.
        start: a flat vector close to the eigenvector of the largest eigenvalue, such as that of another α.
        progress: called with (fraction, None) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for a game, a loss that is not finite at the point, a radius or σ that is not positive, or
            fewer than two samples.
    """
    check_no_game(problem)
    key = as_key(key)
    for name, value in (("radius", radius), ("sigma", sigma)):
        if not (value > 0 and np.isfinite(value)):
            raise ValueError(f"{name} = {value} reaches nowhere; give a positive number such as 0.05")
    if start is not None and np.shape(start) != (problem.dim,):
        raise ValueError(f"start is no vector of {problem.dim} numbers; give one or none")
    if samples < 2:
        raise ValueError(f"a standard error needs at least 2 samples, not {samples}")
    report = progress_reporter(progress)

    def within(low: float, high: float) -> Callable[[float], None]:
        return lambda fraction: report(low + (high - low) * fraction, None)

    with precision(problem.params):
        minimized = as_minimization(problem)
        point, _ = flatten(minimized, minimized.params)
        check_finite(minimized, point)
        keys = jax.random.split(key, 4)
        top = largest_eigenvalue(minimized, point, keys[0], start=start, pause=lambda: report(0.1, None))
        trace_estimate = trace(
            minimized, keys[1], samples, progress=lambda part, _: report(0.3 + 0.2 * part, None)
        )
        worst = worst_perturbation(minimized, point, top.vector, radius, report=within(0.5, 0.7))
        increases = _noise_increases(minimized, point, keys[2], sigma, samples, within(0.7, 0.85))
        curvatures = _filter_curvatures(minimized, point, keys[3], samples, within(0.85, 1.0))
    rounding = 8 * float(np.finfo(np.asarray(point).dtype).eps) * abs(worst.loss)
    measures = {
        "largest": Measure(top.value, top.error, "error bar"),
        "trace": Measure(trace_estimate.value, trace_estimate.error, "standard error"),
        "first-order": Measure(worst.first_order, rounding, "lower bound"),
        "ascent": Measure(worst.increase, rounding, "lower bound"),
        "noise": _mean_measure(increases),
        "filter": _mean_measure(curvatures),
    }
    loss = worst.loss if problem.sense == "minimize" else -worst.loss
    return Sharpness(measures, loss, radius, sigma, samples, frozen(np.asarray(top.vector)))


@check_arguments
def rescaling(
    problem: Problem,
    units: Units,
    key: Any = 0,
    *,
    alphas: Sequence[float] = tuple(2.0 ** np.arange(-3, 4)),
    progress: Progress | None = None,
    **knobs: Any,
) -> Rescaling:
    """Every measure along the rescaling of one group of ReLU units.

    Args:
        units: the group that is rescaled.
        alphas: positive; 1 is added. They are computed in the order of |log α|.
        progress: called with (fraction, Rescaling so far) every tenth of a second or sooner; may raise to cancel.
        knobs: keyword arguments of `sharpness`.

    Raises:
        ValueError: if the rescaling changes the loss (as with a penalty on the weights or another activation), and
            as `sharpness` does.
    """
    if not all(alpha > 0 and np.isfinite(alpha) for alpha in alphas):
        raise ValueError("an α is not positive; give finite numbers above 0, such as (0.5, 1, 2)")
    scales = np.unique(np.append(np.asarray(alphas, np.float64), 1.0))
    results: list[Sharpness | None] = [None] * len(scales)
    order = np.argsort(np.abs(np.log(scales)), kind="stable")
    points = [problem.params if alpha == 1 else rescale_units(problem.params, units, alpha) for alpha in scales]
    for params in points:
        check_same_loss(problem, params)
    start = None
    partial = Rescaling(frozen(scales), tuple(results))

    def within(done: int) -> Progress:
        return lambda fraction, _: progress and progress((done + fraction) / len(order), partial)

    for done, index in enumerate(order):
        rescaled = replace(problem, params=points[index])
        results[index] = result = sharpness(rescaled, key, start=start, progress=within(done), **knobs)
        start = result.eigenvector if start is None else start
        partial = Rescaling(frozen(scales), tuple(results))
    if progress is not None:
        progress(1.0, partial)
    return partial


def _mean_measure(values: np.ndarray) -> Measure:
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    return Measure(float(np.mean(values)), float(error), "standard error")


def _noise_increases(problem, point, key, sigma, samples, report) -> np.ndarray:
    """½[L(θ+σξ) + L(θ−σξ)] − L(θ) for each pair: the increase under noise, without its first-order part."""
    increases, done, count = np.zeros(samples), 0, 1
    scale = np.asarray(sigma, point.dtype)
    while done < samples:
        count = min(count, MAX_PAIRS, samples - done)
        start_time = time.perf_counter()
        rows = _pairs(problem, point, key, scale, np.int32(done), np.int32(count))
        increases[done : done + count] = np.asarray(rows, np.float64)[:count]
        done, count = done + count, next_count(count, time.perf_counter() - start_time)
        report(done / samples)
    return increases


@jax.jit
def _pairs(problem: Problem, point: Any, key: Any, sigma: Any, first: Any, count: Any) -> Any:
    """The increases of pairs `first` to `first` + `count`, in a buffer."""
    _, unravel = ravel_pytree(problem.params)

    def loss(theta):
        return problem.loss(unravel(theta))

    center = loss(point)

    def step(i, increases):
        # Drawn in float32, so that the noise is the same in both precisions.
        noise = jax.random.normal(jax.random.fold_in(key, first + i), point.shape, jnp.float32)
        offset = sigma * noise.astype(point.dtype)
        return increases.at[i].set((loss(point + offset) - center + (loss(point - offset) - center)) / 2)

    return jax.lax.fori_loop(0, count, step, jnp.zeros(MAX_PAIRS, point.dtype))


def _filter_curvatures(problem, point, key, samples, report) -> np.ndarray:
    """dᵀHd for each filter-normalized direction; the directions are drawn independently."""
    rows = []
    for index in range(samples):
        direction = filter_normalized(problem, (), jax.random.fold_in(key, index), 1)
        rows.append(np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(direction)]))
    directions = np.stack(rows)
    curvatures: list[float] = []
    for products in product_batches(problem, point, directions):
        done = len(curvatures)
        curvatures.extend(np.sum(directions[done : done + len(products)] * products, axis=1))
        report(len(curvatures) / samples)
    return np.array(curvatures)
