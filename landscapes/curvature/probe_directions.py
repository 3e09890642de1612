"""Random directions of the parameters' size, and the points along them at which gradients are compared."""

from __future__ import annotations

from functools import lru_cache

import jax
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.immutable import frozen

Row = Float[np.ndarray, "n"]
Rows = Float[np.ndarray, "k n"]

# A step is ε to this power of the parameters' size: 1e-9 in float64, less than the distance of 60,000 activations
# from zero.
STEP_EXPONENT = 30 / 52
# Units in the last place of parameters in float32: a kink this close is at them, as far as float32 can say. Of
# 1,234 ties of sums of 2 to 40 products, some moved by up to 2 units, 12 were missed; in 3,000 cases without a tie
# no jump was seen.
NEARBY_ULPS = 16
NEARBY_RAYS = [0, 1, 2, 4]  # two opposite pairs, because one may run along a kink
SCREENING_PROBES = 4  # points that are compared first
VECTOR_STEPS = 8  # along a vector whose product with the Hessian is known: rounding weighs less over a longer step


def probe_points(params: PyTree, point: Row, resolution: float, vectors: Rows) -> Rows:
    """Where the gradient is compared first: a step along each of four rays, for parameters in float32 one of
    their resolution along two pairs of opposite rays, a step to both sides along each of these unit vectors, and
    the point itself."""
    scales = parameter_scales(params, point)
    rays, step, near = probe_offsets(scales), step_size(point), NEARBY_ULPS * resolution
    nearby = near * rays[NEARBY_RAYS] if near > step else rays[:0]
    pairs = VECTOR_STEPS * step * opposite_offsets(scales, vectors).reshape(-1, len(point))
    offsets = np.concatenate([step * rays[:SCREENING_PROBES], nearby, pairs, np.zeros_like(rays[:1])])
    return np.asarray(point + offsets, point.dtype)


def step_size(point: Row) -> float:
    """The length of a step in units of the parameters' size, for the dtype of the point."""
    return float(np.finfo(point.dtype).eps ** STEP_EXPONENT)


def parameter_scales(params: PyTree, point: Row) -> Row:
    """The size of each parameter: |xᵢ|, at least the root mean square of its array, or of all where that is 0."""
    sizes = np.abs(np.asarray(point, np.float64))
    overall_rms = float(np.sqrt(np.mean(sizes**2))) or 1.0
    counts = np.array([count for leaf in jax.tree.leaves(params) if (count := np.size(leaf))])
    means = np.sqrt(np.add.reduceat(sizes**2, np.cumsum(counts) - counts) / counts)
    return np.maximum(sizes, np.repeat(np.where(means > 0, means, overall_rms), counts))


def opposite_offsets(scales: Row, vectors: Rows) -> Float[np.ndarray, "k 2 n"]:
    """The two offsets ±v·‖scales∘v‖ of each unit vector v. Their length is the size of the parameters along v."""
    rays = np.linalg.norm(scales * vectors, axis=1, keepdims=True) * vectors
    return np.stack([rays, -rays], axis=1)


def probe_offsets(scales: Row) -> Rows:
    """Offsets of this size: two opposite ones, two others, and the opposites of those."""
    first, second, third = scales * _normal(len(scales))
    return np.stack([first, -first, second, third, -second, -third])


@lru_cache(maxsize=4)
def _normal(count: int) -> Rows:
    """Three rows of normal numbers, the same every time."""
    return frozen(np.random.default_rng(0).standard_normal((3, count)))
