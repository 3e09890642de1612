"""Scores of the completions of a small language."""

from __future__ import annotations

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from .model import Model, always_fixed


class ScoreTable(nnx.Module):
    """f(y) = scores[y₁, …, y_T]: one free parameter for every completion of T tokens out of V, 0 at the start."""

    def __init__(self, length: int, tokens: int) -> None:
        self.scores = nnx.Param(jnp.zeros((tokens,) * length))

    def __call__(self, x: Float[Array, "N T V"], *, train: bool = False) -> Float[Array, "N 1"]:
        tokens = jnp.argmax(x, axis=-1)
        return self.scores[tuple(tokens.T)][:, None]


def score_table(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """A free score for every completion, see `ScoreTable`. It represents any reward or policy over completions.

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
        has_fixed_start=always_fixed,
    ),
}
