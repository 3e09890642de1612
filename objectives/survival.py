"""Survival: the hazard of an event from times that are partly censored.

Kind "survival": x["N F"], `time["N"]`, which differ, `event["N"]` (0 where censored) and the true log hazard ratio
`truth["N"]`.
"""

from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .behavior import Behavior
from .data import Data, Dataset
from .entry import Entry, Fits, Opening, Page
from .predictions import MAX_DRAWN_EXAMPLES, Predictions, drawn_range

Terms = dict[str, Float[Array, ""]]
COEFFICIENTS = (1.0, -0.7, 0.0)  # of the true log hazard ratio


def patients(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=10, le=1000), "number of patients"] = 150,
    censoring: Annotated[float, Interval(ge=0, le=5), "rate at which patients leave before the event"] = 0.5,
) -> Data:
    """Three normal features; exponential times of event with hazard exp(x·w), w = (1, −0.7, 0), and of leaving
    with a constant rate. The earlier one is observed."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((examples, len(COEFFICIENTS)))
    truth = x @ np.array(COEFFICIENTS)
    of_event, of_leaving = (rng.exponential(size=examples) for _ in range(2))
    of_event = of_event / np.exp(truth)
    of_leaving = of_leaving / censoring if censoring else np.full(examples, np.inf)
    arrays = {
        "event": (of_event <= of_leaving).astype(np.float32),
        "time": np.minimum(of_event, of_leaving).astype(np.float32),
        "truth": truth.astype(np.float32),
        "x": x.astype(np.float32),
    }
    arrays["event"][np.argmin(arrays["time"])] = 1  # one event at least
    for array in arrays.values():
        array.flags.writeable = False
    return Data(arrays, arrays, None)


def cox(forward: Any, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """−mean over events i of f(xᵢ) − log Σ_{j: tⱼ ≥ tᵢ} exp f(xⱼ), the negative partial log-likelihood (Cox 1972):
    convex in f. The baseline hazard cancels, and so does a constant added to f.

    A risk set {j: tⱼ ≥ tᵢ} reaches over all patients, so the data cannot be cut into minibatches. The concordance,
    the share of comparable pairs in which the larger f has the earlier event, is a term of weight 0.
    """
    f, time, event = forward(params, state, batch["x"])[:, 0], batch["time"], batch["event"]
    event = event.astype(f.dtype)
    at_risk = time[None] >= time[:, None]
    log_risk = jax.nn.logsumexp(jnp.where(at_risk, f[None], -jnp.inf), axis=1)
    comparable = event[:, None] * (time[None] > time[:, None])
    right = jnp.where(f[:, None] > f[None], 1.0, jnp.where(f[:, None] == f[None], 0.5, 0.0)).astype(f.dtype)
    return {
        "cox": jnp.sum(event * (log_risk - f)) / jnp.sum(event),
        "concordance": jnp.sum(comparable * right) / jnp.maximum(jnp.sum(comparable), 1),
    }


def show_hazards(forward: Any, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Predictions:
    """The predicted log hazard ratios, shifted to the mean of the true ones, which changes no likelihood."""
    f = forward(params, state, inputs["x"])[:, 0]
    return Predictions((f - jnp.mean(f) + inputs["mean"])[:MAX_DRAWN_EXAMPLES])


def hazards(dataset: Dataset, data: Data, split: str) -> Behavior:
    """The display of a model of the hazard: predicted against true log hazard ratios."""
    truth = data.train["truth"]
    box = [list(drawn_range(truth)), list(drawn_range(truth))]
    drawn = {"targets": truth[:MAX_DRAWN_EXAMPLES], "examples": len(truth), "box": box}
    return Behavior(show_hazards, {"x": data.train["x"], "mean": truth.mean()}, drawn, is_on_examples=True)


OBJECTIVES = {
    "cox": Entry(
        "Cox partial likelihood",
        cox,
        {"cox": 1.0, "concordance": 0.0},
        Page(
            r"-\frac1{|E|}\sum_{i\in E}\Bigl[f(x_i)-\log\sum_{t_j\ge t_i}e^{f(x_j)}\Bigr]",
            "Cox 1972, J. R. Stat. Soc. B 34",
            "A linear model makes it convex, and flat along its bias, because the baseline hazard cancels.",
            "Ranking, survival, sequences",
        ),
        Fits({"survival"}, {"vector"}, outputs=lambda data: 1),
        Opening(
            {
                "data": "patients",
                "model": "linear",
                "steps": "100",
                "optimizers": "adam+sgd",
                "adam.learning_rate": "0.05",
                "sgd.learning_rate": "0.5",
            }
        ),
        behavior=hazards,
    ),
}

DATASETS = {
    "patients": Dataset(
        patients, "vector", "survival", "Censored survival times", "generated", unit="patients", whole=True
    ),
}
