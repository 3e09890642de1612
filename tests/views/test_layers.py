"""The table of the layers' spectra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes.views.sections.layers import _row
from tests.figures.test_hover import BLOCK


def test_row_states_both_ends_with_their_errors_and_the_trace():
    assert _row(BLOCK) == {
        "block": "first",
        "parameters": 4,
        "smallest": "-4 ± 0.5",
        "largest": "16 ± 0.2",
        "trace": "20 ± 4",  # 24 and 16 of two probes
    }
    exact = replace(BLOCK, nodes=np.array([[-4.0, 16.0]]), weights=np.full((1, 2), 0.5), is_exact=True)
    assert _row(exact)["trace"] == "24"
