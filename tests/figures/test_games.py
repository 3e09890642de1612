"""Figures of a game: arrows along its motion, eigenvalues in the complex plane, and the players' losses."""

import re
from typing import Literal

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.flow import arrows
from landscapes.figures.jacobian_figure import stability_boundary
from landscapes.games.game_flow import Flow
from landscapes.games.game_jacobian import Jacobian
from landscapes.games.step_stability import MULTIPLIERS, unit_circle
from landscapes.optimization.trajectory import Outcome, Trajectory
from tests.figures.scenes import asymmetric, layout, panel_titles, role, traces


def turning(x=(-1.0, 2.0), y=(-2.0, 2.0), speed=1.0) -> Flow:
    """Motion (−y, x): anticlockwise about the origin."""
    axes = np.linspace(x[0], x[1], 9), np.linspace(y[0], y[1], 9)
    a, b = np.meshgrid(*axes, indexing="ij")
    return Flow(axes, speed * np.stack([-b, a], axis=-1), np.ones(a.shape))


def test_arrows_follow_the_motion():
    found = arrows(turning(), [(-1.0, 2.0), (-2.0, 2.0)])
    assert len(found) == 15 * 15
    feet, heads = found[:, 0], found[:, -2]
    radii = np.hypot(*feet.T)
    far = radii > 0.5
    np.testing.assert_allclose(np.hypot(*heads[far].T), radii[far], rtol=0.02)  # along circles
    turned = feet[:, 0] * heads[:, 1] - feet[:, 1] * heads[:, 0]
    assert np.all(turned[far] > 0)


def test_arrow_length_grows_with_relative_speed():
    box = [(-1.0, 2.0), (-2.0, 2.0)]
    slow, fast = (arrows(turning(speed=speed), box) for speed in (1e-6, 1e6))
    np.testing.assert_allclose(slow, fast, rtol=1e-9)
    lengths = np.linalg.norm(np.diff(slow[:, :-3], axis=1) / [3, 4], axis=2).sum(axis=1)
    assert lengths.max() > 2 * lengths.min() > 0


def test_zero_or_nonfinite_field_has_no_arrows():
    still = Flow(turning().axes, np.zeros((9, 9, 2)), np.ones((9, 9)))
    assert len(arrows(still, [(-1.0, 2.0), (-2.0, 2.0)])) == 0
    broken = turning()
    motion = broken.motion.copy()
    motion[:4] = np.nan
    found = arrows(Flow(broken.axes, motion, broken.share), [(-1.0, 2.0), (-2.0, 2.0)])
    assert 0 < len(found) < 200
    assert np.all(np.isfinite(found))


@pytest.mark.parametrize("draw", [figures.contour, figures.surface])
def test_arrows_lie_on_the_surface(draw):
    figure = draw(asymmetric(), flow=turning(), resolution=None)
    legend, drawn = role(figure, "flow")
    assert (legend.showlegend, drawn.showlegend) == (None, False)
    assert legend.legendgroup == drawn.legendgroup == "motion of the players"
    if draw is figures.surface:
        inside = np.isfinite(drawn.z)
        assert inside.any()
        low, high = layout(figure).scene.zaxis.range
        assert np.all((drawn.z[inside] >= low) & (drawn.z[inside] <= high + 0.02 * (high - low)))
    assert not role(draw(asymmetric()), "flow")


def found(values, dim=None) -> Jacobian:
    values = np.asarray(values, complex)
    dim = dim or len(values)
    return Jacobian(values, np.full(len(values), 1e-9), 1e-15, dim, 0.0, "dense", None, np.zeros(dim, int))


def test_simultaneous_boundary_is_the_unit_circle():
    edge = np.asarray(stability_boundary("simultaneous", {"learning_rate": 0.25}))
    np.testing.assert_allclose(np.abs(1 - 0.25 * edge), 1, atol=1e-9)
    np.testing.assert_allclose([np.real(edge).min(), np.real(edge).max()], [0, 8], atol=1e-6)


@pytest.mark.parametrize("name", MULTIPLIERS)
def test_multipliers_inside_boundary_are_below_one(name):
    knobs = {"learning_rate": 0.5, "beta": 0.4}
    edge, rule = np.asarray(stability_boundary(name, knobs)), MULTIPLIERS[name]
    np.testing.assert_allclose(np.abs(rule(edge, 0.5, knobs)), 1, atol=1e-6)
    centre = edge.mean()
    for share in (0.2, 0.5, 0.9, 0.99):
        assert np.all(np.abs(rule(centre + share * (edge - centre), 0.5, knobs)) < 1)
    assert np.all(np.abs(rule(centre + 1.02 * (edge - centre), 0.5, knobs)) > 1 - 1e-9)


