"""Embeddings z that tell classes apart, or the views of an example from nothing: all are means over pairs or
triplets of the batch, not over its examples, so that a minibatch is another objective.

Triplet loss and supervised contrastive learning use labels and z/‖z‖. ArcFace takes the directions of the
classes to be the axes of the output: fixed directions lose nothing, since the last layer is free to turn. Barlow
Twins and VICReg use two views of each image and no labels; see `selfsupervised.view`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .selfsupervised import EMBEDDING, class_cosines, similarities, view
from .softmax import log_softmax

Forward = Callable[..., Float[Array, "N E"]]
Terms = dict[str, Float[Array, ""]]
Shift = Annotated[float, Interval(ge=0, le=4), "largest shift of a view in pixels, in each direction"]
Noise = Annotated[float, Interval(ge=0, le=1), "standard deviation added to each pixel"]

NORM_FLOOR = 1e-12  # added to ‖z‖² and to variances, so that gradients are finite where an embedding is 0


def _unit(z: Float[Array, "N E"]) -> Float[Array, "N E"]:
    return z / jnp.sqrt(jnp.sum(z**2, axis=-1, keepdims=True) + NORM_FLOOR)


def _same_class(y: Array) -> tuple[Array, Array]:
    """Whether two examples have one class, and whether they are two of that class, ["N N"]."""
    same = y[:, None] == y[None, :]
    return same, same & ~jnp.eye(len(y), dtype=bool)


def triplet(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    margin: Annotated[float, Interval(ge=0, le=4), "m by which another class must be farther"] = 0.5,
) -> Terms:
    """(1/n)Σ_a max(0, max_p ‖z_a − z_p‖² − min_n ‖z_a − z_n‖² + m), z = f/‖f‖, over the farthest example of an
    anchor's class and the nearest one of another class (Schroff et al. 2015; batch-hard, Hermans et al. 2017). m
    where all embeddings are the same. All triplets would be n³, 3 GB at 500 examples."""
    z = _unit(forward(params, state, batch["x"]))
    squares = 2 - 2 * z @ z.T
    same, positive = _same_class(batch["y"])
    farthest = jnp.max(jnp.where(positive, squares, -jnp.inf), axis=1)
    nearest = jnp.min(jnp.where(same, jnp.inf, squares), axis=1)
    valid = positive.any(axis=1) & ~same.all(axis=1)
    excess = jnp.where(valid, farthest, 0) - jnp.where(valid, nearest, 0) + jnp.asarray(margin, z.dtype)
    count = jnp.maximum(jnp.sum(valid), 1).astype(z.dtype)
    return {"triplet": jnp.sum(jnp.where(valid, jnp.maximum(excess, 0), 0)) / count}


def supervised_contrastive(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    temperature: Annotated[float, Interval(ge=0.05, le=10), "τ, temperature of the similarities"] = 0.5,
) -> Terms:
    """−(1/n)Σᵢ (1/|P(i)|)Σ_{p∈P(i)} log(exp(zᵢ·z_p/τ)/Σ_{k≠i} exp(zᵢ·z_k/τ)), P(i) the others of i's class
    (Khosla et al. 2020), as its two parts; see `selfsupervised.info_nce`. ln(n − 1) where all embeddings are the
    same."""
    z = _unit(forward(params, state, batch["x"]))
    tau = jnp.asarray(temperature, z.dtype)
    similar = z @ z.T / tau
    _, positive = _same_class(batch["y"])
    count = jnp.maximum(positive.sum(axis=1), 1)
    others = jnp.where(jnp.eye(len(z), dtype=bool), -jnp.inf, similar)
    return {
        "alignment": -jnp.mean(jnp.where(positive, similar, 0).sum(axis=1) / count),
        "uniformity": jnp.mean(jax.nn.logsumexp(others, axis=-1)),
    }


def arcface(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    margin: Annotated[
        float, Interval(ge=0, le=1.5), "m, angle added to that of the right class, in radians"
    ] = 0.5,
    scale: Annotated[float, Interval(ge=1, le=64), "s, length of the embedding"] = 8.0,
) -> Terms:
    """Cross-entropy of the logits s·cos(θ_c + m·[c = y]), θ_c the angle between f and the c-th axis (Deng et al.
    2019).

    At its class's axis an example has ln(1 + (C − 1)exp(−s cos m)). m = 0 is the softmax of a normalized output.
    """
    cosine = _unit(forward(params, state, batch["x"]))
    labels = jax.nn.one_hot(batch["y"], cosine.shape[-1], dtype=cosine.dtype)
    angle = jnp.asarray(margin, cosine.dtype)
    sine = jnp.sqrt(jnp.maximum(1 - cosine**2, NORM_FLOOR))
    moved = cosine * jnp.cos(angle) - sine * jnp.sin(angle)
    logits = jnp.asarray(scale, cosine.dtype) * (labels * moved + (1 - labels) * cosine)
    return {"arcface": -jnp.mean(jnp.sum(labels * log_softmax(logits), axis=-1))}


def _views(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any, shift: Any, noise: Any
) -> tuple[Float[Array, "N E"], Float[Array, "N E"]]:
    """The embeddings of two views of each image."""
    x = batch["x"]
    both = jnp.concatenate([view(one, x, shift=shift, noise=noise, contrast=0.3) for one in jax.random.split(key)])
    first, second = jnp.split(forward(params, state, both), 2)
    return first, second


def _off_diagonal(matrix: Float[Array, "E E"]) -> Float[Array, ""]:
    """Σ_{i≠j} m_ij²."""
    return jnp.sum(jnp.where(jnp.eye(len(matrix), dtype=bool), 0, matrix) ** 2)


def barlow_twins(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    shift: Shift = 1.0,
    noise: Noise = 0.1,
) -> Terms:
    """Σ_i(1 − C_ii)² and Σ_{i≠j}C_ij², C the correlation of the outputs of one view with those of the other over
    the batch (Zbontar et al. 2021). An output that is the same for all images has no correlation, 0: invariance
    is then E, its number."""
    normal = []
    for z in _views(forward, params, state, batch, key, shift, noise):
        centred = z - z.mean(axis=0, keepdims=True)
        normal.append(centred / jnp.sqrt(jnp.mean(centred**2, axis=0, keepdims=True) + NORM_FLOOR))
    correlation = normal[0].T @ normal[1] / len(normal[0])
    return {
        "invariance": jnp.sum((1 - jnp.diagonal(correlation)) ** 2),
        "redundancy": _off_diagonal(correlation),
    }


def vicreg(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    deviation: Annotated[float, Interval(gt=0, le=10), "γ, standard deviation asked of every output"] = 1.0,
    shift: Shift = 1.0,
    noise: Noise = 0.1,
) -> Terms:
    """Invariance (1/n)Σ‖zᵢ − zᵢ′‖², variance Σ_views (1/E)Σ_j max(0, γ − √(Var z_j + ε)) with ε = 1e-4, and
    covariance Σ_views (1/E)Σ_{i≠j}Cov(z_i, z_j)² (Bardes et al. 2022). Collapse to one point has variance 2(γ −
    √ε) and 0 otherwise."""
    pair = _views(forward, params, state, batch, key, shift, noise)
    spread, covariance = [], []
    for z in pair:
        centred = z - z.mean(axis=0, keepdims=True)
        matrix = centred.T @ centred / max(len(z) - 1, 1)
        spread.append(jnp.mean(jnp.maximum(deviation - jnp.sqrt(jnp.diagonal(matrix) + 1e-4), 0)))
        covariance.append(_off_diagonal(matrix) / len(matrix))
    return {
        "invariance": jnp.mean(jnp.sum((pair[0] - pair[1]) ** 2, axis=-1)),
        "variance": spread[0] + spread[1],
        "covariance": covariance[0] + covariance[1],
    }


COLLAPSE = "all embeddings equal"


def _collapsed_triplet(data: Any, weights: Mapping[str, float], *, margin: float, **_: Any) -> dict[str, float]:
    return {COLLAPSE: weights["triplet"] * margin}


def _collapsed_contrast(
    data: Any, weights: Mapping[str, float], *, temperature: float, **_: Any
) -> dict[str, float]:
    y = data.train["y"]
    paired = float(np.mean(np.bincount(y)[y] > 1))  # the others have no alignment
    spread = weights["uniformity"] * (math.log(len(y) - 1) + 1 / temperature)
    return {COLLAPSE: spread - weights["alignment"] * paired / temperature}


def _collapsed_twins(data: Any, weights: Mapping[str, float], **_: Any) -> dict[str, float]:
    return {COLLAPSE: weights["invariance"] * EMBEDDING}


def _collapsed_vicreg(data: Any, weights: Mapping[str, float], *, deviation: float, **_: Any) -> dict[str, float]:
    return {COLLAPSE: weights["variance"] * 2 * max(deviation - 0.01, 0)}


def _at_axes(
    data: Any, weights: Mapping[str, float], *, margin: float, scale: float, **_: Any
) -> dict[str, float]:
    others = (data.classes - 1) * math.exp(-scale * math.cos(margin))
    return {"every example at its class's axis": weights["arcface"] * math.log1p(others)}


_IMAGES = {"data": "digits-images", "digits-images.examples": "100", "model": "mlp"}
_FAST = {"optimizers": "adam+momentum", "adam.learning_rate": "0.01", "steps": "150"}


def _entry(title: str, terms: Any, weights: dict[str, float], page: Page, known: Any, **more: Any) -> Entry:
    return Entry(
        title,
        terms,
        weights,
        replace(page, family="Representation"),
        more.get("fits", Fits({"classes"}, outputs=lambda data: EMBEDDING)),
        Opening({**_IMAGES, **_FAST, **more.get("opening", {})}),
        Known(known),
        behavior=more.get("behavior", partial(similarities, has_labels="stochastic" not in more)),  # or views
        stochastic=more.get("stochastic", False),
        coupled=terms is not arcface,
    )


_WITHOUT_LABELS = {"fits": Fits(inputs={"image"}, outputs=lambda data: EMBEDDING), "stochastic": True}

OBJECTIVES = {
    "triplet": _entry(
        "Triplet loss",
        triplet,
        {"triplet": 1.0},
        Page(
            r"\frac1n\sum_a\max\bigl(0,\max_p\lVert z_a-z_p\rVert^2-\min_n\lVert z_a-z_n\rVert^2+m\bigr)",
            "Schroff et al. 2015, arXiv:1503.03832; Hermans et al. 2017, arXiv:1703.07737",
            "Collapse to one point costs the margin, and momentum falls into it; Adam separates the classes.",
        ),
        _collapsed_triplet,
        opening={"digits-images.examples": "60"},
    ),
    "supervised-contrastive": _entry(
        "Supervised contrastive loss",
        supervised_contrastive,
        {"alignment": 1.0, "uniformity": 1.0},
        Page(
            r"-\frac1n\sum_i\frac1{|P(i)|}\sum_{p\in P(i)}\log\frac{\exp(z_i\cdot z_p/\tau)}"
            r"{\sum_{k\ne i}\exp(z_i\cdot z_k/\tau)}",
            "Khosla et al. 2020, arXiv:2004.11362",
            "Classes gather in points of the sphere that lie as far apart as they can.",
        ),
        _collapsed_contrast,
    ),
    "arcface": _entry(
        "ArcFace, an angular margin",
        arcface,
        {"arcface": 1.0},
        Page(
            r"-\frac1n\sum_i\log\frac{e^{s\cos(\theta_{y_i}+m)}}{e^{s\cos(\theta_{y_i}+m)}"
            r"+\sum_{c\ne y_i}e^{s\cos\theta_c}}",
            "Deng et al. 2019, arXiv:1801.07698",
            "Along a ray from the origin the loss is constant: only the direction of an output counts.",
        ),
        _at_axes,
        fits=Fits({"classes"}),
        behavior=class_cosines,
    ),
    "barlow-twins": _entry(
        "Barlow Twins",
        barlow_twins,
        {"invariance": 1.0, "redundancy": 0.05},
        Page(
            r"\sum_i(1-C_{ii})^2+\lambda\sum_{i\ne j}C_{ij}^2",
            "Zbontar et al. 2021, arXiv:2103.03230",
            "Without the redundancy term every output may say the same.",
        ),
        _collapsed_twins,
        **_WITHOUT_LABELS,
    ),
    "vicreg": _entry(
        "VICReg: variance, invariance, covariance",
        vicreg,
        {"invariance": 1.0, "variance": 1.0, "covariance": 0.04},
        Page(
            r"\lambda\,\tfrac1n\sum_i\lVert z_i-z_i'\rVert^2+\mu\,v(Z,Z')+\nu\,c(Z,Z')",
            "Bardes et al. 2022, arXiv:2105.04906",
            "Without the variance term the least invariance is that of one point for all images.",
        ),
        _collapsed_vicreg,
        **_WITHOUT_LABELS,
    ),
}
