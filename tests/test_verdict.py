"""What may be said about convexity, and from what."""

import jax
import numpy as np

from landscapes import Problem, descend, refine, span, spectrum


def test_t09_a_convex_slice_of_a_saddle_is_not_called_convex():
    params = {"w": np.zeros(3)}
    problem = Problem.from_loss(lambda p: p["w"][0] ** 2 + 3 * p["w"][1] ** 2 - 0.5 * p["w"][2] ** 2, params)
    plane = span(params, {"w": np.eye(3)[:2]})
    *_, slice_of_it = refine(problem, plane, extent=1.0)
    assert np.all(np.diff(slice_of_it.loss, 2, axis=0) > 0)  # a bowl, as far as the picture goes
    assert np.all(np.diff(slice_of_it.loss, 2, axis=1) > 0)
    verdict = spectrum(problem, jax.random.key(0), top=1, bottom=1).verdict
    assert verdict.state == "non-convex"
    np.testing.assert_allclose(verdict.eigenvalue, -1.0, atol=1e-12)


def test_t41_parameters_of_the_caller_are_never_changed():
    params = {"w": np.array([1.0, -2.0])}
    problem = Problem.from_loss(lambda p: (p["w"] ** 2).sum(), params)
    list(refine(problem, span(params, {"w": np.eye(2)}), extent=1.0))
    descend(problem, "sgd", 5)
    spectrum(problem, jax.random.key(0), top=1, bottom=1)
    np.testing.assert_array_equal(params["w"], [1.0, -2.0])
