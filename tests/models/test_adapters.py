"""Low-rank adapters: the base at the start, what is trained, and what full rank can reach."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import landscapes.models as models
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.models import MODELS
from landscapes.models.adapters import markov_sequences, pretrained
from landscapes.models.language import Transformer

LENGTH, VOCABULARY, WIDTH = 5, 4, 6
SETTINGS = {"width": WIDTH, "layers": 1, "heads": 2, "pretraining": 0}


def built(**settings):
    return models.split(
        MODELS["lora-transformer"].build((LENGTH,), VOCABULARY, nnx.Rngs(0), **SETTINGS | settings)
    )


def without_base(tree):
    """The tree of a Transformer from that of its adapted copy's state."""
    return {name: without_base(each) if isinstance(each, dict) else each for name, each in _lifted(tree).items()}


def _lifted(tree):
    return tree["base"] if set(tree) == {"base"} else tree


def random_like(tree, seed):
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), tree)


def test_start_is_the_base_and_only_adapters_are_parameters():
    """B = 0: whatever A is, the outputs are those of the Transformer with the constants as weights."""
    with jax.enable_x64(True):
        graph, params, state = built(rank=2)
        assert not models.has_statistics(graph, params, state)
        assert models.collect_statistics(graph, params, state, np.zeros(1)) is state
        names = {path[-2].key for path, _ in jax.tree_util.tree_leaves_with_path(params)}
        assert names == {"down", "up"}
        # Σ r(inputs + outputs) over q, k, v and output (6, 6), the MLP (6, 24) and (24, 6), and the logits (6, 4).
        count = sum(leaf.size for leaf in jax.tree.leaves(params))
        assert count == 2 * (4 * (6 + 6) + 2 * (6 + 24) + (6 + 4))
        state = random_like(state, 0)
        x = np.random.default_rng(1).integers(0, VOCABULARY, (3, LENGTH)).astype(np.int32)
        drawn = random_like(params, 2)
        at_start = jax.tree_util.tree_map_with_path(
            lambda path, leaf: jnp.zeros_like(leaf) if path[-2].key == "up" else leaf, drawn
        )
        plain, _, _ = models.split(
            MODELS["transformer"].build((LENGTH,), VOCABULARY, nnx.Rngs(0), width=WIDTH, layers=1, heads=2)
        )
        expected = models.apply(plain, without_base(state["adapted"]), {}, x)
        np.testing.assert_allclose(models.apply(graph, at_start, state, x), expected, rtol=1e-12)
        assert np.abs(models.apply(graph, drawn, state, x) - expected).max() > 1e-3
        assert all(not np.any(leaf["up"]["kernel"]) for leaf in _adapters(params))

        # Full rank reaches every change of every matrix, by its singular value decomposition.
        graph, params, state = built(rank=6)
        state, changes = random_like(state, 3), {}
        changed = without_base(state["adapted"])
        block, adapted = changed["blocks"][0], params["adapted"]["blocks"][0]
        places = [(block["attention"], adapted["attention"], name) for name in ("query", "key", "value", "output")]
        places += [(block, adapted, "expand"), (block, adapted, "contract")]
        places += [(changed, params["adapted"], "output")]
        for number, (weights, adapters, name) in enumerate(places):
            kernel, adapter = weights[name]["kernel"], adapters[name]
            shape = adapter["down"]["kernel"].shape[0], adapter["up"]["kernel"].shape[1]
            change = np.random.default_rng(10 + number).normal(size=shape)
            left, values, right = np.linalg.svd(change, full_matrices=False)
            down, up = np.zeros((shape[0], 6)), np.zeros((6, shape[1]))
            down[:, : len(values)], up[: len(values)] = left * values, right
            adapters[name] = {"down": {"kernel": jnp.asarray(down)}, "up": {"kernel": jnp.asarray(up)}}
            changes[name, number] = weights[name] | {"kernel": kernel + change.reshape(kernel.shape)}
            weights[name] = changes[name, number]
        np.testing.assert_allclose(
            models.apply(graph, params, state, x), models.apply(plain, changed, {}, x), rtol=1e-9, atol=1e-11
        )


def _adapters(tree):
    """The entries {"down", "up"} of a tree of adapters."""
    if set(tree) == {"down", "up"}:
        return [tree]
    return [found for each in tree.values() for found in _adapters(each)]


def test_base_has_learned_its_own_chain():
    """Training lowers the loss of the base on its own sequences below that of guessing."""
    key = jax.random.key(0)

    @jit_with_fast_compile
    def losses():
        base = Transformer(LENGTH, VOCABULARY, 1, 1, 4, "gelu", False, nnx.Rngs(0))
        tokens = markov_sequences(key, LENGTH, VOCABULARY)
        trained = pretrained(base, 60, key, LENGTH, VOCABULARY)
        return [
            -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(each(tokens[:, :-1])), tokens[:, 1:, None], axis=-1))
            for each in (base, trained)
        ]

    before, after = losses()
    assert after < np.log(VOCABULARY) < before
