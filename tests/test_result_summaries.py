"""What results say of themselves in one line, from numbers of which no two are alike.

The summaries of paths, spectra, maps, sharpness and Jacobians are tested with the modules that write them.
"""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import landscapes
from landscapes.connectivity.barrier import Barrier, Profile
from landscapes.connectivity.connection import Connection
from landscapes.connectivity.curve import Curve
from landscapes.connectivity.permutation_matching import Matching
from landscapes.curvature.convexity_verdict import Verdict
from landscapes.curvature.critical_point_search import CriticalPoints
from landscapes.curvature.edge_of_stability import Stability
from landscapes.curvature.layer_blocks import Block
from landscapes.curvature.minibatch_noise import GradientNoise
from landscapes.curvature.trace_estimate import Trace
from landscapes.directions.line_bands import Band
from landscapes.games.game_flow import Flow
from landscapes.games.step_stability import UnitCircle
from landscapes.optimization.basins import DIVERGED, Basins, Share, WinRates
from landscapes.optimization.multistart import Ends
from landscapes.optimization.outcome import Outcome
from landscapes.slices.persistent_minima import Persistence
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath, Cosines
from landscapes.tradeoffs.pareto import ParetoFront, Solution

NONE = np.zeros(0)
# The ends have the losses 1 and 3, and the third point lies 7 above the mean 2 and 6.5 above the line there.
PROFILE = Profile(np.array([0.0, 0.5, 0.75, 1.0]), np.array([1.0, 5.0, 9.0, 3.0]), 0.04)
LOWER = replace(PROFILE, loss=np.array([1.0, 2.5, 2.0, 3.0]), error=np.inf)
CURVE = Curve("polygon", {"w": np.ones(2)}, np.array([4.5, 2.0, 0.25]))
CRITICAL = CriticalPoints(
    points=np.zeros((5, 3)),
    values=np.array([1.5, -2.0, 8.0, 0.5, 0.0]),
    eigenvalues=np.zeros((5, 3)),
    errors=np.zeros((5, 3)),
    index=np.array([0, 3, 1, 2, 0]),
    degenerate=np.array([False, False, False, False, True]),
    box=np.zeros((3, 2)),
    starts=40,
    morse=None,
)
STABILITY = Stability(
    optimizer="sgd",
    formula="2/η",
    is_preconditioned=False,
    steps=np.array([0, 4, 9]),
    eigenvalues=np.array([30.0, 20.5, 25.0]),
    errors=np.array([1.0, 1.0, 0.3]),
    limits=np.array([20.0, 20.0, 21.0]),
    loss=np.arange(10.0),
    outcome=Outcome("finished", 9, ""),
)
NOISE = GradientNoise(
    sampled=50,
    squared_gradient=(4.0, 0.5),
    trace=(12.0, 2.0),
    noise_scale=(3.0, 0.4),
    critical_batch_size=(7.0, 0.6),
    hessian_trace=8.0,
    alignment=0.2,
    eigenvalues=NONE,
    variances=NONE,
)
BAND = Band(
    "gaussian",
    np.array([-1.5, 0.0, 1.5]),
    np.array([[9.0, 2.0, 3.0], [4.0, 2.0, 7.0], [1.0, 2.0, 5.0], [8.0, 2.0, 6.0]]),
    0.031,
    1234,
)
# Of five evaluated points two conflict beyond their error, one is too close to 0 and one unknown; the sixth waits.
COSINES = Cosines(
    ("fit", "size"),
    np.array([[-0.9, -0.5, 0.3], [0.001, np.nan, -0.8]]),
    np.array([[2.0, 2.0, 2.0], [0.5, 0.0, 2.0]], float)[None] * np.array([1.0, 3.0])[:, None, None],
    1e-3,
    np.array([[True, True, True], [True, True, False]]),
)
FRONT = ParetoFront(
    ("fit", "size"),
    "minimize",
    np.array([9.0, 9.0]),
    tuple(
        Solution(share, (1 - share, share), np.array(values), 0.1, Outcome("finished", 5, ""))
        for share, values in ((0.0, (1.0, 6.0)), (0.375, (2.0, 3.0)), (1.0, (5.0, 4.0)))
    ),
    np.array([[0.5, 7.0], [4.0, 3.5], [3.0, 2.0], [8.0, 1.0]]),
    2.0,
)
BASINS = Basins(
    np.zeros((3, 2)),
    np.arange(3.0),
    np.array([True, False, True]),
    {"sgd": np.array([0, DIVERGED, 1, 2]), "adam": np.array([1, 1, DIVERGED])},
    0.1,
)
WINS = WinRates(
    best=0.125,
    tolerance=0.01,
    wins={"sgd": Share(5, 20, 0.1, 0.4), "adam": Share(10, 16, 0.5, 0.7)},
    ties=1200,
    reached={},
    diverged={},
)
ENDS = Ends(
    params={"w": np.zeros((3, 2))},
    loss=np.array([4.0, 0.5, np.inf]),
    gradient_norm=np.ones(3),
    steps=np.array([9, 9, 2]),
    diverged=np.array([False, False, True]),
    settled=np.zeros(3, int),
    evaluations=np.zeros(3, int),
    settled_evaluations=np.zeros(3, int),
    start_loss=np.array([7.0, 8.0, 6.0]),
)
FLOW = Flow(
    (np.zeros(2), np.zeros(3)),
    np.array([[[3.0, 4.0], [0.0, 0.5], [1.0, 0.0]], [[0.0, 2.0], [6.0, 8.0], [np.nan, 0.0]]]),
    np.array([[0.1, 0.2, 0.9], [0.4, np.nan, 0.8]]),
)
CIRCLE = UnitCircle("adam", 0.05, np.array([0.6 + 0.8j, -1.25, 0.3]), np.zeros(3), "diverges", "")
MINIMA = Persistence(
    np.zeros((4, 2)),
    np.zeros((4, 2)),
    births=np.array([-1.0, 2.0, 3.0, 3.5]),
    deaths=np.array([np.inf, 5.0, 3.5, 3.75]),
    parents=np.zeros(4, int),
    on_boundary=np.zeros(4, bool),
    threshold=0.5,
    error=0.1,
    grid_error=0.2,
)

