"""The runs that a picture is made around: those that did not diverge."""

import numpy as np

from landscapes.optimization.divergence import without_divergence
from landscapes.optimization.trajectory import Outcome, Trajectory


def run(loss, kind) -> Trajectory:
    """Every other step is a snapshot, whose parameters are its step."""
    loss = np.asarray(loss, float)
    steps = np.arange(0, len(loss), 2)
    terms = {"fit": loss / 2, "size": loss / 3}
    return Trajectory(steps, {"w": steps[:, None] * 1.0}, loss, 10 * loss, Outcome(kind, len(loss) - 1, ""), terms)


WILD = run([1.0, 2, 4, 6, 8, 12, 16, 300, 9000], "diverged")
CALM = run([1.0, 2, 3, 4, 5], "finished")


def test_a_run_that_did_not_diverge_stands_alone():
    assert without_divergence({"calm": CALM, "wild": WILD}) == {"calm": CALM}


def test_where_all_diverged_each_is_held_up_to_where_its_loss_is_far():
    kept = without_divergence({"wild": WILD})["wild"]
    np.testing.assert_array_equal(kept.steps, [0, 2, 4])  # at step 6 the loss is 16 times that of the start
    np.testing.assert_array_equal(kept.params["w"], [[0], [2], [4]])
    np.testing.assert_array_equal(kept.loss, [1, 2, 4, 6, 8])
    np.testing.assert_array_equal(kept.gradient_norm, [10, 20, 40, 60, 80])
    np.testing.assert_array_equal(kept.terms["size"], kept.loss / 3)
    assert (kept.final_loss, kept.final_terms) == (8, {"fit": 4, "size": 8 / 3})


def test_a_run_that_is_far_at_once_keeps_two_snapshots():
    kept = without_divergence({"wild": run([1.0, 500, 1e6], "diverged")})["wild"]
    np.testing.assert_array_equal(kept.steps, [0, 2])
