"""Which layers a dense matrix shows."""

import numpy as np
import pytest

from landscapes.views.sections import matrix
from landscapes.views.sections.section import Result
from tests.small_recipes import TINY
from tests.views.recorded import record


@pytest.mark.parametrize(
    ("limit", "shown", "first"),
    [(100, {"a": 6, "b/kernel": 4, "b/bias": 2}, 0), (6, {"b/kernel": 4, "b/bias": 2}, 6), (1, {"b/bias": 2}, 10)],
)
def test_a_matrix_holds_the_last_layers_that_fit(monkeypatch, limit, shown, first):
    monkeypatch.setattr(matrix, "MAX_DENSE_PARAMETERS", limit)
    # Dictionaries are flattened in the order of their keys.
    params = {"a": np.zeros((2, 3)), "b": [{"kernel": np.zeros(4)}, {"bias": np.zeros(2)}]}
    sizes, mask = matrix._last_layers(params)
    assert list(sizes.values()) == list(shown.values())
    np.testing.assert_array_equal(np.flatnonzero(mask), np.arange(first, 12))


def test_a_single_array_is_called_theta():
    assert matrix._last_layers(np.zeros(3))[0] == {"θ": 3}


def test_remainder_shares_and_layers_are_those_of_the_matrices_shown(monkeypatch):
    """H = 3·I and G = diag(3, 0): of norms 3√2 and 3, and so is H − G."""
    hessian, gauss_newton = 3 * np.eye(2), np.diag([3.0, 0.0])
    shown = matrix.Matrices(hessian, gauss_newton, "", {"a": 1, "b": 1}, 5)
    drawn = record(monkeypatch, matrix)
    matrix.draw(Result(shown, TINY))
    assert drawn.of("markdown") == ["**Hessian $H$**", "**Gauss–Newton $G$**", "**Remainder $H-G$**"]
    for number, values in enumerate((hessian, gauss_newton, hessian - gauss_newton)):
        figure, options = drawn.stages[f"stage matrix {number}"]
        (cells,) = [trace for trace in figure.data if trace.type == "heatmap"]
        assert np.count_nonzero(np.asarray(cells.z, float)) == np.count_nonzero(values)
        assert options["description"] == ("Hessian H.", "Gauss–Newton G.", "Remainder H-G.")[number]
    shares, whole, entries = drawn.of("caption")
    assert shares == "‖G‖ = 0.71 ‖H‖; ‖H − G‖ = 0.71 ‖H‖ (Frobenius norm)."
    assert whole.startswith("The whole matrix of 5 parameters would hold 25 numbers; ")
    assert entries.startswith("Entries of 2 × 2 matrices in one color scale")
    assert "beyond 0.003;" in entries
    drawn = record(monkeypatch, matrix)
    matrix.draw(Result(matrix.Matrices(hessian, None, "no such matrix here", {"a": 2}, 2), TINY))
    assert list(drawn.stages) == ["stage matrix 0"]
    entries, reason = drawn.of("caption")
    assert reason == "No such matrix here."
