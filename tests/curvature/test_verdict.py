"""What may be said about convexity, and from what."""

import jax
import numpy as np

from landscapes import Problem, descend, refine, span, spectrum
from landscapes.curvature.verdict import scientific, verdict


def test_t09_a_convex_slice_of_a_saddle_is_not_called_convex():
    params = {"w": np.zeros(3)}
    problem = Problem.from_loss(lambda p: p["w"][0] ** 2 + 3 * p["w"][1] ** 2 - 0.5 * p["w"][2] ** 2, params)
    plane = span(params, {"w": np.eye(3)[:2]})
    *_, slice_of_it = refine(problem, plane, extent=1.0)
    assert np.all(np.diff(slice_of_it.loss, 2, axis=0) > 0)  # a bowl, as far as the picture goes
    assert np.all(np.diff(slice_of_it.loss, 2, axis=1) > 0)
    found = spectrum(problem, jax.random.key(0), top=1, bottom=1).verdict
    assert found.state == "non-convex"
    np.testing.assert_allclose(found.eigenvalue, -1.0, atol=1e-12)


def test_a_quotient_below_zero_is_told_with_its_own_error_where_the_eigenvalue_has_a_wider_one():
    told = {"converged": True, "scale": 1.6, "rounding": 6e-15, "sense": "minimize"}
    assert verdict(-7e-12, 9e-11, **told).sentence == (
        "Not convex here: a direction of negative curvature was found (-7e-12 along it, to within 6e-15)."
    )
    assert "(smallest eigenvalue -0.5 ± 0.1)" in verdict(-0.5, 0.1, **told).sentence


def test_the_bound_of_a_convex_verdict_is_rounded_away_from_zero():
    told = {"converged": True, "scale": 1.6, "rounding": 6e-15}
    said = verdict(4e-14, 1.6e-13, **told, sense="minimize").sentence  # λ ≥ −1.2·10⁻¹³
    assert said == "Convex here, as far as can be told: no eigenvalue below −2·10⁻¹³."
    said = verdict(0.0, 9.7e-13, **told, sense="maximize").sentence
    assert said == "Concave here, as far as can be told: no eigenvalue above 1·10⁻¹²."
    assert scientific(3e-9) == "3·10⁻⁹"


def test_t41_parameters_of_the_caller_are_never_changed():
    params = {"w": np.array([1.0, -2.0])}
    problem = Problem.from_loss(lambda p: (p["w"] ** 2).sum(), params)
    list(refine(problem, span(params, {"w": np.eye(2)}), extent=1.0))
    descend(problem, "sgd", 5)
    spectrum(problem, jax.random.key(0), top=1, bottom=1)
    np.testing.assert_array_equal(params["w"], [1.0, -2.0])
