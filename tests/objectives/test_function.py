"""Entries of test functions: every minimizer is one, and the rate descends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.knobs import knobs
from landscapes.objectives import FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_in_its_box_and_descends_at_its_rate(name):
    entry = FUNCTIONS[name]
    assert all(low < at < high for (low, high), at in zip(entry.box, entry.start, strict=True))
    defaults = {key: knob.default for key, knob in knobs(entry.f).items()}
    assert entry.minima == tuple(entry.minimizers(**defaults))
    with jax.enable_x64(True):
        start = jnp.asarray(entry.start, float)
        value, slope = jax.jit(jax.value_and_grad(entry.f))(start)
        after = entry.f(start - entry.rate(**defaults) * slope)
    assert np.isfinite(value)
    assert after < value
