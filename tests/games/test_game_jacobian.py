"""The Jacobian of a game's field: known matrices, two methods, errors that cover, and the unit-circle test."""

import importlib
from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from jax.tree_util import register_dataclass

from landscapes.games.game_jacobian import jacobian, perturbed_eigenvalues
from landscapes.games.step_stability import MULTIPLIERS, unit_circle
from landscapes.optimization.game_steps import MOVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from landscapes.problem import Problem
from tests import game_problems, problems
from tests.error_bars import median_ratio

# The wing exports a function of this name.
MODULE = importlib.import_module("landscapes.games.game_jacobian")


def by_modulus(values):
    return values[np.lexsort((np.imag(values), np.real(values).round(9), -np.abs(values).round(9)))]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_t35_jacobian_of_a_game_has_complex_eigenvalues(dtype):
    problem, matrix = game_problems.quadratic(dtype=dtype)
    result = jacobian(problem)
    exact = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(by_modulus(result.eigenvalues), by_modulus(exact), rtol=1e-6)
    assert np.max(np.abs(np.imag(exact))) > 0.1
    assert result.matrix is not None
    np.testing.assert_allclose(result.matrix, matrix, rtol=1e-6)
    np.testing.assert_array_equal(result.owners, [0, 0, 0, 1, 1])
    start = np.concatenate([problem.params[name]["first"] for name in ("x", "y")])
    assert result.field_norm == pytest.approx(np.linalg.norm(matrix @ start), rel=1e-6)
    assert result.is_complete
    assert not result.is_equilibrium
    assert not result.eigenvalues.flags.writeable


def test_t35_equilibrium_may_be_a_saddle_of_one_player():
    """Berard et al. 2020: x sits at the top of its own loss, and the game comes to rest there all the same."""
    problem, _ = game_problems.quadratic(1, 1)
    data = {"a": np.array([[-0.5]]), "b": np.array([[2.0]]), "c": np.array([[1.5]])}
    problem = replace(problem, data=data)
    result = jacobian(problem)
    assert np.all(np.real(result.eigenvalues) > 0)
    test = unit_circle(result, "simultaneous", {"learning_rate": 0.05})
    assert test.state == "converges"
    run = descend(problem, ("simultaneous", {"learning_rate": 0.05}), 2000)
    assert np.hypot(run.params["x"]["first"][-1, 0], run.params["y"]["first"][-1, 0]) < 1e-6


def test_a_subspace_gives_the_outermost_eigenvalues(monkeypatch):
    problem, matrix = game_problems.quadratic(40, 30)
    exact = np.linalg.eigvals(matrix)
    monkeypatch.setattr(MODULE, "MAX_DENSE_PARAMETERS", 10)
    monkeypatch.setattr(MODULE, "KRYLOV_DIMENSION", 45)
    result = jacobian(problem, key=jax.random.key(1))
    assert result.method == "Arnoldi"
    assert result.matrix is None
    assert 2 <= len(result.eigenvalues) < 70
    for value, error in zip(result.eigenvalues, result.errors, strict=True):
        assert np.min(np.abs(exact - value)) <= error + 1e-12
    largest = exact[np.argmax(np.abs(exact))]
    assert abs(result.eigenvalues[0]) == pytest.approx(abs(largest), rel=1e-6)
    assert unit_circle(result, "alternating", {"learning_rate": 0.1}).state == "undetermined"
    assert "whole Jacobian" in unit_circle(result, "alternating", {"learning_rate": 0.1}).sentence
    # Stability is never claimed of eigenvalues that nobody has seen.
    assert unit_circle(result, "simultaneous", {"learning_rate": 1e-3}).state == "undetermined"
    monkeypatch.setattr(MODULE, "KRYLOV_DIMENSION", 100)
    full = jacobian(problem, key=jax.random.key(1))
    np.testing.assert_allclose(by_modulus(full.eigenvalues), by_modulus(exact), rtol=1e-6)


def exact(matrix):
    """Eigenvalues of a matrix in extended precision, as quotients of both eigenvectors that float64 gives."""
    decomposed = scipy.linalg.eig(matrix.astype(np.float64), left=True, right=True)
    left, right = (vectors.astype(np.clongdouble) for vectors in decomposed[1:])
    return np.sum(left.conj() * (matrix @ right), axis=0) / np.sum(left.conj() * right, axis=0)


