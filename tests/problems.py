"""Problems with known answers, small enough for any test.

Each function gives a `Problem` in the precision asked for; the docstring says what is known about it. Losses are
defined at module level, because a program is compiled once per function object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import register_dataclass

from landscapes.problem import Problem

# Eigenvalues of the quadratic, one negative and one repeated.
EIGENVALUES = np.array([-2.0, 0.5, 0.5, 1.0, 3.0, 10.0])


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def rotation(dim: int, seed: int = 0) -> np.ndarray:
    """An orthogonal matrix that is aligned with nothing."""
    return np.linalg.qr(normal(seed, dim, dim))[0]


def _cast(tree: Any, dtype: Any) -> Any:
    return jax.tree.map(lambda leaf: np.asarray(leaf, dtype), tree)


# Losses of a few numbers


def _skewed(p):
    return {"bowl": p[0] ** 2, "slope": 10 * p[1]}


def skewed(dtype: Any = np.float64) -> Problem:
    """x² + 10y as two terms: no transpose of it is itself."""
    return Problem.from_loss(_skewed, np.zeros(2, dtype))


def _quadratic(p, matrix):
    x = jnp.concatenate([p["bias"], p["kernel"].ravel()])
    return 0.5 * x @ matrix @ x


def quadratic(dtype: Any = np.float64) -> Problem:
    """½xᵀAx over a 2 × 2 kernel and two biases: Hessian A everywhere, with eigenvalues `EIGENVALUES` and the
    columns of `rotation(6)` as eigenvectors, in the order of the leaves."""
    basis = rotation(6)
    matrix = basis * EIGENVALUES @ basis.T
    params = {"kernel": normal(1, 2, 2), "bias": normal(2, 2)}
    return Problem.from_loss(_quadratic, _cast(params, dtype), matrix.astype(dtype))


def _rosenbrock(p):
    return (1 - p["x"]) ** 2 + 100 * (p["y"] - p["x"] ** 2) ** 2


def rosenbrock(dtype: Any = np.float64) -> Problem:
    """At (−1.2, 1) over two scalars: loss 24.2, gradient (−215.6, −88); minimum 0 at (1, 1)."""
    return Problem.from_loss(_rosenbrock, _cast({"x": -1.2, "y": 1.0}, dtype))


def _product(p):
    return 0.5 * (1 - p["first"] * p["second"]) ** 2


def scalar_product(dtype: Any = np.float64) -> Problem:
    """½(1 − w₁w₂)², a network of two weights, at its saddle 0: gradient 0, eigenvalues ±1, loss ½; minima of
    loss 0 all along w₁w₂ = 1."""
    return Problem.from_loss(_product, _cast({"first": 0.0, "second": 0.0}, dtype))


def _half(p):
    return {"bowl": jnp.sum(p**2), "log": jnp.log(p[1])}


def half_nan(dtype: Any = np.float64) -> Problem:
    """x² + y² + ln y at (½, 1): NaN for y < 0, −∞ at y = 0; without its second term a bowl."""
    return Problem.from_loss(_half, np.array([0.5, 1.0], dtype))


# Losses with data


def _logistic(p, data):
    margins = data["y"] * (data["x"] @ p["weights"] + p["bias"])
    return jnp.logaddexp(0, -margins).mean()


def logistic(dtype: Any = np.float64, examples: int = 40) -> Problem:
    """Logistic regression on labels ±1 that no plane separates, at 0: loss ln 2, gradient −½·mean(y·x̃) and
    Hessian ¼·mean(x̃x̃ᵀ) with x̃ = (1, x)."""
    x = normal(3, examples, 3)
    y = np.where(x @ np.array([1.0, -2.0, 0.5]) + normal(4, examples) > 0, 1.0, -1.0)
    params = {"weights": np.zeros(3), "bias": np.zeros(())}
    return Problem.from_loss(_logistic, _cast(params, dtype), _cast({"x": x, "y": y}, dtype))


def _affine(layer, x):
    y = x @ layer["kernel"]
    return y + layer["bias"][None] if "bias" in layer else y


def _mlp(p, data):
    outputs = _affine(p["second"], jax.nn.relu(_affine(p["first"], data["x"])))
    return jnp.mean((outputs - data["y"]) ** 2)


def mlp(dtype: Any = np.float64, *, biases: bool = True) -> Problem:
    """5-4-3 ReLU network under mean squared error: kernels that are not square, and biases that start at 0.

    Without biases it is positively homogeneous in each layer.
    """
    params: dict[str, Any] = {"first": {"kernel": normal(5, 5, 4)}, "second": {"kernel": 0.5 * normal(6, 4, 3)}}
    if biases:
        params["first"]["bias"] = np.zeros(4)
        params["second"]["bias"] = np.zeros(3)
    data = {"x": normal(7, 11, 5), "y": normal(8, 11, 3)}
    return Problem.from_loss(_mlp, _cast(params, dtype), _cast(data, dtype))


# Other senses


def maximized(problem: Problem) -> Problem:
    """The same terms as rewards."""
    return replace(problem, objective=_Reward(problem.objective))


@partial(register_dataclass, data_fields=["objective"], meta_fields=[])
@dataclass(frozen=True, eq=False)
class _Reward:
    objective: Any

    sense: ClassVar[Literal["maximize"]] = "maximize"
    players: ClassVar[None] = None

    def __call__(self, params, state, batch, key):
        return self.objective(params, state, batch, key)


def game(dtype: Any = np.float64) -> Problem:
    """x pays xy + ½x² and y pays −xy, at (2, 3): the field is (y + x, −x) = (5, −2), its Jacobian is not
    symmetric, and the one equilibrium is 0."""
    one = np.ones((), dtype)
    params = _cast({"x": 2.0, "y": 3.0}, dtype)
    return Problem(params, None, None, None, {"product": one, "square": one}, _Game())


@partial(register_dataclass, data_fields=[], meta_fields=[])
@dataclass(frozen=True)
class _Game:
    sense: ClassVar[Literal["minimize"]] = "minimize"
    players: ClassVar[dict[str, dict[str, float]]] = {
        "x": {"product": 1.0, "square": 0.5},
        "y": {"product": -1.0},
    }

    def __call__(self, params, state, batch, key):
        return {"product": params["x"] * params["y"], "square": params["x"] ** 2}
