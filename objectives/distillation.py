"""Distillation: a student is fitted to the softened outputs of a teacher, beside the hard labels.

The teacher is known in closed form, so that its solution can be marked: the classifier by distances to the means
of the classes, t(x)_c = −κ‖x − μ_c‖²/d² with d² the mean of ‖x − μ_y‖². Up to a term that is the same for all
classes it is linear in x, and a softmax regression can be its exact copy. Its means are those of the examples in
the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .softmax import log_softmax
from .supervised import penalties

Forward = Callable[..., Float[Array, "N C"]]
Terms = dict[str, Float[Array, ""]]


def teacher_logits(x: Float[Array, "N ..."], labels: Float[Array, "N C"], confidence: Any) -> Float[Array, "N C"]:
    """The teacher's logits with mean 0 over the classes, from the examples and their one-hot labels."""
    x = x.reshape(len(x), -1)
    means = labels.T @ x / jnp.maximum(labels.sum(axis=0), 1)[:, None]
    spread = jnp.mean(jnp.sum((x - labels @ means) ** 2, axis=-1))
    logits = confidence * (2 * x @ means.T - jnp.sum(means**2, axis=-1)[None]) / spread
    return logits - logits.mean(axis=-1, keepdims=True)


def distillation(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    temperature: Annotated[float, Interval(ge=0.1, le=1e4), "temperature T that divides the logits of both"] = 4.0,
    confidence: Annotated[float, Interval(gt=0, le=100), "κ, factor of the teacher's logits"] = 4.0,
) -> Terms:
    """T²·KL(softmax(t/T) ‖ softmax(s/T)) beside the cross-entropy of the hard labels, means over the examples.

    T² keeps the gradient's size as T grows. It tends to (s̃ − t̃)/C with the logits' means removed: that of
    matching logits, ‖s̃ − t̃‖²/2C (Hinton et al. 2015, section 2.1).
    """
    student = forward(params, state, batch["x"])
    labels = jax.nn.one_hot(batch["y"], student.shape[-1], dtype=student.dtype)
    teacher = teacher_logits(batch["x"].astype(student.dtype), labels, jnp.asarray(confidence, student.dtype))
    scale = jnp.asarray(temperature, student.dtype)
    log_p, log_q = log_softmax(teacher / scale), log_softmax(student / scale)
    divergence = jnp.sum(jnp.exp(log_p) * (log_p - log_q), axis=-1)
    hard = -jnp.sum(labels * log_softmax(student), axis=-1)
    return {"soft": scale**2 * jnp.mean(divergence), "hard": jnp.mean(hard), **penalties(params)}


def teacher_solution(
    params: PyTree, data: Any, weights: Mapping[str, float], *, confidence: float, **_: Any
) -> PyTree | None:
    """The weights of the teacher: the least soft loss, 0, of a softmax regression. None for other models, and with
    hard labels or penalties, which move the optimum."""
    layer = params.get("affine") if isinstance(params, Mapping) else None
    if layer is None or any(weights.get(term, 0) for term in ("hard", "l1", "l2")):
        return None
    x = data.train["x"].reshape(len(data.train["x"]), -1).astype(np.float64)
    labels = np.eye(data.classes)[data.train["y"]]
    if np.shape(layer["kernel"])[1] != data.classes:
        return None
    means = labels.T @ x / np.maximum(labels.sum(axis=0), 1)[:, None]
    factor = confidence / np.mean(np.sum((x - labels @ means) ** 2, axis=-1))
    kernel, bias = 2 * factor * means.T, -factor * np.sum(means**2, axis=-1)
    return {"affine": {"bias": bias - bias.mean(), "kernel": kernel - kernel.mean(axis=1, keepdims=True)}}


OBJECTIVES = {
    "distillation": Entry(
        "Distillation from a teacher",
        distillation,
        {"soft": 1.0, "hard": 0.0, "l1": 0.0, "l2": 0.0},
        Page(
            r"\frac{T^2}{n}\sum_i\mathrm{KL}\bigl(\mathrm{softmax}\tfrac{t(x_i)}T\,\big\|\,"
            r"\mathrm{softmax}\tfrac{s(x_i)}T\bigr)",
            "Hinton et al. 2015, arXiv:1503.02531",
            "The mark is the teacher. The weight of the hard labels pulls the minimum away from it, a high "
            "temperature makes the bowl around it round.",
        ),
        Fits({"classes"}),
        Opening(
            {
                "data": "iris",
                "model": "softmax",
                "optimizers": "adam+momentum",
                "adam.learning_rate": "0.15",
                "momentum.learning_rate": "0.1",
                "steps": "300",
                "scale": "log",
            }
        ),
        Known(optimum=teacher_solution),
    ),
}
