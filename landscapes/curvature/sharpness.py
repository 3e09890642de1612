"""Sharpness in the ways the literature measures it, and what a rescaling that changes no function does to each.

All measures are of the loss as it is descended: of −L, where the objective is maximized.
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
from landscapes.curvature.hessian import Progress, descended, flat, images, refuse_game, refuse_nonfinite, telling
from landscapes.curvature.largest_eigenvalue import largest
from landscapes.curvature.symmetries import Units, check_same, rescaled
from landscapes.curvature.trace import trace
from landscapes.curvature.worst_perturbation import worst_perturbation
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.random_directions import filter_normalized

SAMPLES = 32
BUFFER = 64  # samples that one compiled call may take

Kind = Literal["error bar", "standard error", "lower bound"]


class Measure(NamedTuple):
    """A value, and what is known of how far off it is.

    `kind` says what `error` means: the true value lies within it ("error bar"), the estimate has this standard
    deviation ("standard error"), or the true value is no smaller, and `error` is rounding ("lower bound").
    """

    value: float
    error: float
    kind: Kind


@dataclass(frozen=True)
class Definition:
    """A measure's name on a page and its formula. `invariant`: whether no rescaling of layers changes it."""

    title: str
    formula: str
    invariant: bool = False


MEASURES = {
    "largest": Definition("Largest eigenvalue", r"\lambda_{\max}(H)"),
    "trace": Definition("Trace", r"\operatorname{tr}H"),
    "first-order": Definition(
        "SAM, first order", r"L(\theta+\rho\tfrac{\nabla L}{\lVert\nabla L\rVert})-L(\theta)"
    ),
    "ascent": Definition(
        "SAM, by ascent", r"\max_{\lVert\varepsilon\rVert\le\rho}L(\theta+\varepsilon)-L(\theta)"
    ),
    "noise": Definition("Gaussian noise", r"\mathbb{E}\,L(\theta+\sigma\xi)-L(\theta)"),
    "filter": Definition("Filter-normalized curvature", r"\mathbb{E}\,d^{\top}Hd", invariant=True),
}


@dataclass(frozen=True, eq=False)
class Sharpness:
    """Every measure of `MEASURES` at one point, by name.

    Attributes:
        measures: λmax with its error bar; tr H by Hutchinson's estimator, with its standard error; SAM's sharpness
            (Foret et al. 2021, arXiv:2010.01412) at radius ρ, by the first-order step and by projected ascent from
            it and from ±ρ·v of the largest eigenvalue: both are lower bounds of the maximum; the expected rise
            under noise σξ, ξ ~ N(0, I), over antithetic pairs ±ξ, with its standard error; the mean of dᵀHd over
            filter-normalized directions d (Li et al. 2018, arXiv:1712.09913), with its standard error.
        loss: L(θ), in the objective's own sense.
        radius, sigma: ρ and σ, in units of distance in parameter space.
        samples: of each estimate.
        vector: an eigenvector of the largest eigenvalue, flat.
    """

    measures: dict[str, Measure]
    loss: float
    radius: float
    sigma: float
    samples: int
    vector: Float[np.ndarray, "n"]


@dataclass(frozen=True, eq=False)
class Rescaling:
    """The measures of one function at different parameters: a ReLU layer times α, what reads it over α.

    Attributes:
        alphas: increasing, 1 among them.
        found: for each α; None where not yet computed.
    """

    alphas: Float[np.ndarray, "A"]
    found: tuple[Sharpness | None, ...]

    @property
    def here(self) -> Sharpness | None:
        """At α = 1, the parameters as they are."""
        return self.found[int(np.argmin(np.abs(np.log(self.alphas))))]

    def relative(self, name: str) -> tuple[Float[np.ndarray, "A"], Float[np.ndarray, "A"]]:
        """A measure over its value at α = 1, and its error likewise; NaN where not computed. Estimates use the
        same random numbers at every α, so that what moves is not noise."""
        measures = [NOTHING if each is None else each.measures[name] for each in self.found]
        base = (self.here.measures[name] if self.here is not None else NOTHING).value
        with np.errstate(divide="ignore", invalid="ignore"):
            values, errors = np.array([measure[:2] for measure in measures]).T / base
        return values, np.abs(errors)


NOTHING = Measure(np.nan, np.nan, "error bar")


