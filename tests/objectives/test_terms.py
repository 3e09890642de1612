"""The terms of objectives of outputs against NumPy, where no two rows or columns are alike and no knob is at its
default."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import gammaln, log_softmax, softmax

from landscapes.knobs import knobs
from landscapes.objectives import OBJECTIVES, calibration, segmentation, supervised

RNG = np.random.default_rng(3)
CLASSES, VALUES = RNG.normal(0, 1.5, (7, 4)), RNG.normal(0, 1.5, (5, 3))
LABELS, TARGETS = np.array([2, 0, 3, 1, 1, 2, 3]), RNG.normal(0, 2, (5, 3))
COUNTS = np.array([[0.0, 3, 1], [2, 0, 5], [1, 1, 0], [4, 2, 0], [0, 0, 7]])
TURNED = {"label_smoothing": 0.3, "delta": 0.6, "margin": 1.7, "gamma": 3.0, "level": 0.3, "bins": 4}
ONE_HOT = np.eye(4)[LABELS]


def mean(values):
    """Over the examples, of the sums over the outputs."""
    return values.sum(axis=-1).mean()


def huber(r, delta):
    return mean(np.where(np.abs(r) <= delta, r**2 / 2, delta * (np.abs(r) - delta / 2)))


def hinge(f, margin):
    return np.mean(
        [max(0, margin + np.delete(row, label).max() - row[label]) for row, label in zip(f, LABELS, strict=True)]
    )


def focal(f, gamma):
    p = softmax(f, axis=1)[np.arange(len(f)), LABELS]
    return -np.mean((1 - p) ** gamma * np.log(p))


def calibration_error(f, bins):
    p = softmax(f, axis=1)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == LABELS
    places = np.minimum(np.floor(confidence * bins), bins - 1)
    return sum(abs((confidence - right)[places == place].sum()) for place in set(places)) / len(f)


def dice(f):
    p = softmax(f, axis=1)
    return 1 - np.mean(
        [(2 * p[c == LABELS, c].sum() + 1) / (p[:, c].sum() + np.sum(c == LABELS) + 1) for c in (1, 2, 3)]
    )


def entropy(f):
    return -mean(ONE_HOT * log_softmax(f, axis=1))


CASES = {
    "classes": (CLASSES, LABELS, {
        "cross-entropy": lambda f, label_smoothing: {
            "cross-entropy": -mean(
                ((1 - label_smoothing) * ONE_HOT + label_smoothing / 4) * log_softmax(f, axis=1)
            )
        },
        "squared-error": lambda f: {"squared-error": mean((f - ONE_HOT) ** 2)},
        "absolute-error": lambda f: {"absolute-error": mean(np.abs(f - ONE_HOT))},
        "huber": lambda f, delta: {"huber": huber(f - ONE_HOT, delta)},
        "hinge": lambda f, margin: {"hinge": hinge(f, margin)},
        "focal": lambda f, gamma: {"focal": focal(f, gamma)},
        "error-rate": lambda f: {"error-rate": np.mean(f.argmax(axis=1) != LABELS)},
        "brier": lambda f, bins: {
            "brier": mean((softmax(f, axis=1) - ONE_HOT) ** 2),
            "cross-entropy": entropy(f),
            "calibration-error": calibration_error(f, bins),
        },
        "dice": lambda f: {"dice": dice(f), "cross-entropy": entropy(f)},
    }),
    "values": (VALUES, TARGETS, {
        "squared-error": lambda f: {"squared-error": mean((f - TARGETS) ** 2)},
        "absolute-error": lambda f: {"absolute-error": mean(np.abs(f - TARGETS))},
        "huber": lambda f, delta: {"huber": huber(f - TARGETS, delta)},
        "quantile": lambda f, level: {
            "quantile": mean(np.where(f < TARGETS, level * (TARGETS - f), (1 - level) * (f - TARGETS)))
        },
    }),
    "counts": (VALUES, COUNTS, {
        "poisson": lambda f: {"poisson": mean(np.exp(f) - COUNTS * f + gammaln(COUNTS + 1))},
    }),
}  # fmt: skip


def turned(name):
    return {knob: TURNED[knob] for knob in knobs(OBJECTIVES[name].terms)}


@pytest.mark.parametrize("targets", CASES)
def test_terms_are_their_formulas_in_numpy(targets):
    outputs, y, formulas = CASES[targets]

    @jax.jit
    def all_terms(outputs):
        batch = {"x": jnp.zeros((len(y), 1)), "y": jnp.asarray(y)}
        return {
            name: OBJECTIVES[name].terms(lambda params, *_: params, outputs, {}, batch, None, **turned(name))
            for name in formulas
        }

    with jax.enable_x64(True):
        found = all_terms(outputs)
    for name, formula in formulas.items():
        expected = formula(outputs, **turned(name))
        if name != "error-rate":
            expected |= {"l1": np.abs(outputs).sum(), "l2": np.sum(outputs**2) / 2}
        assert found[name].keys() == expected.keys() == OBJECTIVES[name].weights_for(targets).keys()
        for term, value in expected.items():
            np.testing.assert_allclose(found[name][term], value, rtol=1e-12, err_msg=f"{name}: {term}")


def test_every_objective_of_these_families_is_compared():
    compared = set().union(*(formulas for *_, formulas in CASES.values()))
    assert compared == {*supervised.OBJECTIVES, *calibration.OBJECTIVES, *segmentation.OBJECTIVES}
