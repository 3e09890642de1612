"""Load balancing: its known values, its gradient, and the jump of the loss where a token changes its expert."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Choice, Recipe, refine, span, spectrum
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.experts import balance
from landscapes.recipes import catalog

ENTRY: Any = OBJECTIVES["mixture-of-experts"]


def test_balance_is_one_at_uniform_routing_and_e_where_one_expert_has_all():
    rng, balanced = np.random.default_rng(0), jax.jit(balance)
    for experts in (2, 3, 4):
        uniform = np.full((5, 7, experts), 1 / experts, np.float32)
        np.testing.assert_allclose(balanced(uniform), 1, rtol=1e-6)
        np.testing.assert_allclose(
            balanced(np.eye(experts, dtype=np.float32)[np.zeros(9, int)]), experts, rtol=1e-6
        )
        # Each expert has one token.
        np.testing.assert_allclose(balanced(np.eye(experts, dtype=np.float32)), 1, rtol=1e-6)
        p = rng.dirichlet(np.ones(experts), 40).astype(np.float32)
        share = np.bincount(p.argmax(1), minlength=experts) / 40
        np.testing.assert_allclose(balanced(p), experts * share @ p.mean(0), rtol=1e-5)
        expected = np.broadcast_to(experts * share / 40, p.shape)  # the shares are constants
        np.testing.assert_allclose(jax.jit(jax.grad(balance))(p), expected, rtol=1e-5)


def small_problem() -> Any:
    recipe = catalog.complete(
        Recipe(
            objective=Choice("mixture-of-experts"),
            data=Choice.of("markov-chain", examples=8, context=4, vocabulary=3),
            model=Choice.of("moe-transformer", experts=2, width=4, heads=1),
            optimizers=(),
            directions=Choice("gaussian"),
            precision="float64",
        )
    )
    return catalog.build(recipe)


def test_loss_jumps_where_a_token_changes_its_expert():
    """Along R = t·D the probabilities of all tokens tie at t = 0: the surface names the jump, and so does the
    examination of the Hessian there. The balance is continuous there, since all Pᵢ are 1/E."""
    problem = small_problem()
    with jax.enable_x64(True):
        router = jnp.asarray(np.random.default_rng(1).normal(size=(4, 2)))
        zero = jax.tree.map(jnp.zeros_like, problem.params)
        origin = jax.tree.map(lambda leaf: leaf, problem.params)
        origin["blocks"][0]["router"] = {"kernel": jnp.zeros((4, 2))}
        zero["blocks"][0]["router"] = {"kernel": router}
        line = span(origin, jax.tree.map(lambda leaf: leaf[None], zero))
        *_, surface = refine(problem, line, 1.0)
        assert "The loss jumps by about" in surface.note or "next-token jumps by about" in surface.note
        terms = jax.jit(lambda t: problem.terms(line.point(t)))
        sides = [terms(jnp.array([t])) for t in (-1e-9, 1e-9)]
        height = abs(float(sides[0]["next-token"] - sides[1]["next-token"]))
        assert height > 1e-3
        assert max(surface.errors.values()) > height / 2
        np.testing.assert_allclose([float(each["balance"]) for each in sides], 1, atol=1e-6)
        result = spectrum(problem.at(origin), jax.random.key(0))
        assert result.jump is not None
        assert result.verdict.state != "convex"
        assert "jump" in result.verdict.sentence


def test_display_counts_tokens_by_expert():
    """Against counts in NumPy; every row is a distribution over the experts."""
    problem = small_problem()
    data = DATASETS["markov-chain"].load(0, examples=8, context=4, vocabulary=3)
    behavior = ENTRY.behavior(DATASETS["markov-chain"], data, "train")
    with jax.enable_x64(True):
        forward = problem.objective.forward
        show = jax.jit(lambda params, inputs: behavior.show(forward, params, problem.state, inputs, None))
        shown = show(problem.params, dict(behavior.inputs))
        route = jax.jit(partial(forward, method="predict_and_route"))
        logits, routes = route(problem.params, problem.state, data.train["x"])
    chosen = np.asarray(routes)[0].argmax(-1)
    for token in range(3):
        expected = np.bincount(chosen[data.train["x"] == token], minlength=2)
        np.testing.assert_allclose(shown.shares[token], expected / expected.sum(), rtol=1e-12)
    np.testing.assert_allclose(shown.total, np.bincount(chosen.ravel(), minlength=2) / chosen.size, rtol=1e-12)
    assert int(shown.right) == np.sum(np.asarray(logits).argmax(-1) == data.train["y"])
    assert behavior.drawn["targets"] == 32
