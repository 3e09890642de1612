"""Regularized objectives: a loss with a penalty or a perturbation, for better generalization.

L1 and L2 penalties are separate terms (see `objectives.supervised.penalties`), so that a new weight needs no new
computation. Decoupled weight decay, as in AdamW, is not the gradient of any loss; it is a knob of the optimizer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .supervised import Forward, Terms, cross_entropy, penalties, squared_error


def dropout(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    rate: Annotated[float, Interval(ge=0, lt=1), "share p of the hidden units that each mask drops"] = 0.3,
    masks: Annotated[int, Interval(ge=1, le=32), "masks that the loss is averaged over"] = 4,
) -> Terms:
    """The mean over masks m of the cross-entropy with hidden units dropped, h ← m·h/(1 − p) (Srivastava et al.
    2014, JMLR 15). Each example has its own masks, drawn from the key and therefore the same at every point of a
    surface."""

    def under(mask: Array) -> Array:
        def masked(params: PyTree, state: PyTree, x: Array) -> Array:
            share = jnp.asarray(rate, jax.tree.leaves(params)[0].dtype)
            return forward(params, state, x, method="apply_with_dropout", rate=share, key=mask)

        return cross_entropy(masked, params, state, batch, None)["cross-entropy"]

    losses = jnp.stack([under(mask) for mask in jax.random.split(key, masks)])
    return {"dropout": jnp.mean(losses), **penalties(params)}


def sharpness_aware(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    rho: Annotated[float, Interval(gt=0, le=10), "radius ρ of the neighbourhood"] = 0.05,
) -> Terms:
    """L(θ + ρ∇L/‖∇L‖), the first-order maximum of the cross-entropy L over the ball of radius ρ (Foret et al.
    2021, 2010.01412). Its gradient is that of the surface, including the derivative of ∇L; the optimizer `sam`
    omits that part, as the paper does. At ∇L = 0 the value is L."""

    def loss(params: PyTree) -> Array:
        return cross_entropy(forward, params, state, batch, None)["cross-entropy"]

    gradient = jax.grad(loss)(params)
    square = sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(gradient))
    norm = jnp.sqrt(jnp.where(square > 0, square, 1))
    radius = jnp.asarray(rho, norm.dtype) / norm
    perturbed = jax.tree.map(lambda p, g: p + radius * g, params, gradient)
    return {"sharpness-aware": loss(perturbed), "cross-entropy": loss(params), **penalties(params)}


def ridge_optimum(params: PyTree, data: Any, weights: Mapping[str, float]) -> PyTree | None:
    """The minimizer of a linear model's squared error + λ·½‖w‖² (Hoerl & Kennard 1970), by its normal equations
    (2/n XᵀX + λI)w = 2/n Xᵀy in centred x and y; b = ȳ − x̄w. None for other models or with another penalty."""
    layer = params.get("affine") if isinstance(params, Mapping) else None
    if layer is None or weights.get("l1", 0) or not weights.get("squared-error", 0):
        return None
    x = data.train["x"].reshape(len(data.train["x"]), -1).astype(np.float64)
    y = data.train["y"].astype(np.float64)
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    scale = 2 * weights["squared-error"] / len(x)
    matrix = scale * (x - x_mean).T @ (x - x_mean) + weights.get("l2", 0) * np.eye(x.shape[1])
    kernel, *_ = np.linalg.lstsq(matrix, scale * (x - x_mean).T @ (y - y_mean), rcond=None)
    return {"affine": {"bias": y_mean - x_mean @ kernel, "kernel": kernel}}


# The kinks of an L1 penalty lie where a weight is 0. A plane of two weights shows them as straight lines: the
# first weight, whose optimum is 0, and the third (body mass), whose optimum is not.
L1_PLANE = {"directions": "coordinates", "coordinates.first": "1", "coordinates.second": "3", "extent": "4"}
L1_OPTIMIZERS = {"optimizers": "adam+sgd", "adam.learning_rate": "0.02", "sgd.learning_rate": "0.02"}


def _penalized(title: str, l1: float, l2: float, page: Page) -> Entry:
    settings = {"data": "diabetes", "model": "linear", "sgd.learning_rate": "0.05"}
    return Entry(
        title,
        squared_error,
        {"squared-error": 1.0, "l1": l1, "l2": l2},
        replace(page, family="Regularized"),
        Fits({"values"}),
        Opening(settings | L1_OPTIMIZERS, L1_PLANE) if l1 else Opening(settings),
        Known() if l1 else Known(optimum=ridge_optimum),
    )


OBJECTIVES = {
    "ridge": _penalized(
        "Ridge regression",
        0.0,
        0.5,
        Page(
            r"\frac1n\sum_i(f(x_i)-y_i)^2+\frac\lambda2\lVert w\rVert^2",
            "Hoerl & Kennard 1970, Technometrics 12",
            "A strictly convex bowl along the weights: no direction among them has a curvature below λ.",
        ),
    ),
    "lasso": _penalized(
        "Lasso",
        0.2,
        0.0,
        Page(
            r"\frac1n\sum_i(f(x_i)-y_i)^2+\lambda\lVert w\rVert_1",
            "Tibshirani 1996, JRSS B 58",
            "Kinks wherever a weight is 0; the minimum lies on some of them, so these weights are exactly 0.",
        ),
    ),
    "elastic-net": _penalized(
        "Elastic net",
        0.1,
        0.2,
        Page(
            r"\frac1n\sum_i(f(x_i)-y_i)^2+\lambda_1\lVert w\rVert_1+\frac{\lambda_2}2\lVert w\rVert^2",
            "Zou & Hastie 2005, JRSS B 67",
            "The kinks of the lasso and the curvature of ridge regression together.",
        ),
    ),
    "dropout": Entry(
        "Cross-entropy under dropout",
        dropout,
        {"dropout": 1.0, "l1": 0.0, "l2": 0.0},
        Page(
            r"\frac1M\sum_m L\bigl(\theta;\,h\leftarrow m\odot h/(1-p)\bigr)",
            "Srivastava et al. 2014, JMLR 15",
            "Compare with cross-entropy on the same plane: the minimum is higher and the valley narrower.",
            "Regularized",
        ),
        Fits({"classes"}, needs={"predictor with dropout"}),
        stochastic=True,
    ),
    "sharpness-aware": Entry(
        "Sharpness-aware cross-entropy",
        sharpness_aware,
        {"sharpness-aware": 1.0, "cross-entropy": 0.0, "l1": 0.0, "l2": 0.0},
        Page(
            r"L\Bigl(\theta+\rho\frac{\nabla L}{\lVert\nabla L\rVert}\Bigr)",
            "Foret et al. 2021, arXiv:2010.01412",
            "Compare with cross-entropy on the same plane: narrow valleys are raised more than wide ones.",
            "Regularized",
        ),
        Fits({"classes"}),
        # Four times the customary radius, at which the surface could not be told from the one beside it.
        Opening({"optimizers": "sam+sgd+adam", "sharpness-aware.rho": "0.2", "beside": "term:cross-entropy"}),
        coupled=True,
    ),
}