@check_arguments
def sharpness(
    problem: Problem,
    key: Any,
    *,
    radius: float = 0.05,
    sigma: float = 0.01,
    samples: int = SAMPLES,
    start: Any = None,
    progress: Progress | None = None,
) -> Sharpness:
    """Every measure at problem.params.

    Args:
        key: draws the probes, the noise and the directions; with the same key two points see the same numbers.
        radius: ρ of SAM's sharpness.
        sigma: σ of the noise, in every parameter.
        samples: probes, pairs of noise and directions, of each; at least 2.
        start: a vector close to that of the largest eigenvalue, flat, such as that of another α.
        progress: called with (fraction, None) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for a game, a loss that is not finite at the point, a radius or σ that is not positive, or
            fewer than two samples.
    """
    refuse_game(problem)
    key = as_key(key)
    for name, value in (("radius", radius), ("sigma", sigma)):
        if not (value > 0 and np.isfinite(value)):
            raise ValueError(f"{name} = {value} reaches nowhere; give a positive number such as 0.05")
    if start is not None and np.shape(start) != (problem.dim,):
        raise ValueError(f"start is no vector of {problem.dim} numbers; give one or none")
    if samples < 2:
        raise ValueError(f"a standard error needs at least 2 samples, not {samples}")
    tell = telling(progress)

    def within(low: float, high: float) -> Callable[[float], None]:
        return lambda fraction: tell(low + (high - low) * fraction, None)

    with precision(problem.params):
        own = descended(problem)
        point, _ = flat(own, own.params)
        refuse_nonfinite(own, point)
        keys = jax.random.split(key, 4)
        top = largest(own, point, keys[0], start=start, pause=lambda: tell(0.1, None))
        traced = trace(own, keys[1], samples, progress=lambda part, _: tell(0.3 + 0.2 * part, None))
        climb = worst_perturbation(own, point, top.vector, radius, report=within(0.5, 0.7))
        rises = _rises(own, point, keys[2], sigma, samples, within(0.7, 0.85))
        bends = _bends(own, point, keys[3], samples, within(0.85, 1.0))
    rounding = 8 * float(np.finfo(np.asarray(point).dtype).eps) * abs(climb.loss)
    measures = {
        "largest": Measure(top.value, top.error, "error bar"),
        "trace": Measure(traced.value, traced.error, "standard error"),
        "first-order": Measure(climb.first_order, rounding, "lower bound"),
        "ascent": Measure(climb.increase, rounding, "lower bound"),
        "noise": _mean(rises),
        "filter": _mean(bends),
    }
    loss = climb.loss if problem.sense == "minimize" else -climb.loss
    return Sharpness(measures, loss, radius, sigma, samples, frozen(np.asarray(top.vector)))


@check_arguments
def rescaling(
    problem: Problem,
    units: Units,
    key: Any,
    *,
    alphas: Sequence[float] = tuple(2.0 ** np.arange(-3, 4)),
    progress: Progress | None = None,
    **knobs: Any,
) -> Rescaling:
    """Every measure along the rescaling of one group of ReLU units.

    Args:
        units: those that are rescaled.
        alphas: α of each point, positive; 1 is added. Computed from 1 outwards.
        progress: called with (fraction, Rescaling so far) every tenth of a second or sooner; may raise to cancel.
        knobs: of `sharpness`.

    Raises:
        ValueError: if the rescaling changes the loss (a penalty on the weights does, another activation does), and
            as `sharpness` does.
    """
    if not all(alpha > 0 and np.isfinite(alpha) for alpha in alphas):
        raise ValueError("an α is not positive; give finite numbers above 0, such as (0.5, 1, 2)")
    scales = np.unique(np.append(np.asarray(alphas, np.float64), 1.0))
    found: list[Sharpness | None] = [None] * len(scales)
    order = np.argsort(np.abs(np.log(scales)), kind="stable")
    points = [problem.params if alpha == 1 else rescaled(problem.params, units, alpha) for alpha in scales]
    for params in points:
        check_same(problem, params)
    start = None
    so_far = Rescaling(frozen(scales), tuple(found))

    def within(done: int) -> Progress:
        return lambda fraction, _: progress and progress((done + fraction) / len(order), so_far)

    for done, place in enumerate(order):
        there = replace(problem, params=points[place])
        found[place] = each = sharpness(there, key, start=start, progress=within(done), **knobs)
        start = each.vector if start is None else start
        so_far = Rescaling(frozen(scales), tuple(found))
    if progress is not None:
        progress(1.0, so_far)
    return so_far


def _mean(values: np.ndarray) -> Measure:
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    return Measure(float(np.mean(values)), float(error), "standard error")


def _rises(problem, point, key, sigma, samples, report) -> np.ndarray:
    """½[L(θ+σξ) + L(θ−σξ)] − L(θ) for each pair: what noise raises the loss by, without its slope."""
    found, done, count = np.zeros(samples), 0, 1
    scale = np.asarray(sigma, point.dtype)
    while done < samples:
        count = min(count, BUFFER, samples - done)
        began = time.perf_counter()
        rows = _pairs(problem, point, key, scale, np.int32(done), np.int32(count))
        found[done : done + count] = np.asarray(rows, np.float64)[:count]
        done, count = done + count, next_count(count, time.perf_counter() - began)
        report(done / samples)
    return found


@jax.jit
def _pairs(problem: Problem, point: Any, key: Any, sigma: Any, first: Any, count: Any) -> Any:
    _, unravel = ravel_pytree(problem.params)

    def loss(theta):
        return problem.loss(unravel(theta))

    here = loss(point)

    def step(i, rises):
        # Drawn in float32, so that both precisions see the same noise.
        draw = jax.random.normal(jax.random.fold_in(key, first + i), point.shape, jnp.float32)
        offset = sigma * draw.astype(point.dtype)
        return rises.at[i].set((loss(point + offset) - here + (loss(point - offset) - here)) / 2)

    return jax.lax.fori_loop(0, count, step, jnp.zeros(BUFFER, point.dtype))


def _bends(problem, point, key, samples, report) -> np.ndarray:
    """dᵀHd for each filter-normalized direction, each drawn by itself and so independent of the others."""
    rows = []
    for index in range(samples):
        direction = filter_normalized(problem, (), jax.random.fold_in(key, index), 1)
        rows.append(np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(direction)]))
    directions = np.stack(rows)
    found: list[float] = []
    for products in images(problem, point, directions):
        at = len(found)
        found.extend(np.sum(directions[at : at + len(products)] * products, axis=1))
        report(len(found) / samples)
    return np.array(found)
