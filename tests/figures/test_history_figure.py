"""The loss and the gradient norm of runs by step."""

from dataclasses import replace
from typing import Any, Literal, cast

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.history_figure import NAME_SHARE
from landscapes.figures.palette import STYLES
from landscapes.optimization.trajectory import Outcome, Trajectory
from tests.figures.scenes import layout, role, traces


def run(loss, kind: Literal["finished", "diverged"] = "finished") -> Trajectory:
    loss = np.asarray(loss, float)
    steps = np.arange(len(loss))
    return Trajectory(steps, {}, loss, 2 * np.abs(loss), Outcome(kind, len(loss), ""), {"loss": loss})


def test_history_shows_loss_and_gradient_norm_by_step():
    figure = figures.history({"adam": run([4.0, 2.0, 1.0]), "sgd": run([4.0, 3.0])})
    adam = [trace for trace in role(figure, "curve") if trace.name == "adam"]
    assert [trace.yaxis for trace in adam] == [None, "y2"]
    np.testing.assert_array_equal(adam[0].x, [0, 1, 2])
    np.testing.assert_array_equal(adam[0].y, [4, 2, 1])
    np.testing.assert_array_equal(adam[1].y, [8, 4, 2])
    assert {trace.line.color for trace in adam} == {STYLES["adam"].color}
    assert layout(figure).yaxis.type == layout(figure).yaxis2.type == "log"


def test_several_runs_are_listed_in_a_legend():
    def listed(**options):
        return {trace.name for trace in traces(figures.history(**options)) if trace.showlegend}

    runs = {"adam": run([4.0, 2.0, 1.0]), "sgd": run([4.0, 3.0])}
    assert listed(trajectories=runs) == {"adam", "sgd"}
    assert listed(trajectories=runs, legend=False) == listed(trajectories={"adam": runs["adam"]}) == set()


def test_log_history_of_negative_losses_states_the_shift():
    figure = figures.history({"sgd": run([0.0, -10.0])})
    (loss,) = [t for t in role(figure, "curve") if t.yaxis is None]
    np.testing.assert_allclose(loss.y, [10.01, 0.01])
    np.testing.assert_allclose(loss.customdata, [0, -10])
    assert any("L + 10 + 0.01" in note.text for note in layout(figure).annotations)
    long = figures.history({"sgd": run([0.0, -10.0])}, value="training Ritz energy + penalty")
    assert "training Ritz energy + penalty, as L + 10 +<br>" in layout(long).annotations[0].text
    assert layout(long).margin.t > layout(figure).margin.t


def test_reward_and_references_rise_on_either_scale():
    rising = {"sgd": run([-0.5, 0.25, 0.9])}
    for scale in ("linear", "log"):
        figure = figures.history(rising, scale=scale, sense="maximize", value="return", references={"best": 0.95})
        (reward,) = [t for t in role(figure, "curve") if t.yaxis is None]
        assert np.all(np.diff(reward.y) > 0)
        np.testing.assert_allclose(reward.customdata, [-0.5, 0.25, 0.9])
        (best,) = layout(figure).shapes
        assert best.y0 >= reward.y[-1]
        assert layout(figure).yaxis.type != "log"
        assert layout(figure).yaxis.autorange != "reversed"
        title = layout(figure).annotations[1].text
        assert title == ("return" if scale == "linear" else "return (log scale, −log₁₀(0.9 − L + 0.0014))")
    np.testing.assert_allclose(reward.y, -np.log10(np.array([1.4014, 0.6514, 0.0014])))
    from_zero = figures.history({"sgd": run([2e-10, 0.1, 0.15])}, scale="linear", sense="maximize")
    assert layout(from_zero).annotations[0].text == "loss"  # without "; out of range: sgd"
    assert list(layout(figure).yaxis.ticktext)[::5] == ["−0.5", "0.9"]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_histories_side_by_side_share_axes(scale):
    long, short = run([4.0, 2.0, 1.0, -3.0]), run([6.0, 3.0])
    one = layout(figures.history({"adam": long}, scale=scale, axes_include=[short]))
    other = layout(figures.history({"sgd": short}, scale=scale, axes_include=[long]))
    for axis in ("xaxis", "yaxis", "yaxis2"):
        assert one[axis].range is not None
        assert one[axis].range == other[axis].range
    assert one.xaxis.range == (0, 3)


def test_reference_name_is_at_its_line():
    """Plotly places a line on a logarithmic axis by its value, and a text by the value's logarithm."""
    falling = {"adam": run([4.0, 2.0, 1.0])}
    heights: dict[Literal["linear", "log"], float] = {"linear": 2.5, "log": float(np.log10(2.5))}
    for scale, height in heights.items():
        figure = figures.history(falling, scale=scale, references={"bigram": 2.4, "uniform": 2.5})
        below, line = layout(figure).shapes
        notes = {note.text: note for note in layout(figure).annotations}
        assert line.y0 == line.y1 == 2.5
        assert below.y0 == below.y1 == 2.4
        assert notes["uniform"].y == height
        assert notes["uniform"].yref == "y"
        # The names of close references are on different sides.
        assert (notes["uniform"].yanchor, notes["bigram"].yanchor) == ("bottom", "top")