def test_jacobian_shows_eigenvalues_and_stability_boundaries():
    jacobian = found([0.5j, -0.5j, 2.0])
    settings = {name: {"learning_rate": 0.5} for name in ("simultaneous", "extragradient", "alternating", "adam")}
    tests = {name: unit_circle(jacobian, name, knobs) for name, knobs in settings.items()}
    figure = figures.jacobian(jacobian, tests, settings=settings)
    (dots,) = role(figure, "eigenvalues")
    np.testing.assert_allclose(dots.x, [0, 0, 2], atol=1e-15)
    np.testing.assert_allclose(dots.y, [0.5, -0.5, 0])
    assert [trace.name for trace in role(figure, "border")] == ["simultaneous", "extragradient"]
    np.testing.assert_allclose(dots.customdata[:, 3], [1, 1, 0])
    np.testing.assert_allclose(dots.customdata[0, 4], np.sqrt(1 + 0.25 / 4))
    columns = dict(re.findall(r"<br>(\w+): \|μ\| = %\{customdata\[(\d+)\]", dots.hovertemplate))
    assert list(columns) == ["simultaneous", "extragradient"]
    moduli = {name: np.abs(tests[name].multipliers) for name in columns}
    assert not np.allclose(moduli["simultaneous"], moduli["extragradient"])
    for name, column in columns.items():
        np.testing.assert_allclose(dots.customdata[:, int(column)], moduli[name])
    shown = [dots.x, dots.y, jacobian.errors, jacobian.rotation]
    for k, values in enumerate(shown):
        np.testing.assert_allclose(dots.customdata[:, k], values, atol=1e-15)
    assert re.findall(r"customdata\[(\d)\]", dots.hovertemplate) == ["0", "1", "2", "3", "4", "5"]
    assert layout(figure).xaxis.scaleanchor == "y"
    (low, high) = layout(figure).xaxis.range
    assert low < 0 < 2 < high
    empty = figures.jacobian(found([], 9))
    assert len(role(empty, "eigenvalues")[0].x) == 0


def test_each_player_has_a_panel():
    steps = np.arange(4)
    terms = {"value": np.array([1.0, 2, 3, 4]), "R1": np.ones(4)}
    run = Trajectory(
        steps, {}, np.full(4, np.nan), np.array([1.0, 0.1, 0.01, 0.001]), Outcome("finished", 3, ""), terms
    )
    player_weights = {"generator": {"value": 1.0}, "discriminator": {"value": -1.0, "R1": 0.5}}
    figure = figures.players({"alternating": run}, player_weights, references={"discriminator at D = 0": 1.5})
    curves = {trace.yaxis: trace for trace in role(figure, "curve")}
    np.testing.assert_array_equal(curves["y"].y, [1, 2, 3, 4])
    np.testing.assert_array_equal(curves["y2"].y, [-0.5, -1.5, -2.5, -3.5])
    np.testing.assert_array_equal(curves["y3"].y, run.gradient_norm)
    (level,) = role(figure, "reference")
    assert (level.yaxis, list(level.y)) == ("y2", [1.5, 1.5])
    assert layout(figure).yaxis3.type == "log"
    assert panel_titles(figure, "y") == {
        "y": "generator's loss",
        "y2": "discriminator's loss",
        "y3": "norm of the field",
    }
    assert len(traces(figures.players({}, player_weights))) == 0


def game_run(values, norms, kind: Literal["finished", "diverged"] = "finished") -> Trajectory:
    values = np.array(values)
    outcome = Outcome(kind, len(values) - 1, "")
    return Trajectory(np.arange(len(values)), {}, values, np.array(norms), outcome, {"value": values})


def test_games_side_by_side_share_axes():
    weights, halved = ({"g": {"value": w}, "d": {"value": -w}} for w in (1.0, 0.5))
    long, short = game_run([4.0, 2.0, 1.0, -3.0], [9.0, 3.0, 1.0, 0.1]), game_run([60.0, 3.0], [5.0, 4.0])
    one = figures.players({"a": long}, weights, beside=[(short, halved)])
    other = figures.players({"b": short}, halved, beside=[(long, weights)])
    ranges = {axis: layout(one)[axis].range for axis in ("xaxis", "yaxis", "yaxis2", "yaxis3")}
    assert ranges == {axis: layout(other)[axis].range for axis in ranges}
    assert ranges["xaxis"] == (0, 3)
    assert ranges["yaxis"] == pytest.approx((-3 - 0.04 * 33, 30 + 0.04 * 33))
    assert ranges["yaxis2"] == pytest.approx((-30 - 0.04 * 33, 3 + 0.04 * 33))
    assert layout(one).yaxis3.type == layout(other).yaxis3.type == "log"
    low, high = 10.0 ** np.array(ranges["yaxis3"])
    assert low < 0.1 < 9 < high < 20


def test_diverged_game_does_not_set_shared_axes():
    weights = {"g": {"value": 1.0}, "d": {"value": -1.0}}
    gone, kept = game_run([1.0, -1e30], [1.0, 1e20], "diverged"), game_run([4.0, 3.0], [2.0, 1.0])
    figure = figures.players({"a": gone}, weights, beside=[(kept, weights)], references={"d at rest": -8.0})
    assert layout(figure).yaxis.range == pytest.approx((2.96, 4.04))
    assert layout(figure).yaxis2.range == pytest.approx((-8.2, -2.8))
    assert panel_titles(figure, "y")["y2"] == "d's loss; out of range: a"
    assert (
        "out of range"
        not in panel_titles(figures.players({"a": kept}, weights, beside=[(gone, weights)]), "y")["y2"]
    )
