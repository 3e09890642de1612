"""Every public result has a figure and a repr of one short line."""

import math
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from landscapes import display
from landscapes.connectivity import Barrier, Connection, Curve, Matching, Profile
from landscapes.curvature import (
    Block,
    ConvexityMap,
    CriticalPoints,
    GradientNoise,
    Rescaling,
    Sharpness,
    Spectrum,
    Stability,
    Trace,
    Verdict,
)
from landscapes.curvature.sharpness_measures import MEASURES, Measure
from landscapes.directions import Band
from landscapes.figures.results import FIGURES
from landscapes.games import Flow, Jacobian, UnitCircle
from landscapes.optimization import Basins, Ends, WinRates
from landscapes.optimization.basins import wilson_interval
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.scenes.scene import Scene
from landscapes.slices import Persistence, Projection, Surface
from landscapes.storage import SavedResults
from landscapes.tradeoffs import ConflictMap, ConflictPath, OveroptimizationPoint, ParetoFront, Solution
from landscapes.tradeoffs.gradient_conflict import Cosines
from tests.figures.scenes import asymmetric, curve, path, traces

WINGS = (
    "optimization",
    "slices",
    "curvature",
    "directions",
    "connectivity",
    "tradeoffs",
    "games",
    "scenes",
    "storage",
)
HOSTILE = "<script>alert(1)</script>"
AXES = (np.array([-1.0, 0.0, 1.0]), np.array([-2.0, 2.0]))
GRID = np.arange(6.0).reshape(3, 2)
FINISHED = Outcome("finished", 3, "3 steps")
SHARPNESS = Sharpness({name: Measure(2.0, 0.1, "error bar") for name in MEASURES}, 1.0, 0.05, 0.01, 32, np.ones(2))
PROFILE = Profile(np.linspace(0, 1, 5), np.array([1.0, 3.0, 4.0, 2.0, 1.5]), 0.01)
COSINES = Cosines((HOSTILE, "l2"), GRID / 5 - 0.5, np.ones((2, 3, 2)), 1e-7, np.ones((3, 2), bool))
SOLUTION = Solution(0.25, (0.75, 0.25), np.array([1.0, 2.0]), 0.1, FINISHED)
TRAJECTORY = Trajectory(
    np.array([0, 3]), np.ones((2, 4)), np.array([4.0, 3, 2, 1]), np.ones(4), FINISHED, {HOSTILE: np.ones(4)}
)

