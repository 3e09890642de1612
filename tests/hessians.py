"""A small network with a Hessian of its own, and the ends of a dense spectrum in extended precision."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem
from landscapes.curvature.hessian import dense_hessian
from tests.problems import normal


def _classifier(p, data):
    hidden = jnp.tanh(data["x"] @ p["first"] + p["bias"][None])
    logits = hidden @ p["second"]
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - jnp.sum(logits * data["y"], axis=1))


def classifier(seed, dtype, inputs, width, classes, scale=1.0):
    """A tanh network under cross-entropy on noise. Both precisions get the same float32 numbers."""

    def draw(k, *shape):
        return (scale * normal(10 * seed + k, *shape)).astype(np.float32).astype(dtype)

    labels = np.eye(classes, dtype=dtype)[np.random.default_rng(seed).integers(0, classes, 40)]
    params = {"first": draw(1, inputs, width), "bias": draw(2, width), "second": draw(3, width, classes)}
    return Problem.from_loss(_classifier, params, {"x": draw(4, 40, inputs), "y": labels})


def exact(problem, count=5):
    """The ends of the dense float64 spectrum; Rayleigh quotients in extended precision, because the rounding
    of `eigh` is larger than the error bars that it is to judge."""
    hessian = dense_hessian(problem)
    return extended(hessian, np.r_[0:count, len(hessian) - count : len(hessian)])


def extended(hessian, which=slice(None)):
    """Eigenvalues of a symmetric matrix in extended precision, which of them in increasing order."""
    vectors = np.linalg.eigh(hessian.astype(np.float64))[1][:, which].astype(np.longdouble)
    image = hessian.astype(np.longdouble) @ vectors
    return np.sort(np.sum(vectors * image, axis=0) / np.sum(vectors**2, axis=0)).astype(np.float64)
