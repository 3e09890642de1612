"""Lines, planes and volumes through parameter space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import register_dataclass
from jaxtyping import Array, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.precision import dtype_of, precision, preserve_precision

# Two directions count as collinear below this sine of the angle between them. Rounding of float32 directions with
# a million entries gives about 1e-4.
MIN_SINE = 1e-3
MAX_DIM = 3  # K of a volume


AnyArray = Array | np.ndarray


@partial(register_dataclass, data_fields=["origin", "basis", "scale"], meta_fields=[])
@dataclass(frozen=True, eq=False)
class Plane:
    """θ(c) = θ₀ + Σₖ cₖ·dₖ with orthonormal d: a line for K = 1, a plane for K = 2, a volume for K = 3.

    The basis is orthonormal, so that the picture is an isometry: a distance on it is a distance in parameter
    space.

    Attributes:
        origin: θ₀.
        basis: d, the structure of θ with a leading axis of length K.
        scale: ["K"], the norm of each direction before normalization; the default half-width of a picture along a
            filter-normalized direction.
    """

    origin: PyTree[Float[AnyArray, "..."]]
    basis: PyTree[Float[AnyArray, "K ..."]]
    scale: Float[AnyArray, "K"]

    @property
    def dim(self) -> int:
        """K."""
        return jax.tree.leaves(self.basis)[0].shape[0]

    @check_arguments
    def point(self, coordinates: Float[AnyArray, "K"]) -> PyTree:
        """The parameters at these coordinates."""
        if np.shape(coordinates) != (self.dim,):
            raise ValueError(
                f"a point of this plane has {self.dim} coordinate(s); give an array of as many numbers"
            )
        with preserve_precision(self.origin):
            return jax.tree.map(
                lambda o, d: o + jnp.tensordot(jnp.asarray(coordinates), d, axes=1), self.origin, self.basis
            )

    def components(self, vector: PyTree) -> Float[Array, "K"]:
        """⟨dₖ, v⟩ of a vector with the structure of θ.

        Raises:
            ValueError: for a vector of another structure.
        """
        if not same_space(vector, self.origin):
            raise ValueError("the vector lies in another space than the plane; give a tree of the origin's shapes")
        pairs = zip(jax.tree.leaves(self.basis), jax.tree.leaves(vector), strict=True)
        with preserve_precision(self.origin):
            return jnp.sum(jnp.stack([jnp.tensordot(d, v, axes=np.ndim(v)) for d, v in pairs]), axis=0)

    def project(self, params: PyTree) -> tuple[Float[Array, "K"], Float[Array, ""]]:
        """Coordinates of the nearest point of the plane, and the Euclidean distance to it."""
        check_point(params, self.origin)
        with preserve_precision(self.origin):
            offset = jax.tree.map(jnp.subtract, params, self.origin)
            coordinates = self.components(offset)
            # The norm of the residual; √(‖v‖² − ‖c‖²) loses half of the digits near the plane.
            residual = jax.tree.map(lambda v, d: v - jnp.tensordot(coordinates, d, axes=1), offset, self.basis)
            return coordinates, jnp.sqrt(jnp.sum(jnp.stack([jnp.sum(r**2) for r in jax.tree.leaves(residual)])))

    def extended(self, direction: PyTree) -> Plane:
        """The plane with one more direction, which is made orthonormal to the others; those do not change.

        Raises:
            ValueError: if the direction has another structure, is zero or not finite, or lies in the plane.
        """
        if not same_space(direction, self.origin):
            raise ValueError(
                "the direction lies in another space than the plane; give a tree of the origin's shapes"
            )
        leaves, structure = jax.tree.flatten(self.basis)
        rows = [np.asarray(leaf, np.float64).reshape(self.dim, -1) for leaf in leaves]
        vector = np.concatenate([np.asarray(leaf, np.float64).ravel() for leaf in jax.tree.leaves(direction)])
        length = _lengths(vector[None])[0]
        unit = _at_right_angles(vector / length, np.concatenate(rows, axis=1))
        parts = np.split(unit, np.cumsum([row.shape[1] for row in rows])[:-1])
        basis = [
            np.concatenate([np.asarray(leaf), part.reshape(1, *leaf.shape[1:]).astype(leaf.dtype)])
            for leaf, part in zip(leaves, parts, strict=True)
        ]
        with precision(self.origin):
            return Plane(
                self.origin,
                jax.device_put(jax.tree.unflatten(structure, basis)),
                jax.device_put(np.append(self.scale, length).astype(self.scale.dtype)),
            )


def span(origin: PyTree, directions: PyTree) -> Plane:
    """The line, plane or volume through `origin` along K = 1, 2 or 3 directions, by Gram–Schmidt in float64.

    Args:
        directions: the structure and shapes of the origin, with a leading axis of length K. Each direction is
            normalized before the next is made orthogonal to it, so that their lengths do not matter.

    Raises:
        ValueError: if a direction is zero or not finite, if directions are collinear, or if their structure
            is not that of the origin.
    """
    dtype = dtype_of(origin)
    leaves, structure = jax.tree.flatten(origin)
    if jax.tree.structure(directions) != structure:
        raise ValueError("directions must have the origin's structure, with a leading axis of length 1, 2 or 3")
    try:
        stacked = [np.asarray(d, np.float64) for d in jax.tree.leaves(directions)]
    except (TypeError, ValueError):
        raise ValueError("directions must be arrays of numbers") from None
    counts = {d.shape[:1] for d in stacked}
    fits = all(d.shape[1:] == np.shape(o) for d, o in zip(stacked, leaves, strict=True))
    if len(counts) != 1 or not fits or counts.pop() not in [(k + 1,) for k in range(MAX_DIM)]:
        raise ValueError("directions must have the origin's shapes behind a leading axis of length 1, 2 or 3")
    flat = np.concatenate([d.reshape(d.shape[0], -1) for d in stacked], axis=1)
    lengths = _lengths(flat)
    unit = flat / lengths[:, None]
    for k in range(1, len(unit)):
        unit[k] = _at_right_angles(unit[k], unit[:k])
    with precision(origin):
        sizes = np.cumsum([leaf.size for leaf in map(np.asarray, leaves)])[:-1]
        parts = np.split(unit, sizes, axis=1)
        # In NumPy, because JAX would compile one program for each shape.
        basis = [np.asarray(p.reshape(d.shape), dtype) for p, d in zip(parts, stacked, strict=True)]
        return Plane(
            jax.tree.map(lambda o: jnp.asarray(o, dtype), origin),
            jax.device_put(jax.tree.unflatten(structure, basis)),
            jax.device_put(np.asarray(lengths, dtype)),
        )


def _lengths(vectors: np.ndarray) -> np.ndarray:
    """The norms of the rows.

    Raises:
        ValueError: if one is zero or not finite.
    """
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all(np.isfinite(vectors)) or not np.all(lengths > 0):
        raise ValueError("a direction is zero or not finite; choose another kind of direction or another seed")
    return lengths


def _at_right_angles(vector: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """The unit vector at right angles to the orthonormal rows of `basis` in the span of them and of a unit vector.

    Raises:
        ValueError: if the vector lies in the span of the rows.
    """
    for _ in range(2):  # the second pass removes the rounding of the first
        for row in basis:
            vector = vector - (vector @ row) * row
        if (sine := np.linalg.norm(vector)) < MIN_SINE:
            raise ValueError("directions are collinear; choose another seed or another pair of points")
        vector = vector / sine
    return vector


def same_space(one: PyTree, other: PyTree) -> bool:
    """Whether two trees have the same structure and shapes."""
    shapes = [[np.shape(leaf) for leaf in jax.tree.leaves(tree)] for tree in (one, other)]
    return jax.tree.structure(one) == jax.tree.structure(other) and shapes[0] == shapes[1]


def check_leaves(params: PyTree, like: PyTree) -> None:
    """
    Raises:
        ValueError: for parameters that differ from `like` in the name or the shape of a leaf, which it names.
    """
    if like is None:
        return  # a program that does not read the parameters of its problem is compiled without them
    if difference := _leaf_difference(params, like):
        raise ValueError(f"the parameters {difference}; give a tree of the structure of problem.params")


def _leaf_difference(params: PyTree, like: PyTree) -> str:
    """The first leaf in which two trees differ, as a predicate of `params`; "" if in none."""
    shapes, expected = (
        {
            jax.tree_util.keystr(path, simple=True, separator="/"): np.shape(leaf)
            for path, leaf in jax.tree_util.tree_leaves_with_path(tree)
        }
        for tree in (params, like)
    )
    for name, shape in expected.items():
        leaf = f"leaf {name!r}" if name else "array"
        if name not in shapes:
            return f"hold no {leaf} of shape {shape}"
        if shapes[name] != shape:
            return f"hold the {leaf} in the shape {shapes[name]} and not {shape}"
    more = [name for name in shapes if name not in expected]
    return f"hold a leaf {more[0]!r} that does not belong to the problem" if more else ""


def check_point(params: PyTree, like: PyTree) -> None:
    """
    Raises:
        ValueError: if the parameters do not have the structure and shapes of `like`.
    """
    if not same_space(params, like):
        raise ValueError("the points lie in different spaces; give parameters of one model, in one structure")
    dtype_of(params)


def check_space(plane: Plane, params: PyTree, *, most: int = MAX_DIM) -> None:
    """
    Raises:
        ValueError: if the plane does not run through the space of these parameters, or has more than `most`
            directions.
    """
    if not same_space(plane.origin, params):
        raise ValueError(
            "the plane runs through other parameters than the problem's; span one at problem.params, such as "
            "span(problem.params, directions)"
        )
    if plane.dim > most:
        raise ValueError(
            f"this takes at most {most} directions, and the plane has {plane.dim}; give a plane of fewer"
        )
