"""Detection of points where a derivative jumps, as at the kinks of |x|, ReLU and max. The Hessian decides nothing
there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, PyTree

from landscapes.curvature.hessian import loss_and_gradient, product_batches, value_and_gradient
from landscapes.curvature.one_sided_limits import (
    OneSidedLimits,
    Row,
    Rows,
    differing_limits,
    limits_along,
    limits_around,
)
from landscapes.curvature.probe_directions import (
    SCREENING_PROBES,
    VECTOR_STEPS,
    opposite_offsets,
    parameter_scales,
    probe_offsets,
    probe_points,
    step_size,
)
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.problem import Problem

MIN_CURVATURE_CHANGE = 1e-3  # of Hu: a smaller jump of the second derivative along u is not looked for
MAX_BATCHED_PARAMETERS = 1000  # for gradients in one call; for fewer a call costs more than a gradient
GRADIENT_ROUNDING = 64  # in units of ε(‖∇L‖ + |λ|max·‖x‖), of a difference of gradients
ROUNDING_UNITS = 32  # of L(x+d) + L(x−d) − 2L(x), in units of ε|L|: four evaluations at 8ε each
RELATIVE_STEPS = 2.0 ** -np.arange(26, 7, -3)  # ‖d‖ relative to the parameters, for that difference


class Jump(NamedTuple):
    """A derivative that jumps at a point.

    Attributes:
        kind: whether the gradient jumps, or only the second derivative.
        size: the norm of the largest difference between gradients on different sides, or between products Hu with
            a unit vector u for the second derivative.
        direction: a flat unit vector along which the loss at the point exceeds the mean of the losses on both
            sides beyond rounding (is below it, if maximized), so that it is not convex. None if none was found.
        slopes: the derivative of the loss along `direction` just before and just after the point.
        nearby_curvature: the smaller vᵀHv of two nearby points on different sides (the larger, if maximized), with
            v the eigenvector that decides about convexity; NaN where not computed.
    """

    kind: Literal["gradient", "second derivative"]
    size: float
    direction: Row | None = None
    slopes: tuple[float, float] = (np.nan, np.nan)
    nearby_curvature: float = np.nan


def find_jump(
    problem: Problem,
    point: Row,
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

    Costs five gradients where there is none, nine for parameters in float32, and two for each of `vectors`. A
    jump of the second derivative is looked for along one direction.

    Args:
        problem, point: in float64, where the loss is the same there; see `problem_in_float64`.
        scale: |λ|max.
        resolution: ε of the parameters that were given. 0 where negative curvature at the point is proven: only a
            jump at the point itself matters then, and one beside it, as a large ReLU network has, does not.
        vector: the unit eigenvector that decides about convexity, which `Jump.nearby_curvature` is computed for.
        vectors: unit vectors along which a smaller jump is looked for, such as the extreme eigenvectors v. There
            the gradient changes by Hv per step, and what it changes by beyond that need only exceed rounding.
        products: Hv of each, where they are known.
        gradients: of the loss at `probe_points`, where they are known.
        pause: called between evaluations; may raise to cancel.
    """

    def loss_and_slope(x: Row) -> tuple[float, Row]:
        pause()
        with jax.enable_x64(point.dtype == np.float64):
            loss, gradient = loss_and_gradient(problem, np.asarray(x, point.dtype))
            return float(loss), np.asarray(gradient, np.float64)

    def gradient(x: Row) -> Row:
        return loss_and_slope(x)[1]

    def product(x: Row, v: Row) -> Row:
        pause()
        return next(product_batches(problem, np.asarray(x, point.dtype), v[None]))[0]

    def nearby_curvature(one_sided: OneSidedLimits) -> float:
        """The worse of vᵀHv on both sides."""
        if vector is None:
            return np.nan
        curvatures = [float(product(point + one_sided.step * ray, vector) @ vector) for ray in one_sided.rays[:2]]
        return max(curvatures) if problem.sense == "maximize" else min(curvatures)

    scales, step = parameter_scales(problem.params, point), step_size(point)
    rays, vectors = probe_offsets(scales), np.zeros((0, len(point))) if vectors is None else vectors
    if gradients is None:
        points = probe_points(problem.params, point, resolution, vectors)
        if len(point) <= MAX_BATCHED_PARAMETERS:
            with jax.enable_x64(point.dtype == np.float64):
                gradients = np.asarray(gradients_at(problem, points), np.float64)
        else:
            gradients = np.stack([gradient(x) for x in points])
    pairs, middle = gradients[-1 - 2 * len(vectors) : -1].reshape(-1, 2, len(point)), gradients[-1]
    ray_gradients = gradients[: -1 - 2 * len(vectors)]
    one_sided = differing_limits(
        gradient, point, rays, bound=scale, resolution=resolution, ray_values=ray_gradients
    )
    if one_sided is None and len(vectors):
        if products is None:
            products = np.concatenate(list(product_batches(problem, point, vectors)))
        units = float(np.linalg.norm(middle)) + scale * float(np.linalg.norm(point))
        rounding = GRADIENT_ROUNDING * float(np.finfo(point.dtype).eps) * units
        for ends, image, values in zip(opposite_offsets(scales, vectors), products, pairs, strict=True):
            one_sided = one_sided or limits_along(
                gradient, point, ends, image, values, rounding, VECTOR_STEPS * step
            )
    if one_sided is not None:
        proof = _proof(loss_and_slope, point, one_sided, vector, problem.sense == "maximize")
        return Jump("gradient", one_sided.largest_difference()[1], *proof, nearby_curvature(one_sided))
    second_difference = np.linalg.norm(ray_gradients[0] + ray_gradients[1] - 2 * middle)
    if not second_difference > MIN_CURVATURE_CHANGE * np.linalg.norm(ray_gradients[0] - ray_gradients[1]):
        return None
    unit_ray = rays[0] / np.linalg.norm(rays[0])

    def differ(values: Rows, offsets: Rows) -> bool:
        first, second = values[:2]
        return bool(np.linalg.norm(first - second) > MIN_CURVATURE_CHANGE * np.linalg.norm(first + second) / 2)

    one_sided = limits_around(lambda x: product(x, unit_ray), point, rays[:2], step, differ)
    if one_sided is None:
        return None
    return Jump(
        "second derivative", one_sided.largest_difference()[1], nearby_curvature=nearby_curvature(one_sided)
    )


