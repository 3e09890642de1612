"""Muon: steps whose singular values are near 1, for every matrix of the parameters.

Like the optimizers of `layerwise_optimizers` it sees the tree of parameters, not one vector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import optax
from jax.flatten_util import ravel_pytree

from landscapes.optimization.adaptive_optimizers import DECAY, EPSILON, RATE, RATE_DOC
from landscapes.optimization.step_rules import StepRule, Update, Vector, entry, has_entry, step_rule


def _matrix_axes(params: Any) -> Any:
    """How Muon reads each layer as a matrix: a kernel with the last axis as outputs; None for vectors."""
    dimensions = optax.contrib.MuonDimensionNumbers
    return jax.tree.map(
        lambda leaf: dimensions(tuple(range(leaf.ndim - 1)), leaf.ndim - 1) if leaf.ndim > 1 else None, params
    )


def _of_both_parts(name: str, is_after: bool) -> Callable[[Update, Mapping[str, Any]], Any]:
    """A field of the states of Muon's two parts as one vector, 0 where a part does not keep it."""

    def value(update: Update, at: Mapping[str, Any]) -> Any:
        state = update.after if is_after else update.before
        parts = entry(state, "inner_states").values()
        kept = [entry(part.inner_state, name) for part in parts if has_entry(part.inner_state, name)]

        def chosen(leaf, *candidates):
            arrays = [each for each in candidates if not isinstance(each, optax.MaskedNode)]
            return arrays[0] if arrays else jnp.zeros_like(leaf)

        return ravel_pytree(jax.tree.map(chosen, update.tree(update.params), *kept))[0]

    return value


def _muon_mean(update: Update, at: Mapping[str, Any]) -> Any:
    beta, count = update.knobs["beta"], entry(update.after, "count")
    return beta * at["m_t"] / (1 - beta ** (count + 1)) + (1 - beta) * update.gradient / (1 - beta**count)


def _is_matrix(update: Update, at: Mapping[str, Any]) -> Any:
    ones = jax.tree.map(lambda leaf: jnp.full(leaf.shape, 1.0 * (leaf.ndim > 1)), update.tree(update.params))
    return ravel_pytree(ones)[0]


@step_rule(
    StepRule(
        (
            r"m_t = \beta m_{t-1} + (1-\beta) g_t",
            r"v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2",
            r"\hat m_t = \frac{\beta m_t}{1-\beta^{t+1}} + \frac{(1-\beta) g_t}{1-\beta^t}",
            r"\hat v_t = \frac{v_t}{1-\beta_2^t}",
            r"O_t = \sqrt{\max(1, \frac{n_\ell}{m_\ell})} \operatorname{NS}_5(\hat m_t)",
            r"d_t = M O_t + (1 - M) \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}",
            r"s_t = -\eta d_t",
        ),
        {
            "M": Vector(_is_matrix),
            "m_{t-1}": Vector(_of_both_parts("mu", is_after=False)),
            "v_{t-1}": Vector(_of_both_parts("nu", is_after=False)),
            "m_t": Vector(_of_both_parts("mu", is_after=True), "momentum", sign=-1),
            "v_t": Vector(_of_both_parts("nu", is_after=True)),
            r"\hat m_t": Vector(_muon_mean),
            r"\hat v_t": Vector(lambda u, at: at["v_t"] / (1 - u.knobs["b2"] ** entry(u.after, "count"))),
            "O_t": Vector(lambda u, at: -at["M"] * u.step / u.rate),
            "d_t": Vector(lambda u, at: -u.step / u.rate, "direction", sign=-1),
        },
        knobs={r"\beta": "beta", r"\beta_2": "b2", r"\varepsilon": "eps"},
        model=r"L(\theta_t) + \hat m_t \cdot s + \frac{1}{2\eta} s \cdot P_t s, \quad P_t d_t = \hat m_t",
        linear=r"\hat m_t",
    )
)
def muon(
    learning_rate: Annotated[float, RATE, RATE_DOC] = 0.02,
    *,
    beta: Annotated[float, DECAY, "β of the mean m ← βm + (1−β)g, looked ahead as in NAdam"] = 0.95,
    b2: Annotated[float, DECAY, "β₂ of Adam, by which vectors are stepped"] = 0.999,
    eps: Annotated[float, EPSILON, "ε in m̂/(√v̂ + ε) of vectors, and of ‖m̂‖ + ε of matrices"] = 1e-8,
) -> optax.GradientTransformation:
    """Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): the mean of the gradients of a matrix of m
    inputs and n outputs, with singular values brought near 1 by five Newton–Schulz steps, times √max(1, n/m).

    Kernels of convolutions are matrices of all inputs by outputs. Biases and other vectors are stepped by NAdam
    with the same β; a test function has only such. M is 1 on matrices and 0 on vectors.
    """
    return optax.contrib.muon(
        learning_rate,
        beta=beta,
        eps=eps,
        adam_b1=beta,
        adam_b2=b2,
        muon_weight_dimension_numbers=_matrix_axes,
    )


OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {"muon": muon}
