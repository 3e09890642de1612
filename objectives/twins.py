"""BYOL and SimSiam: an online network predicts what a target network makes of another view of the same example.

The gradient of the loss is stopped at the target, so that what is followed is the gradient of no loss. It is the
field of a game: the online network descends its loss with the target held, the target descends ½‖θ − ξ‖² with
the online encoder held. A step of the target at the rate η with the weight w of "tracking" is the moving average
ξ ← (1 − ηw)ξ + ηwθ. With ηw = 1, the target first and in turn, ξ is θ whenever the online network moves: SimSiam.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .selfsupervised import EMBEDDING, similarities

Forward = Callable[..., Float[Array, "N E"]]
Terms = dict[str, Float[Array, ""]]


def twins(
    forward: Forward,
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    noise: Annotated[float, Interval(ge=0, le=4), "standard deviation of the noise that makes a view"] = 0.5,
    normalized: Annotated[bool, "divide both outputs by their norms, as in BYOL: 2 − 2 cos"] = False,
) -> Terms:
    """¼ of the mean of ‖q(f_θ(x)) − f_ξ(x′)‖² over both orders of two views, x plus noise, and ½‖θ − ξ‖² over the
    encoders (Grill et al. 2020; without norms, Tian et al. 2021, arXiv:2102.06810)."""
    x = batch["x"]
    views = [
        x + noise * jax.random.normal(one, x.shape, jnp.float32).astype(x.dtype) for one in jax.random.split(key)
    ]
    loss = jnp.zeros((), x.dtype)
    for one, other in (views, views[::-1]):
        predicted = forward(params, state, one, method="predict")
        target = forward(params, state, other, method="embed_by_target")
        if normalized:
            predicted, target = (
                z / jnp.sqrt(jnp.sum(z**2, axis=-1, keepdims=True) + 1e-12) for z in (predicted, target)
            )
        loss = loss + jnp.mean(jnp.sum((predicted - target) ** 2, axis=-1)) / 4
    pairs = zip(
        jax.tree.leaves(params["online"]["encoder"]), jax.tree.leaves(params["target"]["encoder"]), strict=True
    )
    return {"online-loss": loss, "tracking": sum((0.5 * jnp.sum((a - b) ** 2) for a, b in pairs), jnp.zeros(()))}


def collapse(
    params: PyTree, data: Any, weights: Mapping[str, float], *, normalized: bool, **_: Any
) -> PyTree | None:
    """The encoders that map everything to 0: an equilibrium without norms, whatever the data and the predictor, as
    long as the last layer is 0 and the target equals the online encoder. None with norms."""
    if normalized:
        return None
    encoder = jax.tree.map(np.array, params["online"]["encoder"])
    last = encoder.get("output", encoder)
    for name in last:
        last[name] = np.zeros_like(last[name])
    return {"online": {**params["online"], "encoder": encoder}, "target": {"encoder": encoder}}


def _outputs(data: Any) -> int:
    return min(EMBEDDING, prod(data.input_shape))


def _game(title: str, players: dict[str, dict[str, float]], page: Page, settings: dict[str, str]) -> Entry:
    plane = {
        "directions": "coordinates",
        "coordinates.first": "0",
        "coordinates.second": "1",
        "extent": "4",
    }
    toy = {"data": "sine", "model": "linear-twins", "precision": "float64", "steps": "500", "view": "contour"}
    return Entry(
        title,
        twins,
        {"online-loss": 1.0, "tracking": 1.0},
        replace(page, family="Representation"),
        Fits(needs={"twins"}, outputs=_outputs),
        Opening(toy | settings, plane),
        Known(optimum=collapse),
        stochastic=True,
        behavior=similarities,
        players=players,
    )


_ONLINE, _TARGET = {"online-loss": 1.0}, {"tracking": 1.0}
_LOOK = (
    "The diamond is collapse: everything is mapped to 0. Start the predictor at 1.6, and the path ends there; "
    "p² − w² is the same along a path."
)

OBJECTIVES = {
    "byol": _game(
        "BYOL: a game with a moving average",
        {"online": _ONLINE, "target": _TARGET},
        Page(
            r"\min_\theta\ \tfrac12\mathbb E\lVert q(f_\theta(x))-f_\xi(x')\rVert^2,"
            r"\quad\min_\xi\ \tfrac12\lVert\theta-\xi\rVert^2",
            "Grill et al. 2020, arXiv:2006.07733; Tian et al. 2021, arXiv:2102.06810",
            _LOOK,
        ),
        {"optimizers": "simultaneous+adam", "simultaneous.learning_rate": "0.1"} | {"adam.learning_rate": "0.01"},
    ),
    "simsiam": _game(
        "SimSiam: the target is the encoder itself",
        {"target": _TARGET, "online": _ONLINE},
        Page(
            r"\min_\theta\ \tfrac12\mathbb E\lVert q(f_\theta(x))-\operatorname{sg}f_\theta(x')\rVert^2",
            "Chen & He 2021, arXiv:2011.10566; Tian et al. 2021, arXiv:2102.06810",
            "Alternating steps at η·tracking = 1 copy the encoder before each step. " + _LOOK,
        ),
        {"optimizers": "alternating", "alternating.learning_rate": "0.1", "weight.tracking": "10"}
        | {"term": "online"},
    ),
}
