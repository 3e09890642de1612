"""Self-supervised objectives: the targets are parts of the inputs.

Masked-token prediction needs a "bidirectional language model": `forward(params, state, x, causal=False)` reads all
positions, and the token −1 stands for a masked one. Contrastive learning uses any
predictor of images as an encoder and its outputs as an embedding; it does not use labels.

Masks and views are drawn from `key` in single precision, so that they are the same at every point of a surface
and in either precision; each minibatch draws its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Bool, Float, PyTree

from .behavior import Behavior
from .data import Data, Dataset
from .entry import Entry, Fits, Known, Opening, Page
from .language import mean_cross_entropy
from .next_tokens import Tokens, tokens_of

Forward = Callable[..., Float[Array, "N ..."]]
Terms = dict[str, Float[Array, ""]]

EMBEDDING = 8
"""Outputs of an encoder in contrastive learning."""
DRAWN_IMAGES = 60
"""Images whose similarities are drawn."""


def masked_token(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    rate: Annotated[float, Interval(gt=0, le=1), "share of each sequence that is masked, at least one"] = 0.25,
) -> Terms:
    """−(1/M) Σ log softmax(f(x̃)_t)_{x_t} over the M masked positions of x̃, in nats per token.

    ln V at equal logits. All masked tokens are hidden; BERT (Devlin et al. 2019) leaves a tenth of them as they
    are and replaces another tenth at random.
    """
    x = batch["x"]
    masked = masks(key, x.shape, rate)
    logits = forward(params, state, jnp.where(masked, -1, x), causal=False)
    return {"masked-token": mean_cross_entropy(logits, x, masked)}


def masks(key: Any, shape: tuple[int, ...], rate: Any) -> Bool[Array, "N T"]:
    """max(1, rate·T) positions of each sequence, to the nearest whole number, drawn without replacement."""
    places = jax.random.uniform(key, shape, jnp.float32).argsort(axis=1).argsort(axis=1)
    return places < jnp.maximum(1, jnp.round(rate * shape[1]))


def info_nce(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    temperature: Annotated[float, Interval(gt=0, le=10), "τ, temperature of the softmax over similarities"] = 0.5,
    shift: Annotated[float, Interval(ge=0, le=4), "largest shift of a view in pixels, in each direction"] = 1.0,
    noise: Annotated[float, Interval(ge=0, le=1), "standard deviation added to each pixel"] = 0.1,
    contrast: Annotated[float, Interval(ge=0, le=1), "largest relative change of brightness of a view"] = 0.3,
) -> Terms:
    """InfoNCE over two views of each image (NT-Xent, Chen et al. 2020): with z = f/‖f‖ of all 2N views and z⁺ of
    an image's other view, L = (1/2N) Σᵢ −log(exp(zᵢ·zᵢ⁺/τ) / Σ_{k≠i} exp(zᵢ·z_k/τ)).

    The two terms are its two parts: alignment −(1/2N) Σᵢ zᵢ·zᵢ⁺/τ brings the views of an image together,
    uniformity (1/2N) Σᵢ log Σ_{k≠i} exp(zᵢ·z_k/τ) spreads all views apart (Wang & Isola 2020). Their sum is ln(2N
    − 1) where all embeddings are the same. The loss is not a mean over examples: a minibatch has fewer negatives.
    """
    x = batch["x"]
    size = {"shift": shift, "noise": noise, "contrast": contrast}
    both = jnp.concatenate([view(one, x, **size) for one in jax.random.split(key)])
    outputs = forward(params, state, both)
    # ε keeps the gradient finite where an embedding is 0.
    z = outputs / jnp.sqrt(jnp.sum(outputs**2, axis=-1, keepdims=True) + 1e-12)
    tau = jnp.asarray(temperature, z.dtype)
    is_same = jnp.eye(len(z), dtype=bool)
    similarities = jnp.where(is_same, -jnp.inf, z @ z.T / tau)
    partners = jnp.roll(z, len(x), axis=0)
    return {
        "alignment": -jnp.mean(jnp.sum(z * partners, axis=-1)) / tau,
        "uniformity": jnp.mean(jax.nn.logsumexp(similarities, axis=-1)),
    }


def view(
    key: Any, x: Float[Array, "N H W C"], *, shift: Any, noise: Any, contrast: Any
) -> Float[Array, "N H W C"]:
    """Each image moved by up to `shift` pixels each way (linear interpolation, 0 from outside), its pixels times
    1 ± `contrast`, plus normal noise."""
    keys = jax.random.split(key, 3)
    moves = _uniform(keys[0], (2, len(x)), x) * shift
    down, across = (_shift_matrices(size, by) for size, by in zip(x.shape[1:3], moves, strict=True))
    x = jnp.einsum("nih,nhwc,njw->nijc", down, x, across)
    light = 1 + _uniform(keys[1], (len(x), 1, 1, 1), x) * contrast
    return x * light + jax.random.normal(keys[2], x.shape, jnp.float32).astype(x.dtype) * noise


def _uniform(key: Any, shape: tuple[int, ...], like: Array) -> Array:
    return jax.random.uniform(key, shape, jnp.float32, -1, 1).astype(like.dtype)


def _shift_matrices(size: int, by: Float[Array, "N"]) -> Float[Array, "N size size"]:
    """Matrices that shift a row of pixels: output i interpolates linearly at i − by."""
    pixels = jnp.arange(size, dtype=by.dtype)
    read_from = pixels[None, :, None] - by[:, None, None]
    return jnp.maximum(0, 1 - jnp.abs(read_from - pixels[None, None, :]))


def show_masked(
    forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, *, rate: Any, **_: Any
) -> Tokens:
    """The probabilities of masked tokens; see `next_tokens.Tokens`."""
    x = inputs["x"]
    masked = masks(key, x.shape, rate)
    tokens = jnp.where(masked, -1, x)
    return tokens_of(forward(params, state, tokens, causal=False), tokens, x, masked)


def masked_tokens(dataset: Dataset, data: Data, split: str) -> Behavior:
    """The display of a model of masked tokens: the probabilities of the first ones."""
    x = getattr(data, split)["x"]
    return Behavior(show_masked, {"x": x}, {"names": dataset.token_names(data.classes or 0), "prompt": x[0, :0]})


class Similarities(NamedTuple):
    """The cosine between the embeddings of each pair of drawn images."""

    cosine: Float[Array, "P P"]


def show_similarities(
    forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any
) -> Similarities:
    """Cosines between embeddings; see `Similarities`."""
    z = _directions(forward(params, state, inputs["x"]))
    return Similarities(z @ z.T)


def _directions(z: Float[Array, "P E"]) -> Float[Array, "P E"]:
    return z / jnp.sqrt(jnp.sum(z**2, axis=-1, keepdims=True) + 1e-12)


def similarities(dataset: Dataset, data: Data, split: str, *, has_labels: bool = False) -> Behavior | None:
    """The display of an encoder: the similarity of examples, in the order of their labels; None without labels.

    Args:
        has_labels: whether the objective reads them.
    """
    examples = getattr(data, split)
    if data.classes is None:
        return None
    first = np.argsort(examples["y"][:DRAWN_IMAGES], kind="stable")
    drawn = {"labels": examples["y"][first], **({"has_labels": True} if has_labels else {})}
    return Behavior(show_similarities, {"x": examples["x"][first]}, drawn)


class ClassCosines(NamedTuple):
    """The cosine between the output for each drawn image and the axis of each class."""

    cosine: Float[Array, "P C"]


def show_class_cosines(
    forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any
) -> ClassCosines:
    """Cosines with the axes of the output; see `ClassCosines`."""
    return ClassCosines(_directions(forward(params, state, inputs["x"])))


def class_cosines(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    """The display of outputs whose axes are the directions of the classes; None without labels."""
    shown = similarities(dataset, data, split)
    return None if shown is None else replace(shown, show=show_class_cosines)


def _uniform_guess(data: Any, weights: Mapping[str, float], **_: Any) -> dict[str, float]:
    return {"uniform, ln V": weights["masked-token"] * math.log(data.classes)}


def _equal(data: Any, weights: Mapping[str, float], *, temperature: float, **_: Any) -> dict[str, float]:
    """The weighted sum of both terms where all embeddings are the same."""
    log_count = math.log(2 * len(data.train["x"]) - 1)
    alignment, uniformity = weights["alignment"], weights["uniformity"]
    name = "all embeddings equal" + (", ln(2N − 1)" if alignment == uniformity == 1 else "")
    return {name: uniformity * log_count + (uniformity - alignment) / temperature}


OBJECTIVES = {
    "masked-token": Entry(
        "Masked-token cross-entropy",
        masked_token,
        {"masked-token": 1.0},
        Page(
            r"-\frac1M\sum_{(n,t)\,\mathrm{masked}}\log\mathrm{softmax}\bigl(f(\tilde x_n)_t\bigr)_{x_{n,t}}",
            "Devlin et al. 2019, arXiv:1810.04805",
            "The model reads the context on both sides: with fewer masked tokens the loss can fall further.",
            family="Self-supervised",
            value="cross-entropy, nats per token",
        ),
        Fits({"tokens"}, {"tokens"}, {"bidirectional language model"}),
        Opening(
            {
                "data": "text",
                "model": "transformer",
                "optimizers": "adam+momentum",
                "steps": "200",
                # At half this tolerance a grid four times as large shows the same and takes four times as long.
                "tolerance": "0.002",
            }
        ),
        Known(_uniform_guess),
        behavior=masked_tokens,
        stochastic=True,
    ),
    "info-nce": Entry(
        "Contrastive loss (InfoNCE)",
        info_nce,
        {"alignment": 1.0, "uniformity": 1.0},
        Page(
            r"\frac1{2N}\sum_i-\log\frac{\exp(z_i\cdot z_i^+/\tau)}{\sum_{k\ne i}\exp(z_i\cdot z_k/\tau)}",
            "van den Oord et al. 2018, arXiv:1807.03748; Chen et al. 2020, arXiv:2002.05709; Wang & Isola 2020",
            "Alignment alone is minimal where all embeddings coincide; the uniformity term keeps them apart.",
            family="Self-supervised",
        ),
        Fits(inputs={"image"}, outputs=lambda data: EMBEDDING),
        Opening(
            {
                "data": "digits-images",
                "digits-images.examples": "100",
                "model": "mlp",
                "optimizers": "adam+momentum",
                "steps": "150",
            }
        ),
        Known(_equal),
        behavior=similarities,
        stochastic=True,
    ),
}
