"""Combined objectives: each term is what it would be alone, and reaches just what it should."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES


def test_each_term_is_the_one_it_is_named_for():
    with jax.enable_x64(True):
        x = jnp.arange(6.0).reshape(3, 2)
        batch = {"x": x, "y": jnp.array([1, 0, 1])}
        outputs = jnp.array([[0.3, -1.0], [2.0, 0.1], [0.0, 0.0]])
        params = {"kernel": jnp.full((2, 2), -3.0), "bias": jnp.ones(2)}
        result = OBJECTIVES["classify-reconstruct"].terms(lambda *_: (outputs, x + 0.5), params, {}, batch, None)
        single = OBJECTIVES["cross-entropy"].terms(lambda *_: outputs, params, {}, batch, None)
        np.testing.assert_allclose(result["cross-entropy"], single["cross-entropy"], rtol=1e-14)
        np.testing.assert_allclose(result["reconstruction"], 2 * 0.25, rtol=1e-14)
        assert (float(result["l1"]), float(result["l2"])) == (12, 18)


def test_both_tasks_pull_at_the_trunk_and_neither_at_the_others_head():
    build = MODELS["classifier-decoder"].build
    module = nnx.eval_shape(lambda: build((2, 2, 1), 3, nnx.Rngs(0), width=4, decoder_width=3))
    graph, params, state = models.split(module)
    params = jax.tree.map(lambda leaf: np.random.default_rng(0).normal(size=leaf.shape).astype("f"), params)
    batch = {"x": jnp.linspace(0, 1, 20).reshape(5, 2, 2, 1), "y": jnp.arange(5) % 3}
    terms = OBJECTIVES["classify-reconstruct"].terms
    jacobian = jax.jit(jax.jacobian(lambda p: terms(partial(models.apply, graph), p, state, batch, None)))(params)
    reached = {
        term: {part for part in params if any(np.any(leaf != 0) for leaf in jax.tree.leaves(jacobian[term][part]))}
        for term in ("cross-entropy", "reconstruction")
    }
    assert reached == {"cross-entropy": {"trunk", "classifier"}, "reconstruction": {"trunk", "decoder"}}
