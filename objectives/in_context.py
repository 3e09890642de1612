"""Linear regression in context: the model reads examples of a task and predicts for one more input.

Inputs are of the kind "tasks": x["N n+1 d+1"], n pairs (xᵢ, yᵢ) of one linear function each and a query (x, 0).
The target y["N 1"] is the function's value at the query. Each task has its own w ~ N(0, I/d), x ~ N(0, I) and
yᵢ = w·xᵢ + noise, so that y has variance 1. No parameter of the model knows w: it is inferred from the pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .data import Data, Dataset, Examples
from .entry import Entry, Fits, Known, Opening, Page
from .supervised import Forward, Terms


def linear_tasks(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=2, le=10_000), "training tasks, and as many test tasks"] = 300,
    pairs: Annotated[int, Interval(ge=1, le=64), "pairs of each task, n"] = 12,
    inputs: Annotated[int, Interval(ge=1, le=16), "numbers of an input, d"] = 3,
    noise: Annotated[float, Interval(ge=0, le=2), "standard deviation of each pair's target"] = 0.1,
) -> Data:
    """Pairs of a random linear function and a query, for each task."""

    def part(rng: np.random.Generator) -> Examples:
        x = rng.standard_normal((examples, pairs + 1, inputs))
        w = rng.standard_normal((examples, inputs)) / inputs**0.5
        y = np.einsum("nti,ni->nt", x, w)
        shown = y + noise * rng.standard_normal(y.shape)
        shown[:, -1] = 0
        tokens = np.concatenate([x, shown[..., None]], axis=-1)
        arrays = {"x": tokens.astype(np.float32), "y": y[:, -1:].astype(np.float32)}
        for array in arrays.values():
            array.flags.writeable = False
        return arrays

    train, test = (part(rng) for rng in np.random.default_rng(seed).spawn(2))
    return Data(train, test, None)


def in_context(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """(1/N)Σ (f(pairs, query) − y)², over tasks (Garg et al. 2022, 2208.01066)."""
    residuals = forward(params, state, batch["x"]) - batch["y"].astype(batch["x"].dtype)
    return {"in-context": jnp.mean(jnp.sum(residuals**2, axis=-1))}


def least_squares(tokens: Float[np.ndarray, "N T D"], ridge: float = 1e-6) -> Float[np.ndarray, "N"]:
    """The prediction of ridge regression on each task's own pairs, which no model that reads one task can beat by
    much: with the noise's ridge it is the posterior mean."""
    x, y, query = tokens[:, :-1, :-1].astype(float), tokens[:, :-1, -1].astype(float), tokens[:, -1, :-1]
    gram = np.einsum("nti,ntj->nij", x, x) + ridge * np.eye(x.shape[-1])
    weights = np.linalg.solve(gram, np.einsum("nti,nt->ni", x, y)[..., None])[..., 0]
    return np.sum(weights * query, axis=1)


def _references(data: Data, weights: Mapping[str, float]) -> dict[str, float]:
    """The loss of 0 and that of least squares on each task's pairs."""
    y = data.train["y"][:, 0].astype(float)
    fitted = np.mean((least_squares(data.train["x"]) - y) ** 2)
    weight = weights["in-context"]
    return {"prediction 0": weight * float(np.mean(y**2)), "least squares in context": weight * float(fitted)}


def _optimum(params: PyTree, data: Data, weights: Mapping[str, float]) -> PyTree | None:
    """The best matrix of linear attention, by linear regression on the products (1/n)Σyᵢxᵢ ⊗ x; None for another
    model, and for fewer tasks than its entries."""
    if list(params) != ["attention"]:
        return None
    tokens = data.train["x"].astype(float)
    products = correlations(tokens)
    if len(products) < products.shape[1]:
        return None
    matrix, *_ = np.linalg.lstsq(products, data.train["y"][:, 0].astype(float), rcond=None)
    return {"attention": {"kernel": matrix.reshape(tokens.shape[-1] - 1, -1)}}


def correlations(tokens: Float[np.ndarray, "N T D"]) -> Float[np.ndarray, "N dd"]:
    """(1/n)Σᵢ yᵢxᵢ ⊗ x of each task."""
    gradient = np.einsum("nti,nt->ni", tokens[:, :-1, :-1], tokens[:, :-1, -1]) / (tokens.shape[1] - 1)
    return np.einsum("ni,nj->nij", gradient, tokens[:, -1, :-1]).reshape(len(tokens), -1)


DATASETS = {"linear-tasks": Dataset(linear_tasks, "tasks", "values", "Linear tasks", "generated", unit="tasks")}

OBJECTIVES = {
    "in-context": Entry(
        "In-context linear regression",
        in_context,
        {"in-context": 1.0},
        Page(
            r"\frac1N\sum_k\bigl(f(x_1,y_1,\dots,x_n,y_n;\,x)-w_k\cdot x\bigr)^2",
            "Garg et al. 2022, arXiv:2208.01066; von Oswald et al. 2023, arXiv:2212.07677",
            "Linear attention is a convex bowl whose minimum is one step of gradient descent; a Transformer goes "
            "below it, toward least squares.",
            family="Language",
        ),
        Fits({"values"}, {"tasks"}, outputs=lambda data: 1),
        Opening({"data": "linear-tasks", "model": "linear-attention", "optimizers": "adam+momentum"}),
        Known(_references, _optimum),
    )
}
