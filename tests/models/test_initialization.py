"""The size of the outputs at the start."""

import jax
import numpy as np
import pytest

import landscapes.models as models
from landscapes.models.initialization import kernel_init, output_init
from tests.models.model_fixtures import module


@pytest.mark.parametrize("settings", [{"depth": 1}, {"depth": 12}, {"depth": 12, "residual": True}], ids=str)
@pytest.mark.parametrize("activation", ["relu", "gelu", "silu", "tanh"])
def test_initial_outputs_have_moderate_size(settings, activation):
    settings = {"width": 64, "activation": activation, **settings}
    graph, params, state = models.split(module("mlp", 0, (64,), 10, settings))
    x = np.random.default_rng(0).normal(size=(200, 64)).astype(np.float32)
    assert 0.05 < np.std(models.apply(graph, params, state, x)) < 5


def test_variances_of_kernels_are_those_of_their_activations():
    """gain²·scale over the number of inputs: 2 for ReLU (He et al. 2015), 16 for the slope ¼ of the sigmoid."""
    scales = {"relu": 2, "gelu": 2, "silu": 2, "tanh": 1, "sigmoid": 16}
    cases = [(kernel_init(name, 0.5), scale / 4) for name, scale in scales.items()]
    for init, scale in [*cases, (kernel_init("tanh"), 1), (output_init, 1)]:
        kernel = np.asarray(init(jax.random.key(0), (200, 50)))
        np.testing.assert_allclose(kernel.var() * 200, scale, rtol=0.06)


def test_branches_of_residual_networks_share_the_gain():
    """One over their number: of the kernels (whose ReLU has scale 2) and of the normalizations."""
    settings = {"width": 60, "depth": 4, "residual": True, "normalization": "layer"}
    _, params, _ = models.split(module("mlp", 0, (80,), 3, settings))
    for k, gain in enumerate((1, 1 / 3, 1 / 3, 1 / 3)):
        kernel = np.asarray(params["hidden"][k]["kernel"])
        np.testing.assert_allclose(kernel.var() * len(kernel), 2 * gain**2, rtol=0.1)
        np.testing.assert_allclose(params["norms"][k]["layer"]["scale"], gain, rtol=1e-6)
