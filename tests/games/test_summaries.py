"""One line on a Jacobian."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from landscapes.games.summaries import jacobian_summary


def test_a_jacobian_has_its_outermost_pair_and_the_size_of_the_field():
    result: Any = SimpleNamespace(
        eigenvalues=np.array([-0.5 - 2j, -0.75 + 1j, 0.1]),
        errors=np.array([0.01, 0.02, 0.3]),
        dim=1500,
        field_norm=0.25,
        method="Arnoldi",
    )
    assert jacobian_summary(result) == (
        "3 of 1,500 eigenvalues, the largest -0.5 ± 2i to within 0.01, ‖v‖ = 0.25, Arnoldi"
    )
    result.eigenvalues = np.zeros(0)
    assert jacobian_summary(result) == "0 of 1,500 eigenvalues, ‖v‖ = 0.25, Arnoldi"
