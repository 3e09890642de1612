"""Axes of output units: for all arrays, by path, by a function; and the layouts of other libraries."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.slices.random_directions import filter_normalized
from tests.problems import normal

# Linear (out, in), convolution (out, in, height, width) and bias, as PyTorch and Equinox keep them.
LAYERS = {
    "conv": {"weight": normal(0, 5, 2, 3, 3), "bias": normal(1, 5)},
    "linear": {"weight": normal(2, 4, 6) * np.array([[1], [3], [9], [27]]), "bias": normal(3, 4)},
}


def problem(given):
    return Problem.from_loss(lambda p: jnp.sum(p["linear"]["bias"]), LAYERS, filter_axes=given)


@pytest.mark.parametrize(
    "given",
    [
        0,
        np.int64(0),
        (0,),
        {"conv/weight": 0, "linear/weight": (0,)},
        lambda path, leaf: 0 if path.endswith("weight") else None,
        lambda path, leaf: [-leaf.ndim],
    ],
    ids=["int", "numpy", "tuple", "mapping", "function of path", "function of leaf"],
)
def test_rows_as_filters_keep_their_norms(given):
    result = filter_normalized(problem(given), (), 0, 2)
    for name in LAYERS:
        weight, d = LAYERS[name]["weight"], result[name]["weight"]
        inputs = tuple(range(1, weight.ndim))
        norms = np.sqrt(np.sum(weight**2, inputs))
        for direction in d:
            np.testing.assert_allclose(np.sqrt(np.sum(direction**2, inputs)), norms, rtol=1e-5)
        np.testing.assert_array_equal(result[name]["bias"], 0)


def test_leaves_without_given_axes_use_the_last():
    chosen = problem(lambda path, leaf: 0 if path == "linear/weight" else None)
    assert chosen.filter_axes == (("linear/weight", (0,)),)
    result, plain = (filter_normalized(each, (), 0, 1) for each in (chosen, problem(None)))
    np.testing.assert_array_equal(result["conv"]["weight"], plain["conv"]["weight"])
    assert not np.allclose(result["linear"]["weight"], plain["linear"]["weight"])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (4, r"filter_axes = 4 does not fit 'conv/weight', an array of 4 axes"),
        (2, r"filter_axes = 2 does not fit 'linear/weight', an array of 2 axes; .* from 0 to 1"),
        ({"linear/weight": (0, -2)}, "does not fit 'linear/weight'"),
        ({"linear/weight": ()}, "does not fit 'linear/weight'"),
        ({"linear/weight": 0.0}, "does not fit 'linear/weight'"),
        ({"linear/weight": True}, "does not fit 'linear/weight'"),
        (lambda path, leaf: "out", "does not fit 'conv/weight'"),
    ],
    ids=["beyond all", "beyond one", "twice", "none", "float", "bool", "text"],
)
def test_axes_that_an_array_does_not_have_are_refused(given, sentence):
    with pytest.raises(ValueError, match=sentence):
        problem(given)
