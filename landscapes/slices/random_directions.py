"""Random directions in parameter space with three normalizations; see `landscapes.directions`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.arguments import check_arguments
from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem
from landscapes.random_key import as_key


@check_arguments
def gaussian(problem: Problem, paths: Sequence[Trajectory], key: Any, count: int) -> PyTree:
    """Directions with independent standard normal entries. They ignore the scale of the weights, so networks that
    compute the same function can look sharp or flat (Dinh et al. 2017, arXiv:1703.04933)."""
    return _map_leaves(problem.params, key, count, lambda name, leaf, noise: noise)


@check_arguments
def layer_normalized(problem: Problem, paths: Sequence[Trajectory], key: Any, count: int) -> PyTree:
    """Gaussian directions whose part in each weight array has that array's Frobenius norm. Arrays of one
    dimension (biases, normalization scales) are held fixed."""

    def scale(name: str, leaf: np.ndarray, noise: np.ndarray) -> np.ndarray:
        if leaf.ndim < 2:
            return np.zeros_like(noise)
        columns = _orthonormal_columns(noise.reshape(len(noise), -1, 1))
        return (columns * np.linalg.norm(leaf)).reshape(noise.shape)

    return _map_leaves(problem.params, key, count, scale)


@check_arguments
def filter_normalized(problem: Problem, paths: Sequence[Trajectory], key: Any, count: int) -> PyTree:
    """Gaussian directions d whose part in each filter has that filter's norm, d_f ← d_f·‖θ_f‖/‖d_f‖
    (Li et al. 2018, arXiv:1712.09913, section 4).

    A filter is the set of weights into one output unit: a slice of a kernel along its last axis in Flax, or along
    the axes in `problem.filter_axes`. One-dimensional arrays are held fixed, and a zero filter stays zero.
    Gram–Schmidt runs within each filter before the scaling, so that the directions are exactly orthogonal with
    exactly the norms of the filters. In a filter of a single weight only the first direction is not zero.
    """
    axes_of = dict(problem.filter_axes)

    def scale(name: str, leaf: np.ndarray, noise: np.ndarray) -> np.ndarray:
        if leaf.ndim < 2:
            return np.zeros_like(noise)
        outputs = [axis % leaf.ndim for axis in axes_of.get(name, (-1,))]
        inputs = [axis for axis in range(leaf.ndim) if axis not in outputs]
        order = inputs + outputs
        width = int(np.prod([leaf.shape[axis] for axis in outputs]))
        columns = noise.transpose(0, *[axis + 1 for axis in order])
        unit = _orthonormal_columns(columns.reshape(len(noise), -1, width))
        norms = np.linalg.norm(leaf.transpose(order).reshape(-1, width), axis=0)
        return (unit * norms).reshape(columns.shape).transpose(0, *[int(a) + 1 for a in np.argsort(order)])

    return _map_leaves(problem.params, key, count, scale)


def check_count(count: int) -> int:
    """The number of directions.

    Raises:
        ValueError: if it is not positive.
    """
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
        raise ValueError(f"count = {count!r} is not valid; give 1 for a line, 2 for a plane or 3 for a volume")
    return count


def _map_leaves(params: PyTree, key: Any, count: int, scale: Callable[..., np.ndarray]) -> PyTree:
    """`scale(name, leaf, noise["count ..."])` for each leaf. Noise is drawn in float32, so that the plane is the
    same in both precisions, and by NumPy, because XLA compiles a generator for every shape. Directions are drawn
    one after the other, so that a line is the first axis of the plane."""
    check_count(count)
    paths, structure = jax.tree_util.tree_flatten_with_path(params)
    generator = np.random.default_rng(np.asarray(jax.random.key_data(as_key(key))).ravel())
    draws = [[generator.standard_normal(np.shape(leaf), np.float32) for _, leaf in paths] for _ in range(count)]
    scaled = []
    for (path, leaf), noise in zip(paths, zip(*draws, strict=True), strict=True):
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        scaled.append(scale(name, np.asarray(leaf, np.float64), np.stack(noise).astype(np.float64)))
    return jax.tree_util.tree_unflatten(structure, scaled)


def _orthonormal_columns(noise: np.ndarray) -> np.ndarray:
    """Gram–Schmidt over axis 0 of ["K n filters"] within each filter; 0 where a vector depends on earlier ones."""
    unit = np.zeros_like(noise)
    for k in range(len(noise)):
        vector = noise[k]
        original_norm = np.linalg.norm(vector, axis=0)
        for _ in range(2):
            for j in range(k):
                vector = vector - unit[j] * np.sum(unit[j] * vector, axis=0)
        norm = np.linalg.norm(vector, axis=0)
        is_independent = norm > 1e-9 * original_norm
        unit[k] = np.where(is_independent, vector / np.where(is_independent, norm, 1.0), 0.0)
    return unit
