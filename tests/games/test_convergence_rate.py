"""The rates of theory against published values and against the contraction of runs on quadratics."""

import numpy as np
import pytest

from landscapes.games.convergence_rate import convergence_rate, game_rate
from landscapes.games.step_stability import UnitCircle
from landscapes.optimization.trajectory import descend
from landscapes.problem import Problem

MU, LARGEST = 1.0, 100.0


def _quadratic(theta):
    return 0.5 * (MU * theta[0] ** 2 + LARGEST * theta[1] ** 2)


def rate(name, learning_rate, **knobs):
    return convergence_rate(name, {"learning_rate": learning_rate, **knobs}, MU, LARGEST)


def test_rates_at_the_best_settings_are_the_published_ones():
    """κ = 100: (κ−1)/(κ+1), (√κ−1)/(√κ+1) and 1 − 1/√κ."""
    root = np.sqrt(LARGEST / MU)
    assert rate("sgd", 2 / (MU + LARGEST)).factor == pytest.approx(99 / 101, abs=1e-12)
    best = {"learning_rate": 4 / (np.sqrt(LARGEST) + np.sqrt(MU)) ** 2, "beta": ((root - 1) / (root + 1)) ** 2}
    # The root is double there, so that rounding enters with its square root.
    assert rate("momentum", **best).factor == pytest.approx((root - 1) / (root + 1), abs=1e-7)
    beta = (root - 1) / (root + 1)
    assert rate("nesterov", 1 / LARGEST, beta=beta).factor == pytest.approx(1 - 1 / root, abs=1e-7)


@pytest.mark.parametrize(
    ("name", "learning_rate", "knobs", "steps"),
    # Real roots, so that the distance contracts by the same factor at every late step.
    [("sgd", 0.012, {}, 300), ("sgd", 0.0195, {}, 900), ("momentum", 0.005, {"beta": 0.3}, 400),
     ("nesterov", 0.006, {"beta": 0.5}, 400)],
)  # fmt: skip
def test_measured_contraction_equals_theory_on_a_quadratic(name, learning_rate, knobs, steps):
    problem = Problem.from_loss(_quadratic, np.array([1.0, -0.3]))
    run = descend(problem, (name, {"learning_rate": learning_rate, **knobs}), steps, snapshots=steps + 1)
    distance = np.linalg.norm(run.params, axis=1)
    theory = rate(name, learning_rate, **knobs)
    assert distance[-1] / distance[-2] == pytest.approx(theory.factor, abs=1e-6)
    if theory.is_bound:
        assert np.all(distance <= distance[0] * theory.factor ** np.arange(steps + 1) * (1 + 1e-9))


def test_complex_roots_contract_by_the_root_of_beta():
    """With roots z and z̄ and |z|² = β, e′² − (z + z̄)ee′ + βe² of consecutive displacements e, e′ shrinks by β."""
    rate_used, beta = 0.02, 0.8
    problem = Problem.from_loss(_quadratic, np.array([1.0, 0.0]))
    run = descend(problem, ("momentum", {"learning_rate": rate_used, "beta": beta}), 60, snapshots=61)
    now, then = run.params[:-1, 0], run.params[1:, 0]
    form = then**2 - (1 + beta - rate_used * MU) * then * now + beta * now**2
    theory = rate("momentum", rate_used, beta=beta).factor
    np.testing.assert_allclose(np.sqrt(form[1:] / form[:-1]), theory, atol=1e-6)


def test_rate_above_one_is_where_the_run_diverges():
    assert rate("sgd", 2.001 / LARGEST).factor > 1 > rate("sgd", 1.999 / LARGEST).factor
    assert (
        rate("momentum", 3.001 / LARGEST, beta=0.5).factor > 1 > rate("momentum", 2.999 / LARGEST, beta=0.5).factor
    )


def test_rate_of_a_game_is_the_largest_multiplier_and_no_bound():
    multipliers = np.array([0.3 + 0.4j, -0.9, 0.8j])
    test = UnitCircle("extragradient", 0.1, multipliers, np.zeros(3), "converges", "yes")
    found = game_rate(test)
    assert (found.factor, found.is_bound) == (0.9, False)
    assert "equilibrium" in found.theorem
    with pytest.raises(ValueError, match="no rate is known for lion in a game"):
        game_rate(UnitCircle("lion", 0.1, np.zeros(0, complex), np.zeros(0), "undetermined", "unknown"))


def test_flat_directions_and_unknown_optimizers_have_no_rate():
    with pytest.raises(ValueError, match=r"no linear rate: the smallest eigenvalue 0\.001 ± 0\.01"):
        convergence_rate("sgd", {"learning_rate": 0.1}, 1e-3, 5.0, 1e-2)
    with pytest.raises(ValueError, match="no rate is known for adam"):
        convergence_rate("adam", {"learning_rate": 0.1}, 1.0, 5.0)


def test_only_gradient_descent_is_bounded_at_every_step():
    """A run of the others may exceed ρᵗ: their step is no normal matrix."""
    bounds = {name: rate(name, 0.005, beta=0.5).is_bound for name in ("sgd", "momentum", "nesterov")}
    assert bounds == {"sgd": True, "momentum": False, "nesterov": False}
    assert len({rate(name, 0.005, beta=0.5).theorem for name in bounds}) == 3
