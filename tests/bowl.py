"""A bowl of two parameters, one function object, so that the tests of paths share what is compiled for it."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from landscapes.problem import Problem

# How often the loss was traced: what compiles nothing leaves it as it was.
TRACES = [0]


def _loss(theta, curvature):
    TRACES[0] += 1
    return 0.5 * jnp.sum(curvature * theta**2)


def bowl(curvature=(1.0, 100.0), start=(1.0, -3.0)) -> Problem:
    """½Σλθ² in float64: minimum at 0, Hessian diag(λ). Gradient descent takes θ to (1 − ηλ)ᵗθ."""
    return Problem.from_loss(_loss, np.array(start), np.array(curvature))
