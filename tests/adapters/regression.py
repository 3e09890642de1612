"""One regression for the models of every library."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import draw

X = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
DATA = {"x": X, "y": (X @ np.array([1, -2, 0.5], np.float32))[:, None]}


def squares(apply, data):
    return jnp.mean((apply(data["x"]) - data["y"]) ** 2)


def on_examples(model, data):
    return squares(jax.vmap(model), data)


def check_problem(problem, value, gradient):
    """The loss and the gradient are those of the library, and the surface passes through the model."""
    np.testing.assert_allclose(problem.loss(problem.params), value, rtol=1e-6)
    result, expected = jax.tree.leaves(problem.field(problem.params)), jax.tree.leaves(gradient)
    assert len(result) == len(expected) > 2
    for one, other in zip(result, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    assert float(value) > 0.1
    surface = draw(problem, problem.plane(seed=1, dim=1), 0.5, tolerance=0.1)
    np.testing.assert_allclose(surface.loss[len(surface.loss) // 2], value, rtol=1e-5)


def check_rows(problem, weight):
    """Filters are the rows of this weight: in a filter-normalized direction each has the norm of its own row."""
    line = problem.plane("filter-normalized", seed=2, dim=1)
    direction, own = weight(line.basis)[0] * line.scale[0], weight(problem.params)
    np.testing.assert_allclose(np.linalg.norm(direction, axis=1), np.linalg.norm(own, axis=1), rtol=1e-4)
