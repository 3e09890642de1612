"""Parameters of which a part varies."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, descend, draw, span
from landscapes.varied_parameters import split_parameters

TREE = {
    "layers": [
        {"w": np.array([[1, 2], [3, 4]], np.float32), "lora_a": np.array([5, 6], np.float32)},
        {"w": np.array([7], np.float32), "skip": None},
    ],
    "steps": np.int32(3),
    "rng": jax.random.key(0),
    "activation": jnp.tanh,
    "half": jnp.ones(2, jnp.bfloat16),
}


def loss(params, data=None):
    assert params["activation"] is jnp.tanh
    assert params["layers"][1]["skip"] is None
    first, second = params["layers"]
    noise = jax.random.normal(params["rng"])
    return jnp.sum(first["w"]) * first["lora_a"][0] + second["w"][0] ** params["steps"] + noise


@pytest.mark.parametrize(
    ("where", "size"),
    [
        ("*/lora_*", 2),
        ("layers/0/*", 6),
        (["*/lora_a", "layers/1/w"], 3),
        (lambda path, leaf: leaf.ndim == 2, 4),
        (lambda path, leaf: leaf.dtype == np.float32, 7),
    ],
    ids=["pattern", "layer", "patterns", "matrices", "float32"],
)
def test_chosen_leaves_vary_and_the_loss_gets_all(where, size):
    problem = Problem.from_loss(loss, TREE, where=where)
    assert problem.dim == size
    np.testing.assert_allclose(problem.loss(problem.params), loss(TREE), rtol=1e-6)
    shifted = jax.tree.map(lambda leaf: leaf + 1, problem.params)
    varied, fixed = split_parameters(TREE, where)
    assert jax.tree.structure(varied) == jax.tree.structure(problem.params)
    np.testing.assert_allclose(problem.loss(shifted), loss(fixed.complete(shifted)), rtol=1e-6)


def test_gradient_is_that_of_the_chosen_leaves():
    field = Problem.from_loss(loss, TREE, where="*/lora_*").field
    result = field(split_parameters(TREE, "*/lora_*")[0])
    np.testing.assert_array_equal(result["layers"][0]["lora_a"], [10, 0])
    assert result["layers"][0]["w"] is result["half"] is None


def test_everything_works_on_a_part():
    params = {"a": jnp.ones(3), "b": jnp.arange(3.0)}
    problem = Problem.from_loss(lambda p: jnp.sum((p["a"] - p["b"]) ** 2), params, where="a")
    path = descend(problem, ("sgd", {"learning_rate": 0.1}), 3)
    assert path.params["b"] is None
    expected = np.arange(3) + (1 - np.arange(3)) * (1 - 2 * 0.1) ** 3
    np.testing.assert_allclose(path.params["a"][-1], expected, rtol=1e-5)
    surface = draw(problem, span(problem.params, {"a": jnp.eye(3)[:1], "b": None}), 2.0)
    np.testing.assert_allclose(surface.loss, (1 + surface.axes[0]) ** 2 + 1, rtol=1e-5)


def test_other_fixed_values_trace_nothing():
    traced = []

    def counted(params):
        traced.append(None)
        return jnp.sum(params["a"] * params["b"])

    loss_at = jax.jit(lambda problem: problem.loss(problem.params))
    problems = [Problem.from_loss(counted, {"a": jnp.ones(2), "b": jnp.full(2, b)}, where="a") for b in (3.0, 5.0)]
    before = len(traced)
    assert [float(loss_at(problem)) for problem in problems] == [6, 10]
    assert len(traced) == before + 1


@pytest.mark.parametrize(
    ("tree", "where", "sentence"),
    [
        (TREE, "lora", "where = 'lora' chooses no floating-point array; choose among half, layers/0/lora_a, "),
        ({"n": np.arange(3)}, "*", "chooses no floating-point array; choose among none"),
        (TREE, "*", "one dtype, found bfloat16, float32; cast them"),
        ({"a": np.ones(2), "b": {1, 2}}, "a", "'b' is a set, which is no array; leave it out of the tree"),
    ],
    ids=["pattern", "integers", "dtypes", "set"],
)
def test_what_cannot_vary_gets_one_sentence(tree, where, sentence):
    with pytest.raises(ValueError, match=sentence):
        Problem.from_loss(lambda p: jnp.zeros(()), tree, where=where)