CASES: list[tuple[Any, str]] = [
    (PROFILE, "4 points, loss from 1 to 9, barrier 6.5 ± 0.04 above the line"),
    (PROFILE.barrier, "6.5 ± 0.04 above the line, 7 above the mean of the ends, highest at t = 0.75"),
    (Barrier(0.5, 0.25, 3.0, 0.125, 0.001), "0.25 ± 0.001 above the line, 0.5 above the mean of the ends, highest"
     " at t = 0.125"),
    (CURVE, "polygon, mean loss from 4.5 to 0.25 over 3 steps"),
    (Matching({}, (np.arange(2), np.arange(3)), 8.25, 1.5), "2 groups of units, distance 8.25 before, 1.5 after"),
    (Connection(), "no profile yet"),
    (
        Connection(straight_profile=PROFILE, curve_profile=LOWER),
        "barriers: straight 6.5 ± 0.04, curve 0.5, error unknown",
    ),
    (Connection(matched_profile=PROFILE), "barriers: matched 6.5 ± 0.04"),
    (Verdict("non-convex", False, -2.0, 0.1, "It falls."), "non-convex; It falls."),
    (CRITICAL, "5 points from 40 starts, degenerate: 1, maximum: 1, minimum: 1, saddle: 2, loss from -2 to 8"),
    (replace(CRITICAL, values=NONE, index=NONE, degenerate=NONE), "0 points from 40 starts"),
    (STABILITY, "sgd, λmax 25 ± 0.3 at step 9, limit 2/η = 21, above it at 2 of 3 steps"),
    (replace(STABILITY, steps=NONE), "sgd, no eigenvalue yet"),
    (
        Block("dense/kernel", 1500, np.array([-2.0, 9.0]), np.array([0.1, 0.3]), NONE, NONE, False),
        "dense/kernel, 1,500 parameters, eigenvalues from -2 ± 0.1 to 9 ± 0.3",
    ),
    (NOISE, "noise scale 3 ± 0.4 examples, critical batch size 7 ± 0.6, trace of the covariance 12 ± 2"),
    (Trace(2.5, 0.2, 30), "2.5 ± 0.2, 30 probes"),
    (BAND, "gaussian, 4 lines to ±1.5, loss from 1 to 9 (at the point 2), error about 0.031, 1,234 evaluations"),
    (
        COSINES,
        "fit and size: cosine from -0.9 to 0.3, error up to 0.06, in conflict at 40% of 5 points, "
        "40% undetermined",
    ),
    (ConflictMap((np.zeros(2), np.zeros(3)), COSINES), f"2 × 3 cells, {COSINES.summary}"),
    (ConflictPath(np.arange(6), COSINES), f"6 snapshots, {COSINES.summary}"),
    (FRONT.solutions[1], "λ = 0.375, terms 2 and 3, finished"),
    (FRONT, "fit against size: 2 of 3 solutions and 3 of 4 points of the line are Pareto-optimal"),
    (replace(FRONT, line=None), "fit against size: 2 of 3 solutions are Pareto-optimal"),
    (BASINS, "3 end points, 2 of them known, of 7 runs, 2 diverged"),
    (WINS, "wins sgd 25%, adam 62%, 1,200 ties, best 0.125"),
    (ENDS, "3 runs, 1 diverged, loss from 0.5 to 4 at the end"),
    (FLOW, "2 × 3 grid, speed from 0.5 to 10, 40% of the motion in the plane (median)"),
    (MINIMA, "2 minima with a persistence above 0.5, of 4 on the grid"),
    (replace(MINIMA, sense="maximize", threshold=3.5), "1 maximum with a persistence above 3.5, of 4 on the grid"),
    (CIRCLE, "adam, η = 0.05, diverges, |μ| up to 1.25"),
]  # fmt: skip
ELSEWHERE = {"Projection", "SavedResults", "Scene"}


