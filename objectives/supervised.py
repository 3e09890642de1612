"""Supervised learning: the distance of the outputs f(x) from the targets y, averaged over the examples.

Every objective also returns two penalties of weight 0 over kernels (parameters with two axes or more): l1 = Σ|θ|
and l2 = ½Σθ², whose gradient is θ, so that its weight is the weight decay of textbooks under SGD.

Losses sum over outputs and average over examples. On class labels, squared, absolute and Huber error compare the
raw outputs with the one-hot label.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import jax
import jax.numpy as jnp
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .predictions import rates
from .smoothing import smoothed_entropy
from .softmax import log_softmax

Forward = Callable[..., Float[Array, "N C"]]
Terms = dict[str, Float[Array, ""]]


def cross_entropy(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    label_smoothing: Annotated[float, Interval(ge=0, lt=1), "share ε of each label spread evenly"] = 0.0,
) -> Terms:
    """−(1/n)Σᵢ Σ_c t_ic log softmax(f(xᵢ))_c in nats, with t = (1 − ε)·onehot(y) + ε/C.

    ln C at equal outputs. Its least value is the entropy of t, which is 0 only without smoothing (Szegedy
    et al. 2015, 1512.00567).
    """
    outputs = forward(params, state, batch["x"])
    smoothing = jnp.asarray(label_smoothing, outputs.dtype)
    labels = _one_hot(batch["y"], outputs) * (1 - smoothing) + smoothing / outputs.shape[-1]
    loss = -jnp.mean(jnp.sum(labels * log_softmax(outputs), axis=-1))
    return {"cross-entropy": loss, **penalties(params)}


def squared_error(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """(1/n)Σᵢ ‖f(xᵢ) − yᵢ‖², without a ½: of a linear model its Hessian is (2/n)XᵀX."""
    loss = jnp.mean(jnp.sum(_residuals(forward, params, state, batch) ** 2, -1))
    return {"squared-error": loss, **penalties(params)}


def absolute_error(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """(1/n)Σᵢ ‖f(xᵢ) − yᵢ‖₁. Its second derivatives are those of the model alone: the kinks have none."""
    loss = jnp.mean(jnp.sum(jnp.abs(_residuals(forward, params, state, batch)), -1))
    return {"absolute-error": loss, **penalties(params)}


def huber(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    delta: Annotated[float, Interval(gt=0, le=10), "residual at which the square becomes a line"] = 1.0,
) -> Terms:
    """(1/n)Σᵢ Σ_c h(f(xᵢ)_c − y_ic), h(r) = ½r² for |r| ≤ δ and δ(|r| − ½δ) beyond (Huber 1964)."""
    residuals = _residuals(forward, params, state, batch)
    bend = jnp.asarray(delta, residuals.dtype)
    size = jnp.abs(residuals)
    # ½r² rather than ½min(|r|, δ)², whose second derivative autodiff takes for 0 at r = 0.
    loss = jnp.mean(jnp.where(size <= bend, 0.5 * residuals**2, bend * (size - 0.5 * bend)).sum(-1))
    return {"huber": loss, **penalties(params)}


def hinge(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    margin: Annotated[float, Interval(gt=0, le=10), "lead m that the right class must have"] = 1.0,
) -> Terms:
    """(1/n)Σᵢ max(0, m + max_{c≠yᵢ} f(xᵢ)_c − f(xᵢ)_yᵢ) (Crammer & Singer 2001); m at equal outputs."""
    outputs = forward(params, state, batch["x"])
    labels = _one_hot(batch["y"], outputs)
    # The right class competes without a margin, which is the max with 0.
    rivals = jnp.max(outputs + jnp.asarray(margin, outputs.dtype) * (1 - labels), axis=-1)
    return {"hinge": jnp.mean(rivals - jnp.sum(outputs * labels, axis=-1)), **penalties(params)}


def focal(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    gamma: Annotated[float, Interval(ge=0, le=10), "γ, how strongly right examples are weighed down"] = 2.0,
) -> Terms:
    """−(1/n)Σᵢ (1 − pᵢ)^γ log pᵢ with pᵢ = softmax(f(xᵢ))_yᵢ: cross-entropy for γ = 0 (Lin et al. 2017,
    1708.02002).

    (1 − p)^γ is computed as exp(γ log(1 − p)), with log(1 − p) from the other classes, so that it has no 0⁰ where
    an example is right beyond rounding.
    """
    outputs = forward(params, state, batch["x"])
    labels = _one_hot(batch["y"], outputs) > 0
    log_p = log_softmax(outputs)
    right = jnp.sum(jnp.where(labels, log_p, 0), axis=-1)
    wrong = jax.nn.logsumexp(jnp.where(labels, -jnp.inf, log_p), axis=-1)
    weights = jnp.exp(jnp.asarray(gamma, outputs.dtype) * wrong)
    return {"focal": -jnp.mean(weights * right), **penalties(params)}


def poisson(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """(1/n)Σᵢ (exp f(xᵢ) − yᵢ·f(xᵢ) + log yᵢ!): the negative log-likelihood of counts y, the model's output being
    the logarithm of their rate. Convex in the output."""
    log_rate = forward(params, state, batch["x"])
    y = batch["y"].astype(log_rate.dtype)
    loss = jnp.exp(log_rate) - y * log_rate + jax.scipy.special.gammaln(y + 1)
    return {"poisson": jnp.mean(jnp.sum(loss, axis=-1)), **penalties(params)}


def quantile(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    level: Annotated[float, Interval(gt=0, lt=1), "τ, the share of targets that should lie below"] = 0.9,
) -> Terms:
    """(1/n)Σᵢ max(τr, (τ − 1)r) with r = yᵢ − f(xᵢ): least at the τ-quantile (Koenker & Bassett 1978). Piecewise
    linear in the output, so that its second derivatives are those of the model alone."""
    residuals = -_residuals(forward, params, state, batch)
    tau = jnp.asarray(level, residuals.dtype)
    return {
        "quantile": jnp.mean(jnp.maximum(tau * residuals, (tau - 1) * residuals).sum(-1)),
        **penalties(params),
    }


def error_rate(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """The share of examples whose largest output is not that of their class: what one usually wants to know, and
    nothing to descend, since it is constant between jumps."""
    outputs = forward(params, state, batch["x"])
    return {"error-rate": jnp.mean(jnp.argmax(outputs, axis=-1) != batch["y"], dtype=outputs.dtype)}


def penalties(params: PyTree) -> Terms:
    """{"l1": Σ|θ|, "l2": ½Σθ²} over all parameters with two axes or more: the kernels."""
    leaves = jax.tree.leaves(params)
    zero = jnp.zeros((), leaves[0].dtype)
    kernels = [leaf for leaf in leaves if leaf.ndim >= 2]
    return {
        "l1": sum((jnp.abs(kernel).sum() for kernel in kernels), zero),
        "l2": 0.5 * sum(((kernel**2).sum() for kernel in kernels), zero),
    }


def _one_hot(labels: Array, outputs: Float[Array, "N C"]) -> Float[Array, "N C"]:
    return jax.nn.one_hot(labels, outputs.shape[-1], dtype=outputs.dtype)


def _residuals(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array]) -> Float[Array, "N C"]:
    outputs = forward(params, state, batch["x"])
    y = batch["y"]
    if jnp.issubdtype(y.dtype, jnp.integer):
        return outputs - _one_hot(y, outputs)
    return outputs - y.astype(outputs.dtype)


_PENALTIES = {"l1": 0.0, "l2": 0.0}
_LINE = {"data": "sine", "model": "linear", "adam.learning_rate": "0.05"}

OBJECTIVES = {
    "cross-entropy": Entry(
        "Cross-entropy",
        cross_entropy,
        {"cross-entropy": 1.0, **_PENALTIES},
        Page(
            r"-\frac1n\sum_i\sum_c t_{ic}\log\mathrm{softmax}(f(x_i))_c",
            "Szegedy et al. 2015, arXiv:1512.00567 (label smoothing)",
            "On separable data there is no minimum unless labels are smoothed or weights penalized.",
        ),
        Fits({"classes"}),
        known=Known(smoothed_entropy),
    ),
    "squared-error": Entry(
        "Squared error",
        squared_error,
        {"squared-error": 1.0, **_PENALTIES},
        Page(
            r"\frac1n\sum_i\lVert f(x_i)-y_i\rVert^2",
            "Gauss 1809",
            "Quadratic in the outputs: for a linear model the Hessian is the same everywhere.",
        ),
        opening=Opening(
            # "log", because what the corners cost would flatten everything else.
            {"scale": "log", "momentum.learning_rate": "0.02", "sgd.learning_rate": "0.1"},
            # At those of cross-entropy SGD diverged on iris, breast-cancer and sine; momentum rose sevenfold.
            rates={"sgd": 0.02, "sam": 0.01, "momentum": 0.003, "nesterov": 0.003},
        ),
    ),
    "absolute-error": Entry(
        "Absolute error",
        absolute_error,
        {"absolute-error": 1.0, **_PENALTIES},
        Page(
            r"\frac1n\sum_i\lVert f(x_i)-y_i\rVert_1",
            "Laplace 1774",
            "A kink wherever a residual changes sign; no Hessian shows it.",
        ),
        # Of one-hot targets the median is 0, and a network would learn no more than that.
        opening=Opening(_LINE | {"sine.examples": "10", "optimizers": "adam+sgd", "sgd.learning_rate": "0.05"}),
    ),
    "huber": Entry(
        "Huber error",
        huber,
        {"huber": 1.0, **_PENALTIES},
        Page(
            r"\frac1n\sum_i\sum_c h_\delta(f(x_i)_c-y_{ic})",
            "Huber 1964, Annals of Mathematical Statistics 35",
            "Quadratic for small residuals and linear for large ones.",
        ),
        opening=Opening(
            _LINE | {"huber.delta": "0.3", "sgd.learning_rate": "0.3"},
            # Of a line with two numbers the plane is all there is, and paths that begin on a wall see both.
            place={"extent": "15", "start": "picked", "start_x": "-2.4", "start_y": "1.2"},
        ),
    ),
    "hinge": Entry(
        "Hinge loss",
        hinge,
        {"hinge": 1.0, **_PENALTIES},
        Page(
            r"\frac1n\sum_i\max\bigl(0,\,m+\max_{c\ne y_i}f(x_i)_c-f(x_i)_{y_i}\bigr)",
            "Crammer & Singer 2001, JMLR 2",
            "The loss is 0 and flat where every example is classified with the margin.",
        ),
        Fits({"classes"}),
    ),
    "focal": Entry(
        "Focal loss",
        focal,
        {"focal": 1.0, **_PENALTIES},
        Page(
            r"-\frac1n\sum_i(1-p_i)^\gamma\log p_i,\quad p_i=\mathrm{softmax}(f(x_i))_{y_i}",
            "Lin et al. 2017, arXiv:1708.02002",
            "Compare with cross-entropy: the same valley, flatter where most examples are confidently right.",
        ),
        Fits({"classes"}),
    ),
    "poisson": Entry(
        "Poisson regression",
        poisson,
        {"poisson": 1.0, **_PENALTIES},
        Page(
            r"\frac1n\sum_i e^{f(x_i)}-y_if(x_i)+\log y_i!",
            "Nelder & Wedderburn 1972",
            "Convex for a linear model and exponentially steep on one side, so large learning rates diverge.",
        ),
        Fits({"counts"}),
        Opening(
            {"data": "counts", "model": "linear", "optimizers": "adam+sgd", "sgd.learning_rate": "0.05"},
            rates={"sgd": 0.01, "sam": 0.01, "momentum": 0.001, "nesterov": 0.001},
        ),
        behavior=rates,
    ),
    "quantile": Entry(
        "Quantile regression",
        quantile,
        {"quantile": 1.0, **_PENALTIES},
        Page(
            r"\frac1n\sum_i\max\bigl(\tau r_i,(\tau-1)r_i\bigr),\quad r_i=y_i-f(x_i)",
            "Koenker & Bassett 1978, Econometrica 46",
            "For a linear model a convex polyhedron: flat faces and kinks, which no Hessian shows.",
        ),
        Fits({"values"}),
        Opening({"data": "diabetes", "model": "linear"}),
    ),
    "error-rate": Entry(
        "Error rate",
        error_rate,
        {"error-rate": 1.0},
        Page(
            r"\frac1n\sum_i\bigl[\arg\max_c f(x_i)_c\ne y_i\bigr]",
            "the 0-1 loss",
            "Piecewise constant: its gradient is 0, so another loss has to be trained.",
        ),
        Fits({"classes"}),
        gradient="none",
    ),
}
