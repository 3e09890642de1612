"""The gated recurrent unit against its equations, and that it reads no later token."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from landscapes import models
from landscapes.models import MODELS


def test_states_follow_the_equations_and_read_no_later_token():
    graph, params, state = models.split(MODELS["gru"].build((5,), 4, nnx.Rngs(0), width=3))
    x = np.array([[0, 2, 1, 3, 2], [0, 2, 1, 0, 0]], np.int32)
    outputs = np.asarray(jax.jit(lambda params, x: models.apply(graph, params, state, x))(params, jnp.asarray(x)))
    p = jax.tree.map(np.asarray, params)
    h, sigmoid = np.zeros(3), lambda t: 1 / (1 + np.exp(-t))
    for t, token in enumerate(x[0]):
        reset, update, new = np.split(p["tokens"]["embedding"][token] @ p["read"]["kernel"] + p["read"]["bias"], 3)
        reset_h, update_h, new_h = np.split(h @ p["recur"]["kernel"], 3)
        z = sigmoid(update + update_h)
        h = (1 - z) * np.tanh(new + sigmoid(reset + reset_h) * new_h) + z * h
        expected = h @ p["output"]["kernel"] + p["output"]["bias"]
        np.testing.assert_allclose(outputs[0, t], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(outputs[0, :3], outputs[1, :3])
    assert np.any(outputs[0, 3] != outputs[1, 3])
