"""What a language model predicts: the probabilities of the next token after some contexts, and sampled text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from .behavior import Behavior
from .data import Data, Dataset

Forward = Callable[..., Any]

ROWS = 16  # contexts
SAMPLED = 48  # tokens


class Tokens(NamedTuple):
    """For each row the tokens that the model reads (−1: masked), the position that is predicted from, and the
    probability of each token; how many of all targets are the likeliest token; and sampled tokens."""

    seen: Int[Array, "R T"]
    at: Int[Array, "R"]
    probabilities: Float[Array, "R V"]
    right: Int[Array, ""]
    text: Int[Array, "L"]


def show_tokens(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Tokens:
    """Next-token probabilities and sampled text; see `Tokens`."""
    shown = show_answers(forward, params, state, inputs, key)
    uniform = jax.random.uniform(jax.random.key(0), (SAMPLED,), jnp.float32)

    def sample(window: Array, chance: Array) -> tuple[Array, Array]:
        logits = forward(params, state, window[None])[0, -1]
        reach = jnp.cumsum(jax.nn.softmax(logits))
        token = jnp.minimum(jnp.sum(chance.astype(reach.dtype) >= reach), len(reach) - 1).astype(window.dtype)
        return jnp.append(window[1:], token), token

    return shown._replace(text=jax.lax.scan(sample, inputs["prompt"], uniform)[1])


def show_answers(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Tokens:
    """Next-token probabilities without a sampled text."""
    x, y = inputs["x"], inputs["y"]
    logits = forward(params, state, x)
    return tokens_of(logits, x, y, y >= 0)


def tokens_of(logits: Float[Array, "N T V"], inputs: Array, targets: Array, has_target: Array) -> Tokens:
    """The display of the first rows that have a target."""
    n, t = jnp.nonzero(has_target, size=ROWS, fill_value=0)
    right = jnp.sum(has_target & (jnp.argmax(logits, axis=-1) == targets))
    return Tokens(inputs[n], t, jax.nn.softmax(logits[n, t]), right, jnp.zeros(0, jnp.int32))


def next_tokens(dataset: Dataset, data: Data, split: str) -> Behavior:
    """The display of a language model. Text is sampled where every token has a successor."""
    examples = getattr(data, split)
    x, y = examples["x"], examples["y"]
    n, t = (index[:ROWS] for index in np.nonzero(y >= 0))
    has_text = bool(np.all(y >= 0))
    picture = {
        "names": dataset.token_names(data.classes),
        "truth": y[n, t],
        "targets": int(np.sum(y >= 0)),
        "prompt": x[0] if has_text else x[0, :0],
    }
    return Behavior(show_tokens if has_text else show_answers, {"x": x, "y": y, "prompt": x[0]}, picture)