SHARE = wilson_interval(3, 8)
RESULTS: dict[type, Any] = {
    Surface: Surface.from_grid(*AXES, GRID, name=HOSTILE),
    Projection: path(drift=0.5),
    Trajectory: TRAJECTORY,
    Ends: Ends(
        *(np.zeros((3, 2)), np.array([3.0, 1.0, 9.0]), np.ones(3), np.array([5, 5, 2])),
        *(np.array([False, False, True]), np.array([4, -1, -1]), np.array([5, 5, 2]), np.array([4, -1, -1])),
        np.full(3, 10.0),
    ),
    Spectrum: Spectrum(
        *(
            np.array([-1.0, 5.0]),
            np.array([0.1, 0.2]),
            np.array([True, False]),
            np.zeros((1, 0)),
            np.zeros((1, 0)),
        ),
        *(np.zeros(2), 70, 5.0, "lanczos", 30, 1),
    ),
    ConvexityMap: ConvexityMap(
        *(AXES, GRID - 2, GRID, np.full((3, 2), 0.1), np.full((3, 2), 0.2), np.zeros((3, 2), int)),
        *(np.ones((3, 2), bool), np.stack([GRID, GRID], -1), np.ones((3, 2), bool), 90, "minimize"),
        *(np.zeros((3, 2), bool), np.zeros((3, 2), bool)),
    ),
    CriticalPoints: CriticalPoints(
        *(np.zeros((3, 2)), np.array([0.0, 1.0, 2.0]), np.array([[1.0, 2.0], [-1.0, 2.0], [0.0, 1.0]])),
        *(np.full((3, 2), 0.1), np.array([0, 1, 0]), np.array([False, False, True]), np.zeros((2, 2)), 64, None),
    ),
    Stability: Stability(
        *("sgd", "2/η", False, np.array([0, 3]), np.array([1.0, 9.0]), np.array([0.1, 0.1])),
        *(np.array([8.0, 8.0]), np.array([4.0, 3, 2, 1]), FINISHED),
    ),
    Sharpness: SHARPNESS,
    Rescaling: Rescaling(np.array([0.5, 1.0, 2.0]), (SHARPNESS, SHARPNESS, None)),
    Block: Block(
        HOSTILE, 12, np.array([-1.0, 3.0]), np.array([0.1, 0.2]), np.array([[1.0]]), np.ones((1, 1)), True
    ),
    Basins: Basins(
        np.zeros((2, 3)), np.array([0.5, 2.0]), np.array([True, False]), {HOSTILE: np.array([0, 1, -2])}, 0.1
    ),
    WinRates: WinRates(0.5, 1e-3, {"sgd": SHARE, "adam": SHARE}, 2, {"sgd": SHARE}, {"sgd": SHARE}),
    Trace: Trace(3.0, 0.25, 32),
    GradientNoise: GradientNoise(
        *(20, (4.0, 0.5), (8.0, 1.0), (2.0, 0.3), (math.nan, math.nan), 6.0, 0.7),
        *(np.array([5.0, 1.0]), np.array([3.0, 0.5])),
    ),
    Persistence: Persistence(
        *(np.array([[-1.0, 2.0], [1.0, -2.0]]), np.array([[math.nan, math.nan], [0.0, 0.5]])),
        *(np.array([0.0, 1.0]), np.array([math.inf, 3.0]), np.array([-1, 0]), np.array([True, False])),
        *(0.2, 0.05, 0.05),
    ),
    Verdict: Verdict("convex", True, 1.0, 0.1, "Strictly convex here: " + "a reason, " * 40),
    Band: Band("gaussian", np.linspace(-1, 1, 5), np.arange(15.0).reshape(3, 5), 0.01, 15),
    Barrier: PROFILE.barrier,
    Profile: PROFILE,
    Connection: Connection(straight_profile=PROFILE),
    Curve: Curve("bezier", np.zeros(4), np.array([3.0, 2.0, 1.5])),
    Matching: Matching(np.zeros(10_000), (np.arange(5),), 3.0, 1.0),
    ConflictMap: ConflictMap(AXES, COSINES),
    ConflictPath: ConflictPath(
        np.array([0, 1, 2]),
        replace(COSINES, cosine=GRID[:, 0] / 5, norms=np.ones((2, 3)), evaluated=np.ones(3, bool)),
    ),
    Solution: SOLUTION,
    ParetoFront: ParetoFront(("mse", HOSTILE), "minimize", np.array([5.0, 5.0]), (SOLUTION,), None, math.nan),
    OveroptimizationPoint: OveroptimizationPoint(2, 30, 0.5, 0.25),
    Flow: Flow(AXES, np.stack([GRID, -GRID], -1), np.full((3, 2), 0.5)),
    Jacobian: Jacobian(
        np.array([1 + 2j, 1 - 2j]), np.array([0.1, 0.1]), 0.01, 2, 0.5, "dense", None, np.arange(2)
    ),
    SavedResults: SavedResults(value=HOSTILE, paths={HOSTILE: path()}),
    UnitCircle: UnitCircle(
        "simultaneous", 0.1, np.array([1.1 + 0j]), np.array([0.01]), "diverges", "It diverges."
    ),
}
# Public classes that are no results: entries of registries, inputs and parts, such as the curves of one figure.
OTHERS = {"Direction", "Outcome", "Checkpoints", "Snapshots", "Recorder", "Units", "RewardCurve", "GaoFit"}
DRAWN = {kind: each for kind, each in RESULTS.items() if kind in FIGURES}


def public_classes() -> dict[str, type]:
    modules = [import_module(f"landscapes.{wing}") for wing in WINGS]
    names = {name: getattr(module, name) for module in modules for name in getattr(module, "__all__", ())}
    return {name: each for name, each in names.items() if isinstance(each, type) and name not in OTHERS}


