"""The generator without an adversary."""

from typing import Any

import jax
import numpy as np
from flax import nnx

from landscapes.models import MODELS


def test_generator_draws_points_of_the_given_shape_from_the_key_alone():
    module: Any = MODELS["generator-mlp"].build((2, 3), 1, nnx.Rngs(0), latent=5)
    one, same, other = (module.sample(jax.random.key(seed), count=7) for seed in (0, 0, 1))
    assert one.shape == (7, 2, 3)
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)
