"""The table of the layers' spectra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes.views.sections import layers
from landscapes.views.sections.layers import _row
from landscapes.views.sections.section import Result
from tests.figures.test_hover import BLOCK
from tests.small_recipes import TINY
from tests.views.recorded import record


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


def test_caption_says_how_the_blocks_were_computed(monkeypatch):
    exact = replace(BLOCK, nodes=np.array([[-4.0, 16.0]]), weights=np.full((1, 2), 0.5), is_exact=True)
    for blocks, method in (((exact, exact), "full eigendecomposition"), ((exact, BLOCK), "four Lanczos chains")):
        drawn = record(monkeypatch, layers)
        layers.draw(Result(blocks, TINY))
        (text,) = drawn.of("caption")
        assert f"; {method}" in text
        assert drawn.tables == [[_row(block) for block in blocks]]
        assert list(drawn.stages) == ["stage layers"]