def map_gradients(problem: Problem, points: Any) -> Any:
    """∇L at flat points, one after the other. For use inside jit."""
    return jax.lax.map(lambda x: value_and_gradient(problem, x)[1], points)


gradients_at = jit_with_fast_compile(map_gradients)


def has_jumps(
    gradients: Callable[[Rows], Rows], points: Rows, bounds: Row, params: PyTree
) -> Bool[np.ndarray, "k"]:
    """Whether the gradient jumps, for each of several points in float64. Where it does there is no Hessian.

    Args:
        gradients: of the loss at the rows of a matrix.
        bounds: |λ|max at each point.
        params: gives the points their structure.
    """
    if not len(points):
        return np.zeros(0, bool)
    rays = np.stack([probe_offsets(parameter_scales(params, point)) for point in points])
    offsets = step_size(points) * rays[:, :SCREENING_PROBES]
    ray_gradients = gradients((points[:, None] + offsets).reshape(-1, points.shape[1])).reshape(offsets.shape)
    one_sided = [
        differing_limits(
            lambda x: gradients(x[None])[0],
            *(point, each),
            bound=float(bound),
            resolution=float(np.finfo(points.dtype).eps),
            ray_values=values,
        )
        for point, each, bound, values in zip(points, rays, bounds, ray_gradients, strict=True)
    ]
    return np.array([sides is not None for sides in one_sided])


def _proof(
    loss_and_slope: Callable[[Row], tuple[float, Row]],
    point: Row,
    one_sided: OneSidedLimits,
    vector: Row | None,
    maximize: bool,
) -> tuple[Row | None, tuple[float, float]]:
    """A direction along which the slope decreases across the point and the loss exceeds the mean of both sides,
    and the slopes (reversed, if maximized); see `Jump`."""
    sign_of_sense = -1 if maximize else 1
    length = float(np.linalg.norm(one_sided.rays[0]))
    pairs = ((0, 1), (2, 4), (3, 5))[: len(one_sided.rays) // 2]
    candidates = [one_sided.largest_difference()[0], *([] if vector is None else [vector])]
    for plus, minus in pairs:
        ray, change = one_sided.rays[plus], one_sided.limits[plus] - one_sided.limits[minus]
        # Where each kink belongs to one parameter: those with concave kinks (convex ones, if maximized).
        candidates += [ray, np.where(sign_of_sense * ray * change < 0, ray, 0)]
    best_direction, least_change = None, 0.0
    for candidate in candidates:
        norm = float(np.linalg.norm(candidate))
        if norm == 0:
            continue
        unit = candidate / norm
        ends = (loss_and_slope(point + sign * one_sided.step * length * unit)[1] @ unit for sign in (1, -1))
        change = sign_of_sense * (next(ends) - next(ends))
        if change < least_change:
            best_direction, least_change = unit, change
    if best_direction is None:
        return None, (np.nan, np.nan)
    middle, epsilon = loss_and_slope(point)[0], float(np.finfo(point.dtype).eps)
    for relative_step in RELATIVE_STEPS:
        (loss_after, gradient_after), (loss_before, gradient_before) = (
            loss_and_slope(point + sign * relative_step * length * best_direction) for sign in (1, -1)
        )
        rounding = ROUNDING_UNITS * epsilon * max(abs(middle), abs(loss_after), abs(loss_before))
        if sign_of_sense * (loss_after + loss_before - 2 * middle) < -rounding:
            return best_direction, (
                float(gradient_before @ best_direction),
                float(gradient_after @ best_direction),
            )
    return None, (np.nan, np.nan)