@pytest.mark.parametrize(("result", "text"), CASES, ids=lambda each: type(each).__name__)
def test_result_says_its_key_figures(result, text):
    assert result.summary == text


def test_every_result_with_a_summary_is_among_them():
    names = set()
    for path in Path(landscapes.__file__).parent.glob("*/*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(part, ast.FunctionDef) and part.name == "summary" for part in node.body
            ):
                names.add(node.name)
    assert names - {type(result).__name__ for result, _ in CASES} == ELSEWHERE


def test_figures_that_follow_from_others():
    np.testing.assert_array_equal(STABILITY.is_unstable, [True, False, True])
    assert CRITICAL.kinds == ("minimum", "maximum", "saddle", "saddle", "degenerate")
    assert NOISE.is_resolved
    assert not replace(NOISE, squared_gradient=(1.0, 0.5)).is_resolved
    assert NOISE.trace_ratio == 1.5
    assert np.isnan(replace(NOISE, hessian_trace=0.0).trace_ratio)
    assert np.isnan(UnitCircle("sgd", 0.1, NONE, NONE, "undetermined", "").radius)
    block = Block(
        "b", 10, NONE, NONE, np.array([[1.0, 3.0], [2.0, 6.0]]), np.array([[0.25, 0.75], [0.5, 0.5]]), False
    )
    assert block.trace == pytest.approx((10 * (2.5 + 4.0) / 2, 10 * 0.75))
    np.testing.assert_array_equal(FRONT.efficient_solutions, [True, True, False])
    np.testing.assert_array_equal(FRONT.efficient_line, [True, False, True, True])
    # 8ε times the largest norm over each norm, for both terms.
    np.testing.assert_allclose(COSINES.errors, [[0.016] * 3, [0.064, np.nan, 0.016]])
    assert np.nanmax(replace(COSINES, epsilon=1.0).errors) == 2.0
    assert PROFILE.barrier == Barrier(7.0, 6.5, 9.0, 0.75, 0.04)
