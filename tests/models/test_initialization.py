"""The size of the outputs at the start."""

import numpy as np
import pytest

import landscapes.models as models
from tests.models.model_fixtures import module


@pytest.mark.parametrize("settings", [{"depth": 1}, {"depth": 12}, {"depth": 12, "residual": True}], ids=str)
@pytest.mark.parametrize("activation", ["relu", "gelu", "silu", "tanh"])
def test_initial_outputs_have_moderate_size(settings, activation):
    settings = {"width": 64, "activation": activation, **settings}
    graph, params, state = models.split(module("mlp", 0, (64,), 10, settings))
    x = np.random.default_rng(0).normal(size=(200, 64)).astype(np.float32)
    assert 0.05 < np.std(models.apply(graph, params, state, x)) < 5
