"""Scores of the completions of a small language, one of which each is."""

from __future__ import annotations

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from models.model import Model, fixed_start


class ScoreTable(nnx.Module):
    """f(y) = scores[y₁, …, y_T]: a free number for every completion of T tokens out of V, 0 at first."""

    def __init__(self, length: int, tokens: int) -> None:
        self.scores = nnx.Param(jnp.zeros((tokens,) * length))

    def __call__(self, x: Float[Array, "N T V"], *, train: bool = False) -> Float[Array, "N 1"]:
        places = jnp.argmax(x, axis=-1)
        return self.scores[tuple(places.T)][:, None]


def score_table(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """A free score for every completion, see `ScoreTable`: what any reward or policy over them can be.

    Raises:
        ValueError: for more than one output.
    """
    if outputs != 1:
        raise ValueError(f"a table gives one score, not {outputs}; choose mlp")
    return ScoreTable(*input_shape)


MODELS = {
    "score-table": Model(
        score_table,
        frozenset({"completions"}),
        frozenset({"preferences"}),
        "Score table (one score per completion)",
        same_start=fixed_start,
    ),
}
