"""Rules of steps: which vectors are drawn, and what a state holds."""

import jax.numpy as jnp
import optax
import pytest

from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.step_rules import NEXT, StepRule, Vector, entry, rule_of


def test_arrows_are_the_vectors_with_a_role_that_a_formula_names():
    rule = StepRule((r"d_t = 2 g_t", r"s_t = -d_t"), {
        "d_t": Vector(lambda update, _: 2 * update.gradient, "direction", sign=-1),
        "m_t": Vector(lambda update, _: update.gradient),
        "e_t": Vector(lambda update, _: update.gradient, "ascent"),
    })  # fmt: skip
    assert list(rule.arrows({})) == ["g_t", "d_t", "s_t"]
    assert rule.lines({})[-1] == NEXT
    assert rule.symbols == ("g_t", r"\theta_t", "d_t", "m_t", "e_t", "s_t")


def test_optimizer_without_a_rule_has_gradient_and_step():
    rule = rule_of(optax.sgd)
    assert rule.symbols == ("g_t", r"\theta_t", "s_t")
    assert rule.lines({}) == (NEXT,)


def test_entry_of_a_state_is_found_by_its_name():
    state = OPTIMIZERS["momentum"](0.1).init(jnp.ones(2))
    assert entry(state, "trace").shape == (2,)
    with pytest.raises(ValueError, match="this state has no mu"):
        entry(state, "mu")
