"""The line on a path leaves out what is not known."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Trajectory
from landscapes.optimization import Outcome
from landscapes.optimization.summaries import trajectory_summary

CHECKPOINTS = [{"w": jnp.array([3.0, value])} for value in (1.0, 2.0, 4.0)]
GAME = Trajectory(
    np.arange(2),
    {"w": np.zeros((2, 1))},
    np.full(2, np.nan),
    np.array([2.0, 0.5]),
    Outcome("finished", 1, ""),
    {"buyer": np.array([1.0, -1.5]), "seller": np.array([0.25, 3.0])},
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (Trajectory.of(CHECKPOINTS), "finished after 2 steps, 3 snapshots"),
        (Trajectory.of(CHECKPOINTS, [5, 6, 8], [7, 6, 2.5]), "finished after 8 steps, loss 7 to 2.5, 3 snapshots"),
        (Trajectory.of(CHECKPOINTS, loss=[7, 6, np.nan]), "finished after 2 steps, loss 7 to 6, 3 snapshots"),
        (
            GAME,
            "finished after 1 steps, buyer 1 to -1.5, seller 0.25 to 3, gradient norm 0.5 at the end, 2 snapshots",
        ),
        (
            replace(GAME, player_weights={"buyer": {"buyer": 1.0}}, loss=np.array([4.0, 2.0]), final_loss=1.5),
            "finished after 1 steps, loss 4 to 1.5, norm of the field 0.5 at the end, 2 snapshots",
        ),
        (
            replace(GAME, loss=np.array([4.0, 2.0]), final_loss=1.5),
            "finished after 1 steps, loss 4 to 1.5, gradient norm 0.5 at the end, 2 snapshots",
        ),
    ],
    ids=["parameters alone", "loss at checkpoints", "last loss unknown", "game", "game of players", "minibatches"],
)
def test_summary_leaves_out_what_is_not_known(path, text):
    assert path.summary == text


def test_a_path_has_its_outcome_its_ends_and_its_snapshots():
    path: Any = SimpleNamespace(
        outcome=SimpleNamespace(kind="diverged", step=7),
        loss=np.array([3.0, 2.0, 4.0]),
        final_loss=1.25,
        gradient_norm=np.array([9.0, 0.5]),
        steps=np.arange(5),
        projections=(),
        player_weights={},
    )
    assert trajectory_summary(path) == (
        "diverged after 7 steps, loss 3 to 1.25, gradient norm 0.5 at the end, 5 snapshots"
    )


@pytest.mark.parametrize(
    ("steps", "points", "text"),
    [
        (np.arange(0, 5001, 25), 5001, "201 of 5,001 snapshots kept, every 25th"),
        ([0, 21, 42, 61], 62, "4 of 62 snapshots kept, every 21st"),
        ([0, 12, 13], 14, "3 of 14 snapshots kept, every 12th"),
        ([0, 60], 61, "2 of 61 snapshots kept, the first and the last"),
        ([0], 1, "1 snapshot"),
    ],
)
def test_summary_says_which_snapshots_were_kept(steps, points, text):
    run: Any = SimpleNamespace(
        outcome=GAME.outcome,
        loss=np.ones(points),
        final_loss=1.0,
        gradient_norm=np.full(points, 2.0),
        steps=np.asarray(steps),
        projections=(),
        player_weights={},
    )
    assert trajectory_summary(run).endswith(f"gradient norm 2 at the end, {text}")
    run.projections = ("one", "two")
    assert trajectory_summary(run).endswith(f"{text}; every step projected on 2 planes")


def test_final_params_are_those_of_the_last_snapshot():
    path = replace(GAME, params={"w": np.array([[1.0, 2.0], [3.0, 4.0]])})
    np.testing.assert_array_equal(path.final_params["w"], [3.0, 4.0])


def test_final_params_of_checkpoints_name_the_remedy():
    path = Trajectory.of(CHECKPOINTS)
    with pytest.raises(ValueError, match=r"give path\.snapshots\(problem\.params\)\[-1\]"):
        _ = path.final_params
    np.testing.assert_array_equal(path.snapshots(CHECKPOINTS[0])[-1]["w"], [3.0, 4.0])
