"""The unit-circle test of hand-made eigenvalues: which mode it speaks of, and by how much it grows."""

import numpy as np
import pytest

from landscapes.games.game_jacobian import Jacobian
from landscapes.games.step_stability import unit_circle


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
        ([1], 1, 0.25, "undetermined", "unknown, since the field jumps here by 0.25."),
        ([], 4, 0.0, "undetermined", "unknown, since none of 4 eigenvalues is resolved."),
    ],
)  # fmt: skip
def test_sentence_speaks_of_the_mode_that_decides(values, dim, jump, state, sentence):
    test = unit_circle(jacobian(values, dim, jump), "simultaneous", {"learning_rate": 0.5})
    assert (test.state, test.sentence) == (state, f"simultaneous steps (η = 0.5): {sentence}")
    if values:
        assert test.radius == pytest.approx(max(abs(1 - 0.5 * value) for value in values))
