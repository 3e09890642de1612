"""The updates of a run: each continues the one before, and the last is the run itself."""

import numpy as np

from landscapes.optimization import descend, descent
from landscapes.optimization.run_setup import prepare_run
from landscapes.optimization.run_updates import run_updates
from tests.problems import rosenbrock

OPTIMIZER = ("momentum", {"learning_rate": 1e-3, "beta": 0.5})


def test_updates_end_in_the_path_of_the_run():
    steps = 3 * descent.SEGMENT_STEPS // 2
    problem = rosenbrock()
    updates = list(
        run_updates(prepare_run(problem, steps, None, 0, "constant", snapshots=steps + 1), OPTIMIZER, None)
    )
    assert [update.is_over for update in updates] == [False] * (len(updates) - 1) + [True]
    assert len(updates) > 1
    assert updates[-1].record.points == steps + 1
    # An earlier update shows its own part, though the run has gone on, as it does on another thread.
    earlier = updates[-2]
    assert earlier.points < earlier.record.points
    part = earlier.record.path(points=earlier.points)
    assert len(part["loss"]) == len(part["evaluations"]) == earlier.points
    assert len(part["steps"]) == len(part["params"]["x"]) == earlier.points
    expected = descend(problem, OPTIMIZER, steps)
    np.testing.assert_array_equal(updates[-1].record.path()["loss"], expected.loss)
