"""One line on a path."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from landscapes.optimization.summaries import trajectory_summary


def test_a_path_has_its_outcome_its_ends_and_its_snapshots():
    path: Any = SimpleNamespace(
        outcome=SimpleNamespace(kind="diverged", step=7),
        loss=np.array([3.0, 2.0, 4.0]),
        final_loss=1.25,
        gradient_norm=np.array([9.0, 0.5]),
        steps=np.arange(5),
    )
    assert trajectory_summary(path) == (
        "diverged after 7 steps, loss 3 to 1.25, gradient norm 0.5 at the end, 5 snapshots"
    )
