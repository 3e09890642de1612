"""A user's own loss: its key and constants, what it may be handed, and the sentence for what it may not."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, descend, evaluate, span
from landscapes.loss_function import loss_function
from tests.problems import normal

X = normal(0, 12, 3).astype(np.float32)
Y = (X @ np.array([1.0, -2.0, 0.5])).astype(np.float32)
W = np.array([0.3, 0.1, -0.7], np.float32)
DATA = {"x": X, "y": Y}
AXIS = (np.linspace(-1, 1, 4),)
LINE = span(W, np.array([[1.0, -0.5, 2.0]], np.float32))


def squares(p, d):
    return jnp.mean((d["x"] @ p - d["y"]) ** 2)


def dropped(p, d, key):
    kept = jax.random.bernoulli(key, 0.5, d["x"].shape)
    return jnp.mean(((d["x"] * kept) @ p - d["y"]) ** 2)


def penalized(p, d, *, constants):
    return squares(p, d) + constants["lambda"] * jnp.sum((constants["A"] @ p) ** 2)


# Keys and constants


@pytest.mark.parametrize("key", [5, np.int64(5), jax.random.key(5)], ids=["int", "numpy", "key"])
def test_surface_of_stochastic_loss_shares_one_key(key):
    result = evaluate(Problem.from_loss(dropped, W, DATA, key=key), LINE, AXIS).loss
    expected = [dropped(LINE.point(np.array([c])), DATA, jax.random.key(5)) for c in AXIS[0]]
    np.testing.assert_allclose(result, expected, rtol=1e-5)
    assert not np.allclose(result, [dropped(LINE.point(np.array([c])), DATA, jax.random.key(6)) for c in AXIS[0]])


def test_each_minibatch_step_draws_a_fresh_key():
    everything = descend(Problem.from_loss(dropped, W, DATA, key=5), ("sgd", {"learning_rate": 1e-10}), 8)
    assert np.ptp(everything.loss) < 1e-5  # one key, and parameters that hardly move
    problem = Problem.from_loss(dropped, W, {"x": np.ones_like(X), "y": np.ones_like(Y)}, key=5)
    equal = descend(problem, ("sgd", {"learning_rate": 1e-10}), 8, batch_size=11)  # equal examples: only the key
    assert len(np.unique(equal.loss.round(5))) == 9


def test_constants_are_never_cut_into_minibatches():
    constants = {"lambda": 0.1, "A": normal(1, 7, 3).astype(np.float32)}
    problem = Problem.from_loss(penalized, W, DATA, constants=constants)
    assert problem.loss(W) == pytest.approx(float(penalized(W, DATA, constants=constants)), rel=1e-6)
    path = descend(problem, ("sgd", {"learning_rate": 0.01}), 3, batch_size=4)
    full = descend(problem, ("sgd", {"learning_rate": 0.01}), 3, batch_size=12)
    assert path.loss[0] != full.loss[0]
    assert full.loss[0] == pytest.approx(float(problem.loss(W)), rel=1e-6)


@pytest.mark.parametrize(
    ("leaf", "value", "sentence"),
    [
        ("c", np.zeros((20, 1), np.float32), "'c' has 20 rows where others have 12; pass what is no example"),
        ("c", np.float32(0.1), "'c' is a single value; pass it in constants="),
        ("c", 0.1, "'c' is a single value; pass it in constants="),
        ("c", jax.random.key(0), r"'c' is a single value; .*\(a random key as key=\)"),
        ("A", np.eye(12, dtype=np.float32), "fails on 4 of the 12 examples; .* such as 'A', in constants="),
    ],
    ids=["collocation points", "scalar", "number", "key", "adjacency"],
)
def test_minibatches_name_the_leaf_that_is_no_example(leaf, value, sentence):
    def loss(p, d):
        return jnp.mean((d.get("A", jnp.eye(len(d["y"]))) @ d["x"] @ p - d["y"]) ** 2)

    problem = Problem.from_loss(loss, W, {**DATA, leaf: value})
    assert np.isfinite(descend(problem, "sgd", 1).loss[0])
    with pytest.raises(ValueError, match=sentence):
        descend(problem, "sgd", 1, batch_size=4)


# Arguments


@pytest.mark.parametrize(
    ("loss", "given", "sentence"),
    [
        (squares, {"key": 0}, "no argument key, so it would be ignored"),
        (squares, {"constants": {}}, "no argument constants, so it would be ignored"),
        (dropped, {}, "has an argument key; give Problem.from_loss(..., key=)"),
        (penalized, {}, "has an argument constants; give Problem.from_loss(..., constants=)"),
        (lambda p: 0.0, {}, "is called as loss(params, data), but its arguments are (p)"),
        (lambda p, x, y: 0.0, {}, "is called as loss(params, data), but its arguments are (p, x, y)"),
    ],
    ids=["key", "constants", "no key", "no constants", "one", "three"],
)
def test_arguments_that_do_not_fit_are_named(loss, given, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Problem.from_loss(loss, W, DATA, **given)


def test_loss_that_is_no_function_is_refused():
    with pytest.raises(ValueError, match="the loss is a float; give a function"):
        loss_function(3.0, DATA, {}, "minimize")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("loss", [lambda p, d, key=None: squares(p, d), lambda p, d, **rest: squares(p, d)])
def test_optional_arguments_may_be_left_out_or_given(loss):
    for kwargs in ({}, {"key": 3}):
        problem = Problem.from_loss(loss, W, DATA, **kwargs)  # pyright: ignore[reportArgumentType]
        assert float(problem.loss(W)) == pytest.approx(float(squares(W, DATA)))


# What cannot be traced, and what is no array


def _branches(p):
    return p[0] if p[0] > 0 else p[1]


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (
            lambda p: np.mean(np.tanh(p)),
            "it calls NumPy on values that depend on the parameters; use jax.numpy",
        ),
        (_branches, "an if, while, and, or or not depends on the parameters or data; use jnp.where"),
        (lambda p: float(p[0]), "makes a Python number, a shape or a selection"),
        (lambda p: jnp.sum(p[p > 0]), "makes a Python number, a shape or a selection"),
        (lambda p: jnp.zeros(3)[[0, 1, 2][p[0].astype(int)]], "makes a Python number, a shape or a selection"),
        (lambda p: (jnp.sum(p), {}), "the loss must return one floating-point number, or a dict"),
        (lambda p: None, "the loss must return one floating-point number, or a dict"),
        (lambda p: "text", "the loss must return one floating-point number, or a dict"),
        (lambda p: {1: jnp.sum(p)}, "must be named by text"),
    ],
    ids=["numpy", "if", "float", "mask", "index", "pair", "nothing", "text", "unnamed"],
)
def test_loss_that_cannot_be_used_says_why(loss, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Problem.from_loss(loss, W)


def test_index_error_of_the_loss_is_not_replaced():
    table = [0.0]
    with pytest.raises(IndexError, match="out of range"):
        Problem.from_loss(lambda p: table[len(p)] * p[0], W)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("mine", "a str"),
        (np.array(["a", "b"]), "an array of <U1"),
        (np.array([1, "a"], object), "an array of object"),
        ((b for b in [X]), "a generator"),
        (np.array(["2020-01-01"], "datetime64[D]"), "an array of datetime64"),
    ],
    ids=["text", "texts", "objects", "generator", "dates"],
)
@pytest.mark.parametrize("place", ["data", "constants"])
def test_data_and_constants_must_be_arrays_of_numbers(place, value, what):
    arguments = {"data": DATA, "constants": {"n": 1.0}}
    arguments[place] = {**arguments[place], "z": value}
    with pytest.raises(ValueError, match=f"^{place} holds {what}.* at 'z'; give NumPy or JAX arrays of numbers"):
        Problem.from_loss(lambda p, d, constants: jnp.sum(p), W, **arguments)


def test_table_as_data_says_how_to_convert_it():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=r"^data holds a DataFrame at 'x'; give .* such as frame\.to_numpy\(\)"):
        Problem.from_loss(squares, W, {"x": pandas.DataFrame(X), "y": Y})


@pytest.mark.parametrize(
    ("params", "what"),
    [
        ({"w": W, "rng": jax.random.key(0)}, "a random key at 'rng'"),
        ({"w": W, "activation": jnp.tanh}, "a (custom_jvp|PjitFunction|function|jitted).* at 'activation'"),
        ({"w": W, "name": "mlp"}, "a str at 'name'"),
    ],
    ids=["key", "function", "text"],
)
def test_models_as_parameters_say_how_to_split_them(params, what):
    with pytest.raises(ValueError, match=rf"hold {what}; give where='\*', and whatever"):
        Problem.from_loss(lambda p: jnp.sum(p["w"]), params)


def test_empty_parameters_are_refused():
    with pytest.raises(ValueError, match="the parameters are empty arrays"):
        Problem.from_loss(jnp.sum, np.zeros((0, 3), np.float32))
