"""Generative adversarial games: a generator G and a discriminator D, each with a loss of its own.

D gives logits: D(x) > 0 means "real". The latent noise is the same at every point of a surface. Every game has the
term R1 = ½·E‖∇ₓD(x)‖² over real x (Mescheder et al. 2018, arXiv:1801.04406) in the discriminator's loss, with
weight γ = 0 by default.

In a zero-sum game both players use one value with opposite signs. The weights multiply the losses of the players:
the weight of "generator-loss" is a factor on the gradient of the generator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from .entry import Entry, Fits, Known, Opening, Page
from .generation import generated
from .softmax import softplus

Forward = Callable[..., Any]
Terms = dict[str, Float[Array, ""]]

LN2 = float(np.log(2))


def minimax(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """V = E log σ(D(x)) + E log(1 − σ(D(G(z)))), which the discriminator maximizes and the generator minimizes
    (Goodfellow et al. 2014). At the best discriminator of p_g = p_data it is −2 ln 2."""
    real, fake, r1 = _logits_and_r1(forward, params, state, batch, key)
    return {"value": -jnp.mean(softplus(-real)) - jnp.mean(softplus(fake)), "R1": r1}


def non_saturating(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """The discriminator's loss is −V of the minimax game, the generator's −E log σ(D(G(z))), whose gradient
    does not vanish where the discriminator is certain (Goodfellow et al. 2014, section 3)."""
    real, fake, r1 = _logits_and_r1(forward, params, state, batch, key)
    return {
        "generator-loss": jnp.mean(softplus(-fake)),
        "discriminator-loss": jnp.mean(softplus(-real)) + jnp.mean(softplus(fake)),
        "R1": r1,
    }


def least_squares(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """½E(D(x) − 1)² + ½E(D(G(z)) + 1)² for the discriminator, ½E(D(G(z)) − 1)² for the generator
    (Mao et al. 2017): labels ±1 in place of the paper's 0 and 1, because the threshold of D is 0 here."""
    real, fake, r1 = _logits_and_r1(forward, params, state, batch, key)
    return {
        "generator-loss": 0.5 * jnp.mean((fake - 1) ** 2),
        "discriminator-loss": 0.5 * jnp.mean((real - 1) ** 2) + 0.5 * jnp.mean((fake + 1) ** 2),
        "R1": r1,
    }


