"""The unit-circle test of hand-made eigenvalues: which mode it speaks of, and by how much it grows."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes.games.game_jacobian import Jacobian
from landscapes.games.step_stability import MULTIPLIERS, unit_circle


def jacobian(values, dim=None, jump=0.0) -> Jacobian:
    values = np.asarray(values, complex)
    errors, owners = np.full(len(values), 1e-9), np.zeros(dim or len(values), int)
    return Jacobian(values, errors, 1e-15, dim or len(values), 0.0, "dense", None, owners, jump)


@pytest.mark.parametrize(
    ("values", "dim", "jump", "state", "sentence"),
    [
        # 1 − ½λ is 1 − 2i, 2 and ½: the first grows most, by √5.
        ([4j, -2, 1], 3, 0.0, "diverges", "no. Each step turns by 63.4° and multiplies the distance by 2.24."),
        ([-0.5, 1, 0.25], 3, 0.0, "diverges", "no. Each step grows by 25 %."),
        # 0.9 − 0.05i, ½ and 0.7: the first is the slowest, with a modulus of √0.8125.
        ([0.2 + 0.1j, 1, 0.6], 3, 0.0, "converges",
         "yes. The slowest mode turns by 3.2° and shrinks by 9.9 % per step."),
        ([1, 0.5], 7, 0.0, "undetermined", "unknown; the 2 outermost of 7 eigenvalues do not grow."),
        ([0, 1, 0], 3, 0.0, "undetermined",
         "unknown; to first order 2 of 3 modes neither grow nor shrink (|μ| = 1 to within 5e-10)."),
        ([0, 1, 0.5], 3, 0.0, "undetermined",
         "unknown; to first order 1 of 3 modes neither grows nor shrinks (|μ| = 1 to within 5e-10)."),
        ([1], 1, 0.25, "undetermined", "unknown, since the field jumps here by 0.25."),
        ([], 4, 0.0, "undetermined", "unknown, since none of 4 eigenvalues is resolved."),
    ],
)  # fmt: skip
def test_sentence_speaks_of_the_mode_that_decides(values, dim, jump, state, sentence):
    test = unit_circle(jacobian(values, dim, jump), "simultaneous", {"learning_rate": 0.5})
    assert (test.state, test.sentence) == (state, f"simultaneous steps (η = 0.5): {sentence}")
    if values:
        assert test.radius == pytest.approx(max(abs(1 - 0.5 * value) for value in values))


@pytest.mark.parametrize(("name", "rate"), [("simultaneous", 0.5), ("adam", 0.01)])
def test_a_sentence_names_the_optimizer_and_its_rate(name, rate):
    test = unit_circle(jacobian([1.0, 0.5]), name, {"learning_rate": rate})
    assert test.sentence.startswith(f"{name} steps (η = {rate:g}): ")
    assert (test.name, test.rate) == (name, rate)


def test_what_has_no_test_says_why():
    alternating = unit_circle(jacobian([1.0, 0.5], 9), "alternating", {"learning_rate": 0.25})
    reason = "the test needs the whole Jacobian, which is not formed for 9 parameters"
    assert alternating.sentence == f"alternating steps (η = 0.25): unknown; {reason}."
    adam = unit_circle(jacobian([1.0, 0.5], 9), "adam", {"learning_rate": 0.25})
    assert adam.sentence.endswith(
        "adam has no unit-circle test, since its step is no linear function of the field."
    )
    assert (alternating.state, adam.state) == ("undetermined", "undetermined")
    assert np.isnan(adam.radius)


def test_players_move_in_their_order_and_each_sees_the_moves_before():
    """v′ = [[a, b], [c, d]] with η: the second player's row is multiplied by the step of the first."""
    matrix, rate = np.array([[0.5, 2.0], [-3.0, 0.25]]), 0.125
    whole = replace(jacobian(np.linalg.eigvals(matrix)), matrix=matrix, owners=np.array([0, 1]))
    test = unit_circle(whole, "alternating", {"learning_rate": rate})
    first = np.eye(2) - rate * np.array([matrix[0], [0, 0]])
    second = np.eye(2) - rate * np.array([[0, 0], matrix[1]])
    expected = np.linalg.eigvals(second @ first)
    np.testing.assert_allclose(np.sort_complex(test.multipliers), np.sort_complex(expected), rtol=1e-9)
    three = np.array([[0.5, 2.0, 1.0], [-3.0, 0.25, -0.5], [0.75, 1.5, 4.0]])
    owned = replace(jacobian(np.linalg.eigvals(three)), matrix=three, owners=np.array([1, 0, 1]))
    one = np.eye(3) - rate * np.array([[0, 0, 0], three[1], [0, 0, 0]])
    other = np.eye(3) - rate * np.array([three[0], [0, 0, 0], three[2]])
    sizes = np.abs(unit_circle(owned, "alternating", {"learning_rate": rate}).multipliers)
    np.testing.assert_allclose(sizes, np.sort(np.abs(np.linalg.eigvals(other @ one)))[::-1], rtol=1e-9)


def test_multipliers_are_eigenvalues_of_the_recursions():
    """Of one step on v = λx, over (x, previous x) or (x, velocity); the larger one counts."""
    rate, beta = 0.3, 0.6
    values = np.array([0.7 + 1.1j, -0.4, 2.5 - 0.2j, 5.0])
    test = {
        name: unit_circle(jacobian(values), name, {"learning_rate": rate, "beta": beta}) for name in MULTIPLIERS
    }
    for k, value in enumerate(values):
        step = rate * value
        recursions = {
            "simultaneous": [[1 - step]],
            "sgd": [[1 - step]],
            "extragradient": [[1 - step * (1 - step)]],
            "optimistic": [[1 - 2 * step, step], [1, 0]],
            "momentum": [[1 - step, -rate * beta], [value, beta]],
            "nesterov": [[1 - step * (1 + beta), -rate * beta**2], [value, beta]],
        }
        assert recursions.keys() == MULTIPLIERS.keys()
        for name, matrix in recursions.items():
            found = np.linalg.eigvals(np.array(matrix))
            np.testing.assert_allclose(test[name].multipliers[k], found[np.argmax(np.abs(found))], rtol=1e-9)


def test_each_multiplier_has_the_error_of_its_own_eigenvalue():
    """|1 − ηλ| moves by η times the error of λ, or by cos 22.5° of it between two of the 8 directions tried."""
    errors = np.array([1e-3, 4e-3, 1e-5])
    test = unit_circle(replace(jacobian([0.5j, 1.0, -2.0]), errors=errors), "sgd", {"learning_rate": 0.25})
    assert np.all(test.errors >= 0.92 * 0.25 * errors)
    assert np.all(test.errors <= 1.01 * 0.25 * errors)