def test_only_nearby_references_extend_the_axis():
    falling = {"adam": run([4.0, 2.0, 1.0])}
    for levels, low, high in (
        ({"floor": 0.9}, 0.9, 4),
        ({"ceiling": 5.0}, 1, 5),
        ({"middle": 2.5}, 1, 4),
        ({"far": 1e-3, "away": 1e3}, 1, 4),
    ):
        figure = figures.history(falling, references=levels)
        bottom, top = np.log10([low, high]) + 0.04 * np.log10(high / low) * np.array([-1, 1])
        # The name of a reference has room between the titles of the panels.
        if "ceiling" in levels:
            top = bottom + (np.log10(5) - bottom) / (1 - NAME_SHARE)
        elif "floor" in levels:
            bottom = top - (top - np.log10(0.9)) / (1 - NAME_SHARE)
        np.testing.assert_allclose(layout(figure).yaxis.range, [bottom, top])
        assert [note.yanchor for note in layout(figure).annotations if note.text in levels][-1] == (
            "top" if "floor" in levels else "bottom"
        )


def test_bound_shows_bounded_term_and_gap():
    """The bounded term of both runs is below their loss by 1, 0.5 and 0.25."""
    runs = {name: run(loss) for name, loss in {"adam": [4.0, 2.0, 1.0], "sgd": [4.0, 3.0, 2.5]}.items()}
    gap = np.array([1.0, 0.5, 0.25])
    runs = {name: replace(one, terms={"nll": one.loss - gap}) for name, one in runs.items()}
    figure = figures.history(runs, bounds="nll", value="bound")
    for name, one in runs.items():
        truth, loss = [t for t in role(figure, "curve") if t.name == name and t.yaxis is None]
        np.testing.assert_array_equal(truth.y, one.loss - gap)
        np.testing.assert_array_equal(loss.y, one.loss)
        assert (truth.fill, loss.fill) == (None, "tonexty")  # filled to the trace before it
        assert truth.line.dash == "dot"
    low, high = layout(figure).yaxis.range
    assert low < np.log10(0.75)
    assert high > np.log10(4)
    assert any(note.text == "bound; dotted: −log-likelihood" for note in layout(figure).annotations)


@pytest.mark.parametrize(
    ("losses", "labels"),
    [
        ([1e-3, 1e3], None),
        ([1.1, 7.0], ["2", "5"]),
        ([1.04, 1.29], ["1.05", "1.1", "1.15", "1.2", "1.25"]),
        ([2.5], ["2.5"]),
    ],
)
def test_short_log_axis_has_few_round_labels(losses, labels):
    axis = layout(figures.history({"sgd": run(losses)})).yaxis
    assert (axis.ticktext and list(axis.ticktext)) == labels
    if labels:
        np.testing.assert_allclose(axis.tickvals, [float(text) for text in labels])


def test_history_marks_divergence_and_thins_long_curves():
    figure = figures.history({"sgd": run(np.geomspace(1, 1e30, 5000), "diverged")}, scale="linear")
    (stop,) = role(figure, "stop")
    assert "diverged at step 5000" in stop.hovertemplate
    loss, norm = role(figure, "curve")
    assert len(loss.x) == 2000
    assert loss.x[-1] == norm.x[-1] == stop.x[0] == 4999


@pytest.mark.parametrize("sign", [1, -1])
def test_diverging_run_does_not_flatten_other_curves(sign):
    calm = [8.0, 4.0, 2.0]
    figure = figures.history({"adam": run(calm), "sgd": run([8.0, sign * 1e9, sign * 1e272], "diverged")})
    adam = next(t for t in role(figure, "curve") if t.name == "adam" and t.yaxis is None)
    low, high = layout(figure).yaxis.range
    assert np.ptp(np.log10(adam.y)) > 0.8 * (high - low)
    assert np.all((low <= np.log10(adam.y)) & (np.log10(adam.y) <= high))
    low, high = layout(figure).yaxis2.range
    assert high < 4


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize(("scale", "sense"), [("linear", "minimize"), ("log", "minimize"), ("log", "maximize")])
def test_diverged_run_does_not_extend_shared_axes(scale, sense, beside):
    sign = 1 if sense == "minimize" else -1
    runs = {"adam": run(sign * np.array([8.0, 5.0, 2.0])), "lion": run(sign * np.array([8.0, 4.0, 3.0]))}
    wild = run(sign * np.array([8.0, 900.0, 3e4]), "diverged")
    shown, further = (runs, [wild]) if beside else (runs | {"sgd": wild}, [])
    figure = figures.history(shown, value="loss", scale=cast(Any, scale), sense=sense, axes_include=further)
    calm = [t for t in role(figure, "curve") if t.name != "sgd"]
    for axis, place in ((layout(figure).yaxis, None), (layout(figure).yaxis2, "y2")):
        observed_values = np.concatenate([t.y for t in calm if t.yaxis == place])
        observed_values = np.log10(observed_values) if axis.type == "log" else observed_values
        assert axis.range[0] <= observed_values.min()
        assert observed_values.max() <= axis.range[1]
        assert np.ptp(observed_values) > 0.8 * np.ptp(axis.range)
    assert layout(figure).annotations[0].text.replace("<br>", " ").endswith("; out of range: sgd") == (not beside)


def test_empty_history_is_a_figure():
    assert len(traces(figures.history({}))) == 0


def test_losses_known_at_checkpoints_alone_are_joined_and_marked():
    figure = figures.history({"own": run([4.0, np.nan, np.nan, 1.0, np.nan, 2.0])}, scale="linear")
    (loss,) = [trace for trace in role(figure, "curve") if trace.yaxis is None]
    np.testing.assert_array_equal(loss.x, [0, 3, 5])
    np.testing.assert_array_equal(loss.customdata, [4, 1, 2])
    assert loss.mode == "lines+markers"
    diverged = figures.history({"sgd": run([4.0, 8.0, np.nan], "diverged")}, scale="linear")
    (loss,) = [trace for trace in role(diverged, "curve") if trace.yaxis is None]
    assert loss.mode == "lines"
    np.testing.assert_array_equal(loss.x, [0, 1, 2])