def test_every_public_result_has_example_and_figure():
    result = set(public_classes().values())
    assert result - {Scene} <= set(RESULTS)
    shown = {kind for kind in result if issubclass(kind, display.Display)}
    # Numbers and sentences, and parts of other results, have no figure of their own.
    assert shown - set(FIGURES) == {Sharpness, Solution, UnitCircle, Basins, WinRates}
    assert set(FIGURES) - {Scene} <= set(RESULTS)


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
def test_repr_is_one_short_line_with_its_type(kind):
    text = repr(RESULTS[kind])
    assert text.startswith(f"{kind.__name__}(")
    assert text.endswith(")")
    assert "\n" not in text
    assert len(text) <= 200


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.__name__)
def test_figure_has_traces_and_follows_its_theme(kind):
    drawn = DRAWN[kind].figure(theme="dark")
    assert isinstance(drawn, go.Figure)
    assert len(drawn.to_dict()["data"])
    assert drawn.to_dict()["layout"]["template"] != DRAWN[kind].figure().to_dict()["layout"]["template"]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (RESULTS[Surface], "error unknown"),
        (replace(RESULTS[Surface], errors={HOSTILE: 0.125}), "error about 0.12"),
        (RESULTS[Spectrum], "2 of 70 eigenvalues from -1 ± 0.1 to 5 ± 0.2, 1 not converged"),
        (RESULTS[Trace], "3 ± 0.2, 32 probes"),
        (RESULTS[ConvexityMap], "from -2 ± 0.1 to 5 ± 0.2"),
        (RESULTS[CriticalPoints], "degenerate: 1, minimum: 1, saddle: 1"),
        (RESULTS[Stability], "above it at 1 of 2 steps"),
        (RESULTS[Projection], "ends 2 off it"),
        (TRAJECTORY, "finished after 3 steps, loss 4 to 1"),
        (RESULTS[Barrier], "2.75 ± 0.01 above the line"),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, str) else "",
)
def test_repr_gives_key_figures_with_errors(result, words):
    assert words in repr(result)


def test_figure_of_line_is_curve_and_of_plane_is_surface_or_contour():
    assert curve().figure().to_dict()["layout"]["meta"]["kind"] == "line"
    assert asymmetric().figure().to_dict()["layout"]["meta"]["kind"] == "surface"
    drawn = asymmetric().figure(paths={"adam": path()}, view="contour", scale="log").to_dict()
    assert (drawn["layout"]["meta"]["kind"], drawn["layout"]["meta"]["scale"]) == ("contour", "log")
    assert "adam" in [trace.get("name") for trace in drawn["data"]]
    with pytest.raises(ValueError, match="neither '3d' nor 'contour'"):
        asymmetric().figure(view="heat")


def test_figure_names_height_after_the_only_term():
    assert Surface.from_grid(*AXES, GRID, name="perplexity").figure().to_dict()["data"][0]["name"] == "perplexity"
    assert asymmetric().figure().to_dict()["data"][0]["name"] == "loss"


def test_figure_of_game_draws_its_first_term():
    game = replace(asymmetric(), game=True)
    assert game.figure().to_dict()["data"][0]["name"] == "square"
    assert game.figure(term="slope").to_dict()["data"][0]["name"] == "slope"


def test_result_without_figure_says_so():
    with pytest.raises(ValueError, match="a Solution has no figure; print it"):
        SOLUTION.figure()


def test_waterfall_sorts_runs_and_marks_the_diverged():
    finished, diverged = traces(RESULTS[Ends].figure())
    assert (list(finished.x), list(finished.y), list(finished.customdata[:, 0])) == ([1, 2], [1, 3], [1, 0])
    assert (list(diverged.x), list(diverged.y), diverged.marker.symbol) == ([3], [9], "x")


def test_critical_values_lie_at_their_share_of_negative_eigenvalues():
    drawn = {trace.name: (list(trace.x), list(trace.y)) for trace in traces(RESULTS[CriticalPoints].figure())}
    assert drawn == {"minimum": ([0.0], [0.0]), "saddle": ([0.5], [1.0]), "degenerate": ([0.0], [2.0])}
