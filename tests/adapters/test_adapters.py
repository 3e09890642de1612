"""Models of other libraries: the same loss and gradient as the library's own, at points of a plane too."""

import equinox as eqx
import flax.linen as nn
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from landscapes import draw
from landscapes.adapters import from_equinox, from_haiku, from_linen, from_nnx, from_torch

X = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
DATA = {"x": X, "y": (X @ np.array([1, -2, 0.5], np.float32))[:, None]}


def squares(apply, data):
    return jnp.mean((apply(data["x"]) - data["y"]) ** 2)


class NormalizedMLP(nnx.Module):
    def __init__(self, rngs: nnx.Rngs):
        self.first = nnx.Linear(3, 4, rngs=rngs)
        self.norm = nnx.BatchNorm(4, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.last = nnx.Linear(4, 1, rngs=rngs)

    def __call__(self, x):
        return self.last(self.dropout(jnp.tanh(self.norm(self.first(x)))))


def nnx_case():
    model = NormalizedMLP(nnx.Rngs(0))
    model.eval()
    model.norm.mean[...] = jnp.arange(4.0)
    gradient = nnx.to_pure_dict(nnx.grad(squares)(model, DATA))
    return from_nnx(model, squares, DATA), squares(model, DATA), gradient


class LinenMLP(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.BatchNorm(use_running_average=True)(nn.Dense(4)(x))
        return nn.Dense(1)(jnp.tanh(x))


def linen_case():
    module = LinenMLP()
    variables = module.init(jax.random.key(0), X)
    variables["batch_stats"]["BatchNorm_0"]["mean"] = jnp.arange(4.0)

    def own(params):
        return squares(lambda x: module.apply({**variables, "params": params}, x), DATA)

    value, gradient = jax.value_and_grad(own)(variables["params"])
    return from_linen(module, variables, squares, DATA), value, gradient


def on_examples(model, data):
    return squares(jax.vmap(model), data)


def equinox_case():
    model = eqx.nn.MLP(3, 1, 4, 1, activation=jnp.tanh, key=jax.random.key(0))
    return from_equinox(model, on_examples, DATA), *eqx.filter_value_and_grad(on_examples)(model, DATA)


def haiku_case():
    def network(x):
        return hk.nets.MLP([4, 1], activation=jnp.tanh)(x)

    transformed = hk.transform(network)
    params = transformed.init(jax.random.key(0), X)
    value, gradient = jax.value_and_grad(lambda p: squares(lambda x: transformed.apply(p, None, x), DATA))(params)
    return from_haiku(transformed, params, squares, DATA), value, gradient


class Tensor:
    """What this package reads of a PyTorch tensor."""

    def __init__(self, array):
        self.array, self.dtype = array, f"torch.{array.dtype}"

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.array


def torch_loss(weights, data):
    shift = weights["fc.bias"] - weights["norm.running_mean"]
    hidden = data["x"] @ weights["fc.weight"].T + shift[None]
    return jnp.mean((jnp.tanh(hidden) @ weights["out.weight"].T - data["y"]) ** 2)


def torch_case():
    rng = np.random.default_rng(1)
    weights = {"fc.weight": (4, 3), "fc.bias": (4,), "norm.running_mean": (4,), "out.weight": (1, 4)}
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in weights.items()}
    value, gradient = jax.value_and_grad(torch_loss)(arrays, DATA)
    tensors = {name: Tensor(array) for name, array in arrays.items()}
    tensors["norm.num_batches_tracked"] = Tensor(np.array(3))
    problem = from_torch(tensors, torch_loss, DATA)
    assert problem.params["norm.num_batches_tracked"] is problem.params["norm.running_mean"] is None
    return problem, value, {name: leaf for name, leaf in gradient.items() if name != "norm.running_mean"}


CASES = {"nnx": nnx_case, "linen": linen_case, "equinox": equinox_case, "haiku": haiku_case, "torch": torch_case}


@pytest.mark.parametrize("case", CASES)
def test_loss_and_gradient_are_those_of_the_library(case):
    problem, value, gradient = CASES[case]()
    np.testing.assert_allclose(problem.loss(problem.params), value, rtol=1e-6)
    found, expected = jax.tree.leaves(problem.field(problem.params)), jax.tree.leaves(gradient)
    assert len(found) == len(expected) > 2
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    assert float(value) > 0.1


@pytest.mark.parametrize("case", ["nnx", "equinox", "torch"])
def test_surface_passes_through_the_model(case):
    problem, value, _ = CASES[case]()
    surface = draw(problem, problem.plane(seed=1, dim=1), 0.5, tolerance=0.1)
    np.testing.assert_allclose(surface.loss[len(surface.loss) // 2], value, rtol=1e-5)


def test_filters_of_equinox_and_torch_are_rows():
    for case, weight in (("equinox", lambda p: p.layers[0].weight), ("torch", lambda p: p["fc.weight"])):
        problem, _, _ = CASES[case]()
        line = problem.plane("filter-normalized", seed=2, dim=1)
        direction, own = weight(line.basis)[0] * line.scale[0], weight(problem.params)
        np.testing.assert_allclose(
            np.linalg.norm(direction, axis=1), np.linalg.norm(own, axis=1), rtol=1e-4, err_msg=case
        )


def test_dropout_has_one_mask_over_the_surface():
    model = NormalizedMLP(nnx.Rngs(0))
    model.train()
    problem = from_nnx(model, squares, DATA)
    assert float(problem.loss(problem.params)) == float(problem.loss(problem.params))

    class Dropped(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(1)(nn.Dropout(0.5, deterministic=False)(x))

    module = Dropped()
    variables = module.init({"params": jax.random.key(0), "dropout": jax.random.key(1)}, X)
    values = {
        float(from_linen(module, variables, squares, DATA, key=k).loss(variables["params"])) for k in (3, 3, 4)
    }
    assert len(values) == 2


def test_haiku_with_state_and_key():
    def network(x):
        x = hk.BatchNorm(True, True, 0.9)(x, is_training=True)
        return hk.Linear(1)(hk.dropout(hk.next_rng_key(), 0.5, x))

    transformed = hk.transform_with_state(network)
    params, state = transformed.init(jax.random.key(0), X)
    problem = from_haiku(transformed, params, squares, DATA, state=state, key=5)
    expected = squares(lambda x: transformed.apply(params, state, jax.random.key(5), x)[0], DATA)
    np.testing.assert_allclose(problem.loss(params), expected, rtol=1e-6)


def test_where_restricts_an_adapter():
    problem = from_equinox(
        eqx.nn.MLP(3, 1, 4, 1, key=jax.random.key(0)), on_examples, DATA, where="layers/1/*", filter_axes=0
    )
    assert problem.dim == 5


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: from_torch({"fc": [1.0]}, torch_loss), "'fc' is a list, no tensor; give module.state_dict()"),
        (lambda: from_linen(LinenMLP(), {"batch_stats": {}}, squares), "the variables have no 'params', only"),
        (lambda: from_linen(LinenMLP(), {"params": {}}, squares, state={}), "state is taken by the module's own"),
        (lambda: from_nnx(NormalizedMLP(nnx.Rngs(0)), squares, state={}), "state is taken by the module's own"),
    ],
    ids=["torch", "no params", "linen state", "nnx state"],
)
def test_what_does_not_fit_gets_one_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
