"""Points where a derivative jumps, as those of |x|, ReLU and max do at a tie: a Hessian there decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, PyTree

from landscapes.curvature.hessian import loss_and_gradient, product_batches, value_and_gradient
from landscapes.curvature.one_sided_limits import Row, Rows, Sides, differing_sides, limits_around, sides_along
from landscapes.curvature.probe_directions import (
    SCREENED,
    around,
    both_ways,
    parameter_scales,
    probes,
    step_size,
)
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.problem import Problem

CURVATURE_CHANGE = 1e-3  # of Hu: a smaller jump of the second derivative along u is not looked for
BATCHED = 1000  # parameters up to which they are computed in one call: there a call costs more than a gradient
GRADIENT_ROUNDING = 64  # in units of ε(‖∇L‖ + |λ|max·‖x‖), of a difference of gradients
ROUNDING = 32  # of L(x+d) + L(x−d) − 2L(x), in units of ε|L|: four evaluations at 8ε each
REACHES = 2.0 ** -np.arange(26, 7, -3)  # ‖d‖ relative to the parameters, for that difference


class Jump(NamedTuple):
    """A derivative that jumps at a point.

    Attributes:
        kind: whether the gradient jumps, or only the second derivative.
        size: the largest difference between gradients on different sides, as a norm; of the second derivative
            that of Hu, u a unit vector.
        direction: a unit vector, flat, along which the loss at the point lies above the mean of its two sides
            (below, where it is maximized) beyond rounding: proof that it is not convex. None if none was found.
        slopes: the derivative of the loss along it just before the point and just after.
        beside: the smallest vᵀHv on two sides of the point (the largest, where the loss is maximized), v being the
            eigenvector that decides; NaN where not computed.
    """

    kind: Literal["gradient", "second derivative"]
    size: float
    direction: Row | None = None
    slopes: tuple[float, float] = (np.nan, np.nan)
    beside: float = np.nan


def find_jump(
    problem: Problem,
    here: Row,
    *,
    scale: float,
    resolution: float,
    vector: Row | None = None,
    vectors: Rows | None = None,
    products: Rows | None = None,
    gradients: Rows | None = None,
    pause: Callable[[], Any] = lambda: None,
) -> Jump | None:
    """A jump of the gradient or of the second derivative at a flat point, or None where none is seen.

    Costs five gradients where there is none, seven for parameters in float32, and two for each of `vectors`. A
    jump of the second derivative is looked for along one direction.

    Args:
        problem, here: in float64, where the loss is the same there; see `problem_in_float64`.
        scale: |λ|max.
        resolution: ε of the parameters that were given.
        vector: the unit eigenvector that decides about convexity, which `Jump.beside` is computed for.
        vectors: unit vectors along which a smaller jump is looked for, such as the extreme eigenvectors v. There
            the gradient changes by Hv per step, and what it changes by beyond that need only exceed rounding.
        products: Hv of each, where they are known.
        gradients: of the loss at `probes`, where they are known.
        pause: called between evaluations; may raise to cancel.
    """

    def loss_and_slope(x: Row) -> tuple[float, Row]:
        pause()
        with jax.enable_x64(here.dtype == np.float64):
            loss, gradient = loss_and_gradient(problem, np.asarray(x, here.dtype))
            return float(loss), np.asarray(gradient, np.float64)

    def gradient(x: Row) -> Row:
        return loss_and_slope(x)[1]

    def product(x: Row, along: Row) -> Row:
        pause()
        return next(product_batches(problem, np.asarray(x, here.dtype), along[None]))[0]

    def beside(sides: Sides) -> float:
        """The worse of vᵀHv on both sides."""
        if vector is None:
            return np.nan
        ends = [float(product(here + sides.step * ray, vector) @ vector) for ray in sides.rays[:2]]
        return max(ends) if problem.sense == "maximize" else min(ends)

    scales, step = parameter_scales(problem.params, here), step_size(here)
    rays, vectors = around(scales), np.zeros((0, len(here))) if vectors is None else vectors
    if gradients is None:
        points = probes(problem.params, here, resolution, vectors)
        if len(here) <= BATCHED:
            with jax.enable_x64(here.dtype == np.float64):
                gradients = np.asarray(gradients_at(problem, points), np.float64)
        else:
            gradients = np.stack([gradient(x) for x in points])
    pairs, middle = gradients[-1 - 2 * len(vectors) : -1].reshape(-1, 2, len(here)), gradients[-1]
    near = gradients[: -1 - 2 * len(vectors)]
    sides = differing_sides(gradient, here, rays, bound=scale, resolution=resolution, near=near)
    if sides is None and len(vectors):
        if products is None:
            products = np.concatenate(list(product_batches(problem, here, vectors)))
        units = float(np.linalg.norm(middle)) + scale * float(np.linalg.norm(here))
        rounding = GRADIENT_ROUNDING * float(np.finfo(here.dtype).eps) * units
        for ends, image, values in zip(both_ways(scales, vectors), products, pairs, strict=True):
            sides = sides or sides_along(gradient, here, ends, image, values, rounding)
    if sides is not None:
        proof = _proof(loss_and_slope, here, sides, vector, problem.sense == "maximize")
        return Jump("gradient", sides.widest()[1], *proof, beside(sides))
    bend = np.linalg.norm(near[0] + near[1] - 2 * middle)
    if not bend > CURVATURE_CHANGE * np.linalg.norm(near[0] - near[1]):
        return None
    along = rays[0] / np.linalg.norm(rays[0])

    def apart(values: Rows, offsets: Rows) -> bool:
        first, second = values[:2]
        return bool(np.linalg.norm(first - second) > CURVATURE_CHANGE * np.linalg.norm(first + second) / 2)

    sides = limits_around(lambda x: product(x, along), here, rays[:2], step, apart)
    return None if sides is None else Jump("second derivative", sides.widest()[1], beside=beside(sides))


def map_gradients(problem: Problem, points: Any) -> Any:
    """∇L at flat points, one after the other. For use inside jit."""
    return jax.lax.map(lambda x: value_and_gradient(problem, x)[1], points)


gradients_at = jit_with_fast_compile(map_gradients)


def jumping(gradients: Callable[[Rows], Rows], points: Rows, bounds: Row, params: PyTree) -> Bool[np.ndarray, "k"]:
    """At which of several points in float64 the gradient jumps: there is a Hessian on each side and none there.

    Args:
        gradients: of the loss at the rows of a matrix.
        bounds: |λ|max at each point.
        params: gives the points their structure.
    """
    if not len(points):
        return np.zeros(0, bool)
    rays = np.stack([around(parameter_scales(params, point)) for point in points])
    offsets = step_size(points) * rays[:, :SCREENED]
    near = gradients((points[:, None] + offsets).reshape(-1, points.shape[1])).reshape(offsets.shape)
    found = [
        differing_sides(
            lambda x: gradients(x[None])[0],
            *(point, each),
            bound=float(bound),
            resolution=float(np.finfo(points.dtype).eps),
            near=values,
        )
        for point, each, bound, values in zip(points, rays, bounds, near, strict=True)
    ]
    return np.array([sides is not None for sides in found])


def _proof(
    loss_and_slope: Callable[[Row], tuple[float, Row]],
    here: Row,
    sides: Sides,
    vector: Row | None,
    maximize: bool,
) -> tuple[Row | None, tuple[float, float]]:
    """A direction along which the slope falls across the point, the loss agreeing, and the slopes; see `Jump`."""
    wrong = -1 if maximize else 1
    length = float(np.linalg.norm(sides.rays[0]))
    pairs = ((0, 1), (2, 4), (3, 5))[: len(sides.rays) // 2]
    candidates = [sides.widest()[0], *([] if vector is None else [vector])]
    for plus, minus in pairs:
        ray, change = sides.rays[plus], sides.limits[plus] - sides.limits[minus]
        # Of kinks that each belong to a parameter of their own, those that bend the wrong way.
        candidates += [ray, np.where(wrong * ray * change < 0, ray, 0)]
    best, fall = None, 0.0
    for candidate in candidates:
        norm = float(np.linalg.norm(candidate))
        if norm == 0:
            continue
        unit = candidate / norm
        ends = (loss_and_slope(here + sign * sides.step * length * unit)[1] @ unit for sign in (1, -1))
        change = wrong * (next(ends) - next(ends))
        if change < fall:
            best, fall = unit, change
    if best is None:
        return None, (np.nan, np.nan)
    middle, epsilon = loss_and_slope(here)[0], float(np.finfo(here.dtype).eps)
    for reach in REACHES:
        (after, uphill), (before, downhill) = (
            loss_and_slope(here + sign * reach * length * best) for sign in (1, -1)
        )
        rounding = ROUNDING * epsilon * max(abs(middle), abs(after), abs(before))
        if wrong * (after + before - 2 * middle) < -rounding:
            return best, (float(downhill @ best), float(uphill @ best))
    return None, (np.nan, np.nan)
