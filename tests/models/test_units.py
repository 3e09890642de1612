"""Hidden units of the registered models: permutations and ReLU rescalings preserve the function."""

import jax
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.curvature.symmetries import Units, leaves_at, permute_units, rescale_units, unit_count
from landscapes.knobs import knobs as knobs_of
from landscapes.models import MODELS
from tests.problems import normal

CASES = [
    ("mlp", {"depth": 3}),
    ("mlp", {"depth": 3, "residual": True}),
    ("mlp", {"depth": 2, "normalization": "layer", "activation": "tanh"}),
    ("mlp", {"depth": 2, "normalization": "batch", "residual": True}),
    ("convnet", {"depth": 2}),
    ("resnet", {"blocks": 2, "normalization": "none"}),
    ("resnet", {"blocks": 2, "normalization": "none", "skip": False}),
    ("resnet", {"blocks": 1, "normalization": "batch"}),
    ("resnet", {"blocks": 1, "stages": 2, "normalization": "none"}),
]
SMALL = {"mlp": {"width": 5}, "convnet": {"channels": 5}, "resnet": {"channels": 5}}


def built(name, knobs):
    """A network with random biases and scales, the groups of its units, and its output function."""
    knobs = defaults(name) | SMALL[name] | knobs
    module = MODELS[name].build((8, 8, 2), 3, nnx.Rngs(0), **knobs)
    graph, params, state = models.split(module)
    state = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), state)
    leaves, structure = jax.tree.flatten(params)
    leaves = [np.asarray(leaf) + 0.2 * normal(i, *leaf.shape) for i, leaf in enumerate(leaves)]
    x = normal(99, 6, 8, 8, 2)

    compiled = jax.jit(lambda params, state: models.apply(graph, params, state, x))

    def outputs(params):
        with jax.enable_x64(True):
            return np.asarray(compiled(params, state))

    return jax.tree.unflatten(structure, leaves), [Units(*group) for group in MODELS[name].units(**knobs)], outputs


def defaults(name):
    return {knob: spec.default for knob, spec in knobs_of(MODELS[name].build).items()}


@pytest.mark.parametrize(("name", "knobs"), CASES)
def test_t06_units_permute_and_relu_units_rescale(name, knobs):
    params, groups, outputs = built(name, knobs)
    before = outputs(params)
    assert groups
    relu = knobs.get("activation", "relu") == "relu" and knobs.get("normalization", "none") == "none"
    for group in groups:
        count = unit_count(params, group)
        assert {leaf.shape[-1] for leaf in leaves_at(params, group.writes)} == {count}
        assert count in (5, 10)  # in the second stage
        order = np.roll(np.arange(count), 2)
        np.testing.assert_allclose(outputs(permute_units(params, group, order)), before, rtol=1e-10, atol=1e-10)
        # Permuting only the arrays that write the units changes the function.
        half = permute_units(params, group._replace(reads=()), order)
        assert np.max(np.abs(outputs(half) - before)) > 1e-3
        assert group.homogeneous == relu
        if relu:
            np.testing.assert_allclose(outputs(rescale_units(params, group, 7.0)), before, rtol=1e-10, atol=1e-10)
        else:
            with pytest.raises(ValueError, match="choose ReLU units without normalization"):
                rescale_units(params, group, 7.0)


def test_group_normalized_channels_have_no_units():
    assert MODELS["convnet"].units(**{**defaults("convnet"), "normalization": "group"}) == ()
    assert MODELS["resnet"].units(**{**defaults("resnet"), "normalization": "group"}) == ()
    assert MODELS["softmax"].units() == ()