def distances(found, true):
    """Of each value found to the nearest true one, and the other way round, ["k n"]."""
    return np.abs(found[:, None] - true[None]).astype(np.float64)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_bars_cover_the_truth_on_random_games(dtype):
    # From tame to saturated, where 1 − σ cancels.
    errors, bars, scales = [], [], []
    for seed in range(60):
        problem, matrix = game_problems.sure(seed, dtype)
        result = jacobian(problem)
        truth = exact(matrix)
        gaps = distances(result.eigenvalues, truth)
        assert np.all(np.any(gaps <= result.errors[:, None], axis=0))  # no true one is left out
        errors.append(gaps.min(axis=1))
        bars.append(result.errors)
        scales.append([np.max(np.abs(truth))])
    errors, bars = np.array(errors), np.array(bars)
    assert np.max(np.imag(result.eigenvalues)) > 0
    assert np.all(errors <= bars)
    assert median_ratio(bars, errors, scales) <= 100


def test_error_bars_of_a_subspace_cover_the_truth_on_random_games(monkeypatch):
    # Of 30 parameters in 20 dimensions: what is left over and a condition number that is not the whole space's.
    monkeypatch.setattr(MODULE, "MAX_DENSE_PARAMETERS", 10)
    monkeypatch.setattr(MODULE, "KRYLOV_DIMENSION", 20)
    errors, bars, scales = [], [], []
    for seed in range(50):
        problem, matrix = game_problems.sure(seed, np.float64, 18, 12, 60)
        result = jacobian(problem, key=jax.random.key(seed))
        truth = exact(matrix)
        errors.extend(distances(result.eigenvalues, truth).min(axis=1))
        bars.extend(result.errors)
        scales.extend(np.full(len(result.errors), np.max(np.abs(truth))))
    assert len(errors) > 200
    assert np.all(np.array(errors) <= bars)
    assert median_ratio(bars, errors, scales) <= 100


@partial(register_dataclass, data_fields=[], meta_fields=[])
@dataclass(frozen=True)
class _Kinked(game_problems._Quadratic):
    """The quadratic game with max(x − 1, 0)² beside it, whose second derivative jumps at 1."""

    def __call__(self, params, state, batch, key):
        terms = super().__call__(params, state, batch, key)
        return terms | {"own": terms["own"] + jnp.sum(jnp.maximum(params["x"]["first"] - 1, 0) ** 2)}


def test_a_kink_is_not_taken_for_rounding():
    # The wider shift crosses it, the narrower does not.
    problem, _ = game_problems.quadratic(1, 1)
    near = {**problem.params, "x": {"first": np.array([1.000003])}}
    assert jacobian(replace(problem, objective=_Kinked(), params=near)).rounding < 1e-12


@partial(register_dataclass, data_fields=[], meta_fields=[])
@dataclass(frozen=True)
class _Wedge(game_problems._Quadratic):
    """The quadratic game with 3|y| beside it, whose field jumps from −3 to 3 at y = 0."""

    def __call__(self, params, state, batch, key):
        terms = super().__call__(params, state, batch, key)
        y = params["y"]["first"]
        return terms | {"other": terms["other"] + 3 * jnp.sum(jnp.maximum(y, -y))}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_point_where_the_field_jumps_is_no_equilibrium(dtype):
    problem, _ = game_problems.quadratic(2, 1, dtype=dtype)
    zero = {name: {"first": np.zeros_like(own["first"])} for name, own in problem.params.items()}
    smooth = jacobian(problem, zero)
    assert smooth.jump == 0
    assert smooth.is_equilibrium
    result = jacobian(replace(problem, objective=_Wedge()), zero)
    assert result.field_norm == 0
    assert result.jump == pytest.approx(6, abs=1e-6)
    assert not result.is_equilibrium
    step = unit_circle(result, "simultaneous", {"learning_rate": 0.1})
    assert step.state == "undetermined"
    assert "the field jumps here by 6" in step.sentence
    assert jacobian(replace(problem, objective=_Wedge())).jump == 0


def test_errors_cover_a_defective_eigenvalue():
    """R1 with γ = 1 makes the Dirac-GAN's eigenvalue double, where rounding moves it by its root."""
    values, errors, _ = perturbed_eigenvalues(np.array([[0.0, -0.5], [0.5, 1.0]]), 1e-14)
    assert np.all(np.abs(values - 0.5) <= errors)
    assert np.all(errors < 1e-6)
    values, errors, _ = perturbed_eigenvalues(np.array([[1.0, 1e4], [0.0, 1.1]]), 1e-10)
    shifted = np.linalg.eigvals(np.array([[1.0, 1e4], [1e-10, 1.1]]))
    assert np.max(np.abs(np.sort(shifted) - np.sort(values))) <= 1.1 * np.max(errors)
    assert np.max(errors) > 1e-6


def test_what_has_no_jacobian_says_why():
    with pytest.raises(
        ValueError, match="the Jacobian of a single loss's field is its Hessian; ask for the spectrum"
    ):
        jacobian(problems.quadratic())
    problem, _ = game_problems.quadratic()
    axes = jax.tree.map(lambda leaf: np.ones((1, *leaf.shape)), problem.params)
    on = problem.on(span(problem.params, axes))
    with pytest.raises(ValueError, match="ask for the Jacobian of the whole game"):
        jacobian(on)
    broken = replace(problem, data={**problem.data, "b": np.full((3, 2), np.nan)})
    with pytest.raises(ValueError, match="the field is not finite at this point"):
        jacobian(broken)


