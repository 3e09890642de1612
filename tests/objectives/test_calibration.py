"""The Brier score and the calibration error of predictions with known frequencies."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.objectives import OBJECTIVES

LABELS = np.repeat([0, 1, 2], [6, 3, 1])
SHARES = np.array([0.6, 0.3, 0.1])


def terms(p, **knobs):
    outputs = jnp.broadcast_to(jnp.log(jnp.asarray(p)), (10, 3))
    batch = {"x": jnp.zeros((10, 1)), "y": jnp.asarray(LABELS)}
    return OBJECTIVES["brier"].terms(lambda q, *_: q["w"], {"w": outputs}, {}, batch, None, **knobs)


def test_brier_score_is_calibration_plus_refinement():
    p = np.array([0.2, 0.7, 0.1])
    expected = np.sum((p - SHARES) ** 2) + 1 - np.sum(SHARES**2)
    np.testing.assert_allclose(terms(p)["brier"], expected, rtol=1e-5)
    np.testing.assert_allclose(terms(SHARES)["brier"], 1 - np.sum(SHARES**2), rtol=1e-5)


def test_both_scores_are_least_at_the_frequencies():
    for term in ("brier", "cross-entropy"):
        slope = jax.jit(jax.grad(lambda logits, term=term: terms(jax.nn.softmax(logits))[term]))(jnp.log(SHARES))
        np.testing.assert_allclose(slope, 0, atol=1e-6)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    np.testing.assert_allclose(terms(SHARES)["calibration-error"], 0, atol=1e-6)
    np.testing.assert_allclose(terms([0.2, 0.7, 0.1])["calibration-error"], 0.7 - 0.3, rtol=1e-5)
    np.testing.assert_allclose(terms([0.9, 0.05, 0.05], bins=1)["calibration-error"], 0.9 - 0.6, rtol=1e-5)
