"""Verdicts on convexity: their states and sentences."""

import math

import jax
import numpy as np
import pytest

from landscapes import Problem, descend, refine, span, spectrum
from landscapes.curvature.convexity_verdict import scientific_notation, verdict
from landscapes.curvature.gradient_jump import Jump


def test_t09_convex_slice_of_saddle_is_non_convex():
    params = {"w": np.zeros(3)}
    problem = Problem.from_loss(lambda p: p["w"][0] ** 2 + 3 * p["w"][1] ** 2 - 0.5 * p["w"][2] ** 2, params)
    plane = span(params, {"w": np.eye(3)[:2]})
    *_, surface = refine(problem, plane, extent=1.0)
    assert np.all(np.diff(surface.loss, 2, axis=0) > 0)  # the slice is convex
    assert np.all(np.diff(surface.loss, 2, axis=1) > 0)
    verdict_in_full_space = spectrum(problem, jax.random.key(0), top=1, bottom=1).verdict
    assert verdict_in_full_space.state == "non-convex"
    np.testing.assert_allclose(verdict_in_full_space.eigenvalue, -1.0, atol=1e-12)


def test_negative_quotient_is_reported_with_its_own_error():
    arguments = {"converged": True, "scale": 1.6, "rounding": 6e-15, "sense": "minimize"}
    assert verdict(-7e-12, 9e-11, **arguments).sentence == (
        "Not convex here: a direction of negative curvature was found (-7e-12 along it, to within 6e-15)."
    )
    assert "(smallest eigenvalue -0.5 ± 0.1)" in verdict(-0.5, 0.1, **arguments).sentence


def test_bound_of_convex_verdict_is_rounded_outward():
    arguments = {"converged": True, "scale": 1.6, "rounding": 6e-15}
    sentence = verdict(4e-14, 1.6e-13, **arguments, sense="minimize").sentence  # λ ≥ −1.2·10⁻¹³
    assert sentence == "Convex here, as far as can be told: no eigenvalue below −2·10⁻¹³."
    sentence = verdict(0.0, 9.7e-13, **arguments, sense="maximize").sentence
    assert sentence == "Concave here, as far as can be told: no eigenvalue above 1·10⁻¹²."
    assert scientific_notation(3e-9) == "3·10⁻⁹"


@pytest.mark.parametrize(
    ("sense", "slopes", "words"),
    [
        ("minimize", (2.0, -1.0), "the loss falls both ways"),
        ("minimize", (3.0, 1.0), "its slope drops"),
        ("maximize", (-2.0, 1.0), "the objective rises both ways"),
        ("maximize", (-3.0, -1.0), "its slope rises"),
    ],
)
def test_a_jump_is_told_in_the_words_of_its_sense(sense, slopes, words):
    jump = Jump("gradient", 3.0, np.ones(1), slopes, math.nan)
    found = verdict(0.5, 1e-9, converged=True, scale=1.0, rounding=1e-12, sense=sense, jump=jump)
    assert (found.state, found.strict) == ("non-convex", True)
    assert found.sentence == (
        f"Not {'convex' if sense == 'minimize' else 'concave'} here: the gradient jumps; along one direction "
        f"{words} (slope {slopes[0]:g} before the point, {slopes[1]:g} after)."
    )


def test_curvature_beside_a_jump_proves_what_lies_beyond_rounding():
    words = {}
    for sense in ("minimize", "maximize"):
        for nearby in (-0.5, -1e-13, 0.5):
            jump = Jump("second derivative", 3.0, None, (math.nan, math.nan), nearby)
            found = verdict(0.5, 1e-9, converged=True, scale=1.0, rounding=1e-12, sense=sense, jump=jump)
            assert found.strict == (found.state == "non-convex")
            words[sense, nearby] = found.sentence
    unknown = "Undetermined here: the second derivative jumps by 3, so the Hessian decides nothing."
    proved = "the second derivative jumps, and beside the point a direction of"
    assert words == {
        ("minimize", -0.5): f"Not convex here: {proved} negative curvature was found (-0.5).",
        ("minimize", -1e-13): unknown,
        ("minimize", 0.5): unknown,
        ("maximize", -0.5): unknown,
        ("maximize", -1e-13): unknown,
        ("maximize", 0.5): f"Not concave here: {proved} positive curvature was found (0.5).",
    }


def test_t41_parameters_of_caller_are_not_changed():
    params = {"w": np.array([1.0, -2.0])}
    problem = Problem.from_loss(lambda p: (p["w"] ** 2).sum(), params)
    list(refine(problem, span(params, {"w": np.eye(2)}), extent=1.0))
    descend(problem, "sgd", 5)
    spectrum(problem, jax.random.key(0), top=1, bottom=1)
    np.testing.assert_array_equal(params["w"], [1.0, -2.0])
