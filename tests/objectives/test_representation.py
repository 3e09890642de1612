"""Losses of embeddings against plain loops, at collapse, and where they are least."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES

KEY = jax.random.key(2)
RNG = np.random.default_rng(0)
LABELS = np.array([0, 0, 1, 1, 1, 2])
OUTPUTS = RNG.normal(size=(6, 3))
IMAGES = RNG.uniform(size=(5, 8, 8, 1))
PROJECTION = RNG.normal(size=(64, 8))


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def terms(name, outputs, **knobs):
    return _terms(name, outputs, knobs)


@partial(jax.jit, static_argnums=0)
def _terms(name, outputs, knobs):
    batch = {"x": jnp.zeros((len(LABELS), 1)), "y": LABELS}
    return OBJECTIVES[name].terms(lambda p, s, x: p, outputs, {}, batch, KEY, **knobs)


@partial(jax.jit, static_argnums=0)
def of_images(name, **knobs):
    """The terms of an encoder that projects the pixels of a view, and the last outputs that the objective read."""
    outputs = []

    def project(params, state, x):
        outputs.append(x.reshape(len(x), -1) @ PROJECTION)
        return outputs[-1]

    return OBJECTIVES[name].terms(project, {}, {}, {"x": jnp.asarray(IMAGES)}, KEY, **knobs), outputs[-1]


def test_triplet_takes_the_farthest_of_a_class_and_the_nearest_of_another():
    z = OUTPUTS / np.linalg.norm(OUTPUTS, axis=1, keepdims=True)
    squares = ((z[:, None] - z) ** 2).sum(-1)
    values = []
    for a in range(5):  # the sixth is alone in its class
        positives = [p for p in range(6) if p != a and LABELS[p] == LABELS[a]]
        negatives = [n for n in range(6) if LABELS[n] != LABELS[a]]
        values.append(max(0, squares[a, positives].max() - squares[a, negatives].min() + 0.3))
    np.testing.assert_allclose(terms("triplet", OUTPUTS, margin=0.3)["triplet"], np.mean(values), rtol=1e-9)
    np.testing.assert_allclose(terms("triplet", np.ones((6, 3)), margin=0.3)["triplet"], 0.3, rtol=1e-9)
    np.testing.assert_allclose(terms("triplet", np.eye(3)[LABELS], margin=0.3)["triplet"], 0, atol=1e-12)


def test_supervised_contrast_is_the_published_sum():
    z, tau = OUTPUTS / np.linalg.norm(OUTPUTS, axis=1, keepdims=True), 0.7
    total = []
    for i in range(6):
        others = [k for k in range(6) if k != i]
        denominator = np.log(sum(np.exp(z[i] @ z[k] / tau) for k in others))
        pairs = [z[i] @ z[p] / tau - denominator for p in others if LABELS[p] == LABELS[i]]
        total.append(-np.mean(pairs) if pairs else denominator)  # an example alone has no pair to be aligned with
    found = terms("supervised-contrastive", OUTPUTS, temperature=tau)
    np.testing.assert_allclose(found["alignment"] + found["uniformity"], np.mean(total), rtol=1e-9)


def test_arcface_adds_the_margin_to_the_angle_of_the_class():
    z = OUTPUTS / np.linalg.norm(OUTPUTS, axis=1, keepdims=True)
    angles = np.arccos(z)
    angles[np.arange(6), LABELS] += 0.2
    logits = 5 * np.cos(angles)
    expected = np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(6), LABELS])
    np.testing.assert_allclose(terms("arcface", OUTPUTS, margin=0.2, scale=5.0)["arcface"], expected, rtol=1e-9)
    at_axes = terms("arcface", np.eye(3)[LABELS], margin=0.5, scale=8.0)["arcface"]
    np.testing.assert_allclose(at_axes, np.log1p(2 * np.exp(-8 * np.cos(0.5))), rtol=1e-4)


def test_barlow_twins_and_vicreg_measure_the_moments_of_both_views():
    found, outputs = of_images("barlow-twins")
    first, second = np.split(np.asarray(outputs), 2)
    joint = np.corrcoef(first.T, second.T)[:8, 8:]
    np.testing.assert_allclose(found["invariance"], ((1 - np.diag(joint)) ** 2).sum(), rtol=1e-8)
    np.testing.assert_allclose(found["redundancy"], (joint**2).sum() - (np.diag(joint) ** 2).sum(), rtol=1e-8)
    found, outputs = of_images("vicreg", deviation=4.0)
    covariances = [np.cov(z.T) for z in np.split(np.asarray(outputs), 2)]
    hinge = sum(np.maximum(0, 4 - np.sqrt(np.diag(c) + 1e-4)).mean() for c in covariances)
    off = sum(((c**2).sum() - (np.diag(c) ** 2).sum()) / 8 for c in covariances)
    assert hinge > 0.01
    np.testing.assert_allclose([found["variance"], found["covariance"]], [hinge, off], rtol=1e-9)
    np.testing.assert_allclose(found["invariance"], ((first - second) ** 2).sum(1).mean(), rtol=1e-9)


@pytest.mark.parametrize("name", ["triplet", "supervised-contrastive", "barlow-twins", "vicreg"])
def test_collapse_has_the_value_that_is_drawn(name):
    entry, data = OBJECTIVES[name], DATASETS["digits-images"].load(0, examples=12)
    knobs = {
        "triplet": {"margin": 0.5},
        "supervised-contrastive": {"temperature": 0.5},
        "vicreg": {"deviation": 1.0},
    }
    weights = {term: 2.0 * weight for term, weight in entry.weights.items()}
    batch = dict(data.train)
    found = jax.jit(
        lambda batch, knobs: entry.terms(lambda p, s, x: jnp.full((len(x), 8), 0.3), {}, {}, batch, KEY, **knobs)
    )(batch, knobs.get(name, {}))
    value = sum(weights[term] * found[term] for term in weights)
    references: Any = entry.known.references
    (reference,) = references(data, weights=weights, **knobs.get(name, {})).values()
    np.testing.assert_allclose(value, reference, rtol=1e-6)