def test_progress_is_reported_and_may_cancel():
    fractions = []
    jacobian(game_problems.quadratic(12, 9)[0], progress=lambda fraction, partial: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(0.9)

    def stop(fraction, partial):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        jacobian(game_problems.quadratic(12, 9)[0], progress=stop)


# The unit-circle test


def dirac(gamma=0.0):
    """The Jacobian of the Dirac-GAN at its equilibrium, θ before ψ, with R1 of weight γ."""
    problem, _ = game_problems.quadratic(1, 1)
    half = np.array([[-0.5]])
    return replace(problem, data={"a": np.array([[0.0]]), "b": half, "c": np.array([[gamma]])})


@pytest.mark.parametrize(("rate", "radius"), [(0.1, 1.00124922), (0.5, 1.03077641)])
def test_growth_rates_of_the_dirac_gan(rate, radius):
    result = jacobian(dirac())
    at_once = unit_circle(result, "simultaneous", {"learning_rate": rate})
    assert at_once.radius == pytest.approx(radius, abs=1e-8)
    assert at_once.radius == pytest.approx(np.sqrt(1 + rate**2 / 4), abs=1e-12)
    assert at_once.state == "diverges"
    in_turn = unit_circle(result, "alternating", {"learning_rate": rate})
    np.testing.assert_allclose(np.abs(in_turn.multipliers), 1, atol=1e-12)
    assert in_turn.state == "undetermined"
    assert "they circle for ever, to first order (all |μ| = 1 to within " in in_turn.sentence
    for name in ("extragradient", "optimistic"):
        assert unit_circle(result, name, {"learning_rate": rate}).state == "converges"


LOSSES = {
    "z": lambda p: 0.5 * p["z"] ** 2 + p["z"] * (2 * p["a"] - p["m"]),
    "a": lambda p: p["a"] ** 2 + p["a"] * (0.5 * p["m"] - 3 * p["z"]),
    "m": lambda p: 2 * p["m"] ** 2 + p["m"] * (p["z"] + p["a"]),
}


def test_players_move_in_their_own_order_and_not_in_that_of_their_names():
    """z, then a, then m, whose parameters come as a, m, z."""
    result = jacobian(Problem.from_players(LOSSES, dict.fromkeys("zam", np.array(0.3))))
    matrix = np.array([[2, 0.5, -3], [1, 4, 1], [2, -1, 1]])
    assert result.matrix is not None
    np.testing.assert_allclose(result.matrix, matrix, atol=1e-12)
    assert result.owners.tolist() == [1, 2, 0]
    step = np.eye(3)
    for row in (2, 0, 1):
        step[row] -= 0.2 * matrix[row] @ step
    found = unit_circle(result, "alternating", {"learning_rate": 0.2})
    np.testing.assert_allclose(np.abs(found.multipliers), np.sort(np.abs(np.linalg.eigvals(step)))[::-1])


def test_r1_makes_simultaneous_steps_converge():
    for gamma, radius in ((1.0, 0.95), (0.5, np.sqrt(0.975**2 + 0.1**2 * (0.25 - 0.0625)))):
        test = unit_circle(jacobian(dirac(gamma)), "simultaneous", {"learning_rate": 0.1})
        assert test.state == "converges"
        assert test.radius == pytest.approx(radius, abs=1e-6)


@pytest.mark.parametrize("name", [*MULTIPLIERS, "alternating"])
def test_multipliers_are_those_that_the_paths_show(name):
    """A long path grows by the largest |μ| a step, measured over whole turns."""
    problem, _ = game_problems.quadratic(seed=4)
    knobs = {"learning_rate": 0.05} | ({"beta": 0.3} if name in ("momentum", "nesterov") else {})
    test = unit_circle(jacobian(problem), name, knobs)
    run = descend(problem, (name, knobs), 4000)
    # The slowest mode is what is left, and may turn: compare over many steps.
    norms = run.gradient_norm
    last = len(norms) - 1  # a path that grows ends early
    measured = (norms[last] / norms[last // 4]) ** (1 / (last - last // 4))
    assert measured == pytest.approx(test.radius, rel=2e-3)
    assert (test.state == "converges") == (test.radius < 1)


def test_nonlinear_optimizers_have_no_unit_circle_test():
    result = jacobian(game_problems.bilinear())
    for name in set(OPTIMIZERS) - set(MULTIPLIERS) - set(MOVES):
        test = unit_circle(result, name, {"learning_rate": 0.1})
        assert test.state == "undetermined"
        assert np.isnan(test.radius)
        assert "has no unit-circle test" in test.sentence
