"""Label smoothing: its minimum is the entropy of the smoothed labels."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from landscapes.objectives import OBJECTIVES
from tests.objectives.supervised_terms import terms_at


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def test_label_smoothing_is_least_at_its_own_labels():
    """With ε = 0.3 and C = 3 the labels are (0.8, 0.1, 0.1); the least value is their entropy."""
    labels = np.array([[0.1, 0.8, 0.1]])

    def loss(outputs):
        return terms_at(outputs, [1], "cross-entropy", label_smoothing=0.3)["cross-entropy"]

    np.testing.assert_allclose(loss(jnp.log(labels)), -np.sum(labels * np.log(labels)), rtol=1e-12)
    np.testing.assert_allclose(jax.jit(jax.grad(loss))(jnp.log(labels)), np.zeros((1, 3)), atol=1e-15)
    assert loss(jnp.array([[0.0, 50.0, 0.0]])) > 1


@pytest.mark.parametrize(("smoothing", "classes"), [(0.1, 10), (0.4, 3)])
def test_no_cross_entropy_is_below_the_entropy_of_smoothed_labels(smoothing, classes):
    """At outputs log t it is attained; that is the reference drawn, as the loss is weighed, and none without
    smoothing or under a penalty."""
    data = SimpleNamespace(classes=classes)
    labels = np.full(classes, smoothing / classes)
    labels[0] += 1 - smoothing
    weights = {"cross-entropy": 2.0, "l1": 0.0, "l2": 0.0}
    entry = OBJECTIVES["cross-entropy"]
    assert entry.known.references is not None
    (result,) = entry.known.references(data, weights, label_smoothing=smoothing).values()
    assert result == pytest.approx(2 * scipy.stats.entropy(labels), rel=1e-12)
    best = terms_at(np.log(labels)[None], [0], "cross-entropy", label_smoothing=smoothing)
    assert 2 * float(best["cross-entropy"]) == pytest.approx(result, rel=1e-12)
    assert entry.known.references(data, weights, label_smoothing=0.0) == {}
    assert entry.known.references(data, weights | {"l2": 0.1}, label_smoothing=smoothing) == {}
