"""What a step is made of: every formula that is shown holds for the step that the optimizer took."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.knobs import Value, knobs
from landscapes.optimization.explained_optimizer import SHARES_OF_STEP
from landscapes.optimization.optimizers import NEEDS_GAME, OPTIMIZERS
from landscapes.optimization.step_rules import NEXT, rule_of
from landscapes.optimization.step_vectors import step_vectors
from landscapes.optimization.trajectory import descend
from landscapes.plane import Plane, span
from landscapes.problem import Problem
from tests import game_problems
from tests.bowl import bowl
from tests.optimization.formula_reader import sides

STEPS = 7
CURVATURE, START = np.array([3.0, 11.0]), (1.0, -0.7)
# Values with which every term of a formula counts. None is a default: a knob that is lost breaks a formula.
KNOBS = {
    "b1": 0.7,
    "b2": 0.95,
    "beta": 0.6,
    "decay": 0.8,
    "eps": 0.02,
    "factored": False,
    "first_estimate": 0.05,
    "gamma": 0.6,
    "initial_accumulator": 0.4,
    "interval": 3,
    "memory": 2,
    "line_search_steps": 7,
    "rho": 0.3,
    "trust": 0.2,
    "weight_decay": 0.3,
}
SETTINGS = {
    name: {knob: KNOBS[knob] for knob in knobs(function) if knob in KNOBS} for name, function in OPTIMIZERS.items()
}
SETTINGS["prodigy"]["learning_rate"] = 0.6
NOT_DIAGONAL = ["lion", "lbfgs", "sophia"]
# The average of a schedule-free optimizer minimizes no model along its step.
NO_MODEL = NEEDS_GAME | {"schedule-free-sgd", "schedule-free-adamw"}
RMSPROPS = [
    {"decay": 0.8, "eps": 0.05, "eps_in_sqrt": inside, "bias_correction": corrected, "centered": centered}
    for inside, corrected, centered in ((True, False, False), (False, True, False), (True, True, True))
]
CASES = [
    *((name, {"learning_rate": 0.07, **SETTINGS.get(name, {})}) for name in OPTIMIZERS if name not in NEEDS_GAME),
    *(("rmsprop", {"learning_rate": 0.07, **settings}) for settings in RMSPROPS),
]


def plane_of(problem) -> Plane:
    """All of the space of two numbers, in orthonormal directions that are no axes."""
    return span(problem.params, np.array([[0.6, 0.8], [-0.8, 0.6]]))


def vectors_of(found, plane) -> dict[str, np.ndarray]:
    """The vectors ["S D"], from their components."""
    return {symbol: rows @ np.asarray(plane.basis) for symbol, rows in found.components.items()}


def check_formulas(found, vectors, functions):
    """Every formula, at every step, except those with H_t, which has no numbers, or a matrix."""
    for t in range(len(found.loss)):
        values = {symbol: rows[t] for symbol, rows in vectors.items()}
        values |= {name: row[t] for name, row in found.numbers.items()}
        values |= {symbol: found.settings[knob] for symbol, knob in found.rule.knobs.items()}
        for formula in found.rule.lines(found.settings)[:-1]:
            for equation in formula.split(r", \quad "):
                if "H_t" in equation or "{NS}" in equation:
                    continue
                left, right = sides(equation, values, functions)
                np.testing.assert_allclose(
                    values[left], right, rtol=1e-9, atol=1e-12, err_msg=f"{equation} at {t}"
                )


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_every_formula_holds_for_the_step_that_was_taken(name, settings):
    problem = bowl(CURVATURE, START)
    plane = plane_of(problem)
    result = step_vectors(problem, plane, (name, settings), STEPS)
    path = np.asarray(descend(problem, (name, settings), STEPS).params)
    vectors = vectors_of(result, plane)
    np.testing.assert_allclose(vectors[r"\theta_t"], path[:-1], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(vectors["s_t"], np.diff(path, axis=0), rtol=1e-9, atol=1e-12)
    at = path[:-1] + vectors.get(result.rule.gradient_base, 0)
    np.testing.assert_allclose(vectors["g_t"], CURVATURE * at, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(result.loss, 0.5 * np.sum(CURVATURE * path[:-1] ** 2, axis=1), rtol=1e-12)
    np.testing.assert_allclose(result.norms["s_t"], np.linalg.norm(vectors["s_t"], axis=1), rtol=1e-9)
    for share, along in zip(SHARES_OF_STEP, result.losses_along.T, strict=True):
        ahead = path[:-1] + share * np.diff(path, axis=0)
        np.testing.assert_allclose(along, 0.5 * np.sum(CURVATURE * ahead**2, axis=1), rtol=1e-9)
    assert result.is_whole_space
    np.testing.assert_allclose(result.coordinates, (path[:-1] - START) @ np.asarray(plane.basis).T, atol=1e-12)
    functions = {r"\operatorname{rms}_\ell": lambda values: np.sqrt(np.mean(values**2))}
    check_formulas(result, vectors, functions | {r"\nabla L": lambda theta: CURVATURE * theta})


def test_every_knob_is_away_from_its_default_where_formulas_are_checked():
    for name, function in OPTIMIZERS.items():
        turned = {knob for case, settings in CASES if case == name for knob in settings}
        for knob in knobs(function).values():
            assert name in NEEDS_GAME or knob.name in turned, f"{name}: add {knob.name} to KNOBS"
            assert knob.default != KNOBS.get(knob.name), f"{name}: {knob.name} is at its default"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_has_a_rule_with_the_symbols_of_its_formulas(name):
    rule = rule_of(OPTIMIZERS[name])
    settings: dict[str, Value] = {
        "eps_in_sqrt": True,
        "bias_correction": True,
        "centered": True,
        "factored": False,
    }
    lines = rule.lines(settings)
    assert len(lines) > 1
    assert lines[-1] == NEXT
    assert any(line.startswith("s_t = ") for line in lines)
    assert "s_t" in rule.arrows(settings)
    assert bool(rule.model) == (name not in NO_MODEL)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in NO_MODEL | set(NOT_DIAGONAL)])
def test_step_minimizes_its_model_along_the_step(name):
    vectors = step_vectors(bowl(CURVATURE, START), plane_of(bowl()), (name, SETTINGS.get(name, {})), STEPS)
    slope, curvature = vectors.numbers["slope"], vectors.numbers["curvature"]
    assert np.all(slope < 0)
    np.testing.assert_allclose(-slope / curvature, 1.0)  # of slope·τ + ½curvature·τ²


@pytest.mark.parametrize("name", ["rmsprop", "adamw"])
def test_diagonal_of_a_model_is_the_gradient_over_the_step(name):
    problem = bowl(CURVATURE, START)
    settings = {"learning_rate": 0.07, **SETTINGS[name]}
    result = step_vectors(problem, span(problem.params, np.eye(2)), (name, settings), STEPS)
    vectors = result.components
    diagonal = -vectors[result.rule.linear] / vectors["s_t"]
    root = vectors["g_t"] / vectors["d_t"] if name == "rmsprop" else np.sqrt(vectors[r"\hat v_t"]) + KNOBS["eps"]
    np.testing.assert_allclose(0.07 * diagonal, root, rtol=1e-9)
    assert [each for each in OPTIMIZERS if not rule_of(OPTIMIZERS[each]).is_diagonal] == NOT_DIAGONAL


def test_model_of_gradient_descent_is_known():
    """b·s = g·s = −η‖g‖² and s·Ps = ‖s‖²/η = η‖g‖²."""
    vectors = step_vectors(bowl(CURVATURE, START), plane_of(bowl()), ("sgd", {"learning_rate": 0.05}), STEPS)
    np.testing.assert_allclose(vectors.numbers["slope"], -0.05 * vectors.norms["g_t"] ** 2)
    np.testing.assert_allclose(vectors.numbers["curvature"], 0.05 * vectors.norms["g_t"] ** 2)


def test_model_of_lbfgs_has_the_curvature_of_a_parabola():
    """In one dimension the first difference of gradients determines the second derivative."""
    problem = bowl((3.0,), (2.0,))
    vectors = step_vectors(problem, span(problem.params, np.ones((1, 1))), "lbfgs", 2)
    np.testing.assert_allclose(vectors.numbers["curvature"][1], 3 * vectors.norms["s_t"][1] ** 2, rtol=1e-9)


def test_first_step_of_adam_is_the_learning_rate_in_every_coordinate():
    problem = bowl((1000.0, 2000.0), START)
    vectors = step_vectors(problem, plane_of(problem), ("adam", {"learning_rate": 0.01}), 2)
    np.testing.assert_allclose(vectors_of(vectors, plane_of(problem))["s_t"][0], [-0.01, 0.01], rtol=1e-6)


@pytest.mark.parametrize("name", ["sgd", *sorted(NEEDS_GAME)])
def test_every_formula_holds_in_a_game(name):
    problem, matrix = game_problems.quadratic(1, 1)
    directions = {"x": {"first": np.array([[0.6], [-0.8]])}, "y": {"first": np.array([[0.8], [0.6]])}}
    plane = span(problem.params, directions)
    result = step_vectors(problem, plane, (name, {"learning_rate": 0.2}), STEPS)
    basis = np.array([[0.6, 0.8], [-0.8, 0.6]])
    vectors = {symbol: rows @ basis for symbol, rows in result.components.items()}
    np.testing.assert_allclose(vectors["g_t"], vectors[r"\theta_t"] @ matrix.T, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.diff(vectors[r"\theta_t"], axis=0), vectors["s_t"][:-1], rtol=1e-9, atol=1e-12)
    first, second = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
    fields = {"g": matrix, "g^1": first @ matrix, "g^2": second @ matrix}
    functions = {name: lambda theta, field=field: field @ theta for name, field in fields.items()}
    check_formulas(result, vectors, functions)


def _hill(theta, curvature):
    return 3 - 0.5 * jnp.sum(curvature * theta**2)


def test_values_along_the_steps_of_a_reward_are_in_its_own_sense():
    reward = Problem.from_loss(_hill, np.array(START), CURVATURE, sense="maximize")
    found = step_vectors(reward, span(np.ones(2), np.array([[0.6, 0.8]])), ("sgd", {"learning_rate": 0.05}), 3)
    path = np.array(START) * (1 - 0.05 * CURVATURE) ** np.arange(3)[:, None]
    np.testing.assert_allclose(found.loss, 3 - 0.5 * path**2 @ CURVATURE, rtol=1e-9)
    for share, along in zip(SHARES_OF_STEP, found.losses_along.T, strict=True):
        ahead = path * (1 - share * 0.05 * CURVATURE)
        np.testing.assert_allclose(along, 3 - 0.5 * ahead**2 @ CURVATURE, rtol=1e-9)
    # Coordinates are those from the origin of the plane, which is no point of the path here.
    np.testing.assert_allclose(found.coordinates[:, 0], (path - 1) @ [0.6, 0.8], rtol=1e-9, atol=1e-12)


def test_share_of_a_step_in_a_line_is_its_component():
    problem = bowl(CURVATURE, START)
    line = span(problem.params, np.array([[1.0, 0.0]]))
    vectors = step_vectors(problem, line, ("sgd", {"learning_rate": 0.1}), 1)
    assert not vectors.is_whole_space
    np.testing.assert_allclose(vectors.components["s_t"], [[-0.3]], rtol=1e-12)
    np.testing.assert_allclose(vectors.norms["s_t"], [np.hypot(0.3, 0.77)], rtol=1e-12)
