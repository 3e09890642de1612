"""Weights of PyTorch: loss and gradient are those of the same function in JAX.

PyTorch itself is no requirement of the tests. `Tensor` has what the package reads of a tensor.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.adapters import from_torch
from tests.adapters.regression import DATA, check_problem, check_rows


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
    """The problem of a state_dict, and its loss and gradient by JAX alone."""
    rng = np.random.default_rng(1)
    weights = {"fc.weight": (4, 3), "fc.bias": (4,), "norm.running_mean": (4,), "out.weight": (1, 4)}
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in weights.items()}
    value, gradient = jax.jit(jax.value_and_grad(torch_loss))(arrays, DATA)
    tensors = {name: Tensor(array) for name, array in arrays.items()}
    tensors["norm.num_batches_tracked"] = Tensor(np.array(3))
    problem = from_torch(tensors, torch_loss, DATA)
    assert problem.params["norm.num_batches_tracked"] is problem.params["norm.running_mean"] is None
    return problem, value, {name: leaf for name, leaf in gradient.items() if name != "norm.running_mean"}


def test_loss_and_gradient_are_those_of_the_function():
    check_problem(*torch_case())


def test_filters_are_rows():
    check_rows(torch_case()[0], lambda params: params["fc.weight"])


def test_a_tensor_that_needs_gradients_in_bfloat16_is_read_on_the_host_as_float32():
    """PyTorch refuses `numpy()` for a tensor with a gradient, on a device, or in bfloat16."""

    class Strict(Tensor):
        done = frozenset()

        def after(self, step):
            other = Strict(self.array)
            other.done, other.dtype = self.done | {step}, self.dtype
            return other

        def detach(self):
            return self.after("detached")

        def cpu(self):
            return self.after("on the host")

        def float(self):
            return self.after("float32")

        def numpy(self):
            assert self.done == {"detached", "on the host", "float32"}
            return self.array

    weight = Strict(np.arange(3.0, dtype=np.float32))
    weight.dtype = "torch.bfloat16"
    problem = from_torch({"w": weight}, lambda weights: jnp.sum(weights["w"] ** 2))
    np.testing.assert_array_equal(problem.params["w"], [0, 1, 2])


def test_a_list_is_no_tensor():
    with pytest.raises(ValueError, match=r"'fc' is a list, no tensor; give module\.state_dict\(\)"):
        from_torch({"fc": [1.0]}, torch_loss)