def wasserstein(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Terms:
    """W = E D(x) − E D(G(z)), which the discriminator maximizes and the generator minimizes (Arjovsky et al.
    2017), and the penalty E(‖∇D(x̂)‖ − 1)² at random points x̂ between real and generated ones (Gulrajani et al.
    2017).

    W is a distance only for the best 1-Lipschitz discriminator. Where ∇D = 0 the norm has no gradient, and 0 is
    used.
    """
    real, fake, r1 = _logits_and_r1(forward, params, state, batch, key)
    generated = _generate(forward, params, state, batch, key)
    share = jax.random.uniform(jax.random.fold_in(key, 1), (len(generated), 1), jnp.float32).astype(
        generated.dtype
    )
    _, slopes = _discriminate(forward, params, state, share * batch["x"] + (1 - share) * generated)
    squares = (slopes**2).sum(axis=1)
    lengths = jnp.where(squares > 0, jnp.sqrt(jnp.where(squares > 0, squares, 1)), 0)
    return {"value": jnp.mean(real) - jnp.mean(fake), "gradient-penalty": jnp.mean((lengths - 1) ** 2), "R1": r1}


def _logits_and_r1(
    forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any
) -> tuple[Float[Array, "N"], Float[Array, "N"], Float[Array, ""]]:
    """Logits of the real examples and of as many generated ones, and R1."""
    real, slopes = _discriminate(forward, params, state, batch["x"])
    fake = forward(params, state, _generate(forward, params, state, batch, key), method="discriminate")
    return real, fake, 0.5 * jnp.mean((slopes**2).sum(axis=1))


def _generate(forward: Forward, params: PyTree, state: PyTree, batch: dict[str, Array], key: Any) -> Array:
    return forward(params, state, jax.random.fold_in(key, 0), method="sample", count=len(batch["x"]))


def _discriminate(
    forward: Forward, params: PyTree, state: PyTree, x: Float[Array, "N D"]
) -> tuple[Float[Array, "N"], Float[Array, "N D"]]:
    """D and ∇ₓD at each example."""
    logits, pullback = jax.vjp(lambda x: forward(params, state, x, method="discriminate"), x)
    return logits, pullback(jnp.ones_like(logits))[0]


def _equilibrium(params: PyTree, data: Any, weights: Mapping[str, float], **knobs: Any) -> PyTree | None:
    """θ = ψ = 0 in the Dirac-GAN; with a gradient penalty there is none, because the penalty has a kink at D =
    0."""
    if sum(np.size(leaf) for leaf in jax.tree.leaves(params)) > 2 or weights.get("gradient-penalty", 0):
        return None
    return jax.tree.map(lambda leaf: np.zeros(np.shape(leaf)), params)


def _levels(**losses: float) -> Callable[..., dict[str, float]]:
    """The losses of the players where p_g = p_data and D = 0 everywhere, by player."""

    def references(data: Any, **knobs: Any) -> dict[str, float]:
        return {f"{player} at D = 0": loss for player, loss in losses.items()}

    return references


def _game(
    title: str,
    terms: Callable[..., Terms],
    weights: dict[str, float],
    players: dict[str, dict[str, float]],
    page: Page,
    opening: dict[str, str],
    levels: dict[str, float],
) -> Entry:
    return Entry(
        title,
        terms,
        weights | {"R1": 0.0},
        replace(page, family="Adversarial"),
        Fits({"samples"}, {"point", "vector"}, {"adversaries"}, lambda data: 1),
        Opening({"directions": "players", "view": "contour", **opening}),
        Known(_levels(**levels), _equilibrium),
        stochastic=True,
        behavior=generated,
        players={"generator": players["generator"], "discriminator": players["discriminator"] | {"R1": 1.0}},
    )


_DIRAC = {"data": "point", "model": "dirac-gan", "precision": "float64"}
_RING = {"data": "ring", "model": "gan-mlp"}
_FOUR = {
    "optimizers": "simultaneous+alternating+extragradient+optimistic",
    **{f"{name}.learning_rate": "0.3" for name in ("simultaneous", "alternating", "extragradient", "optimistic")},
    "steps": "100",
}
_ZERO_SUM = {"generator": {"value": 1.0}, "discriminator": {"value": -1.0}}
_OWN = {"generator": {"generator-loss": 1.0}, "discriminator": {"discriminator-loss": 1.0}}
_BOTH = {"generator-loss": 1.0, "discriminator-loss": 1.0}

OBJECTIVES = {
    "minimax-gan": _game(
        "Minimax game",
        minimax,
        {"value": 1.0},
        _ZERO_SUM,
        Page(
            r"\min_G\max_D\ \mathbb E\log\sigma(D(x))+\mathbb E\log(1-\sigma(D(G(z))))",
            "Goodfellow et al. 2014, arXiv:1406.2661; Mescheder et al. 2018, arXiv:1801.04406",
            "Simultaneous steps spiral away from the equilibrium; alternating steps circle it.",
        ),
        _DIRAC | _FOUR,
        {"generator": -2 * LN2, "discriminator": 2 * LN2},
    ),
    "non-saturating-gan": _game(
        "Non-saturating game",
        non_saturating,
        _BOTH,
        _OWN,
        Page(
            r"\min_G\ -\mathbb E\log\sigma(D(G(z))),\quad\min_D\ -\mathbb E\log\sigma(D(x))"
            r"-\mathbb E\log(1-\sigma(D(G(z))))",
            "Goodfellow et al. 2014, arXiv:1406.2661",
            "Both losses oscillate for hundreds of steps before they come near their reference levels. "
            "Eigenvalues outside the stability region show why.",
        ),
        _RING
        | {
            # Momentum's end is the centre: at step 400 it still oscillates widely, and Adam never leaves it.
            "optimizers": "momentum+adam",
            "adam.learning_rate": "0.003",
            "steps": "1000",
            "momentum.learning_rate": "0.02",
        },
        {"generator": LN2, "discriminator": 2 * LN2},
    ),
    "least-squares-gan": _game(
        "Least-squares game",
        least_squares,
        _BOTH,
        _OWN,
        Page(
            r"\min_G\ \tfrac12\mathbb E(D(G(z))-1)^2,\quad\min_D\ \tfrac12\mathbb E(D(x)-1)^2"
            r"+\tfrac12\mathbb E(D(G(z))+1)^2",
            "Mao et al. 2017, arXiv:1611.04076",
            "Each player has its own surface over the same plane; the arrows descend neither of them.",
        ),
        _RING
        | {
            "optimizers": "adam+momentum",
            "adam.learning_rate": "0.01",
            "steps": "400",
            "momentum.learning_rate": "0.02",
        },
        {"generator": 0.5, "discriminator": 1.0},
    ),
    "wasserstein-gan": _game(
        "Wasserstein game with gradient penalty",
        wasserstein,
        {"value": 1.0, "gradient-penalty": 10.0},
        {"generator": {"value": 1.0}, "discriminator": {"value": -1.0, "gradient-penalty": 1.0}},
        Page(
            r"\min_G\max_D\ \mathbb E D(x)-\mathbb E D(G(z))"
            r"-\lambda\,\mathbb E(\lVert\nabla D(\hat x)\rVert-1)^2",
            "Arjovsky et al. 2017, arXiv:1701.07875; Gulrajani et al. 2017, arXiv:1704.00028",
            "Nearly all motion is along the discriminator's axis, where the penalty is steep; the generator moves "
            "slowly.",
        ),
        {
            "data": "digit-samples",
            "model": "gan-mlp",
            "gan-mlp.output": "sigmoid",
            "gan-mlp.depth": "1",
            "gan-mlp.latent": "4",
            "optimizers": "adam",
            "adam.learning_rate": "0.01",
            "steps": "300",
        },
        {"generator": 0.0},
    ),
}
