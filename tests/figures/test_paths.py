"""Paths on pictures: position, notes, markers, and the meta data for playback."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.palette import STYLES
from tests.figures.scenes import asymmetric, layout, path, role, traces, value


def vertices(trace) -> np.ndarray:
    """The last point of each step: the snapshots without the points added between them."""
    steps = np.array(trace.meta["steps"])
    return np.flatnonzero(np.append(np.diff(steps) > 0, True))


@pytest.mark.parametrize("draw", [figures.contour, figures.surface])
def test_hidden_path_is_named_in_a_note(draw):
    full = path()
    fields = ("steps", "coordinates", "distance", "loss", "plane_loss")
    half = replace(full, **{name: getattr(full, name)[:3] for name in fields})
    second = replace(full, coordinates=np.add(full.coordinates, [0.0, 0.1]))

    def notes(**paths):
        return layout(draw(asymmetric(), paths)).meta["notes"]

    assert notes(adam=half, sgd=full) == ["adam is hidden beneath sgd; the plane shows 100 % of their motion"]
    slight, less = replace(half, share=0.012), replace(full, share=0.004)
    (note,) = notes(adam=slight, sgd=less)
    assert note == "adam is hidden beneath sgd; the plane shows 0.4 to 1 % of their motion"
    assert notes(sgd=full, adam=half) == notes(adam=second, sgd=full) == []


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_path_has_height_of_its_projected_loss(scale):
    drawn_path = path(drift=0.5)
    figure = figures.surface(asymmetric(), {"adam": drawn_path}, scale=scale)
    (drawn,) = role(figure, "path")
    at = vertices(drawn)
    meta = layout(figure).meta
    lift = meta["lift"] * np.ptp(layout(figure).scene.zaxis.range)
    losses = drawn_path.plane_loss
    heights = losses if scale == "linear" else np.log10(losses - meta["low"] + meta["floor"])
    np.testing.assert_allclose(np.column_stack([drawn.x, drawn.y])[at], drawn_path.coordinates, rtol=1e-6)
    np.testing.assert_allclose(drawn.z[at] - lift, heights, rtol=1e-4, atol=1e-4)


def test_long_steps_follow_the_surface():
    figure = figures.surface(asymmetric(), {"adam": path()})
    (drawn,) = role(figure, "path")
    assert len(drawn.x) > len(path().steps)
    lift = layout(figure).meta["lift"] * np.ptp(layout(figure).scene.zaxis.range)
    np.testing.assert_allclose(drawn.z - lift, value(drawn.x, drawn.y), atol=0.05)
    assert np.all(np.diff(drawn.meta["steps"]) >= 0)


def test_scene_path_has_outline_below_it_and_shadow_on_the_floor():
    figure = figures.surface(asymmetric(), {"adam": path()})
    (drawn,), (outline,), (shadow,) = (role(figure, name) for name in ("path", "casing", "shadow"))
    floor, top = layout(figure).scene.zaxis.range
    assert np.all((shadow.z > floor) & (shadow.z < floor + 0.01 * (top - floor)))
    assert outline.line.width > drawn.line.width
    steps = np.array(drawn.meta["steps"])
    for trace in (outline, shadow):
        assert len(trace.x) <= len(drawn.x)
        assert (trace.x[0], trace.y[-1]) == (drawn.x[0], drawn.y[-1])
        assert (trace.meta["steps"][0], trace.meta["steps"][-1]) == (steps[0], steps[-1])
    gap = drawn.z[0] - outline.z[0]
    assert 0 < gap < layout(figure).meta["lift"] * (top - floor)
    assert drawn.z[-1] - outline.z[-1] == pytest.approx(gap, rel=1e-3)


def test_outline_and_shadow_omit_points_close_together():
    dense = replace(
        path(),
        **{name: np.repeat(getattr(path(), name), 40, axis=0) for name in ("coordinates", "distance", "loss")},
        plane_loss=np.repeat(path().plane_loss, 40),
        steps=np.arange(40 * len(path().steps)),
    )
    figure = figures.surface(asymmetric(), {"adam": dense})
    assert len(role(figure, "shadow")[0].x) < len(role(figure, "path")[0].x) / 4


def test_path_hover_has_step_losses_and_distance():
    drawn_path = path(drift=0.5)
    (drawn,) = role(figures.contour(asymmetric(), {"adam": drawn_path}, value="test error rate"), "path")
    expected = np.column_stack([drawn_path.steps, drawn_path.loss, drawn_path.plane_loss, drawn_path.distance])
    np.testing.assert_allclose(drawn.customdata, expected)
    words = drawn.hovertemplate.split("<br>")
    assert [text.split(" %")[0] for text in words[1:]] == [
        "test error rate", "test error rate on the picture", "distance off the picture"
    ]  # fmt: skip
    assert [text.split("customdata[")[1][0] for text in words] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("draw", [figures.surface, figures.contour])
def test_rings_grow_with_distance_from_the_plane(draw):
    assert not role(draw(asymmetric(), {"adam": path()}), "rings")
    (rings,) = role(draw(asymmetric(), {"adam": path(drift=0.5)}), "rings")
    assert np.all(np.diff(rings.marker.size) > 0)


@pytest.mark.parametrize("draw", [figures.surface, figures.contour])
def test_path_traces_have_role_label_and_steps(draw):
    figure = draw(asymmetric(), {"adam": path(), "sgd": path()})
    for label in ("adam", "sgd"):
        ours = [trace for trace in traces(figure) if trace.meta.get("label") == label]
        roles = {trace.meta["role"] for trace in ours}
        assert {"path", "start", "head"} <= roles
        assert all(len(trace.meta["steps"]) == len(trace.x) for trace in ours)
        assert all(trace.legendgroup == label for trace in ours)
        # A scene has the names at the ends of the paths instead.
        is_listed = sum(trace.showlegend is not False for trace in ours)
        assert is_listed == (draw is figures.contour)
    (start, *_), (head, *_) = role(figure, "start"), role(figure, "head")
    assert (start.meta["steps"], head.meta["steps"]) == ([0], [12])
    assert (head.x[0], head.y[0]) == (-0.5, -1.0)
    # Markers are above the path on a surface only.
    raised = layout(figure).meta.get("stand", 0.0)
    if "scene" in layout(figure).to_plotly_json():
        drawn = role(figure, "path")[0]
        stand = raised * np.ptp(layout(figure).scene.zaxis.range)
        np.testing.assert_allclose([head.z[0], start.z[0]], [drawn.z[-1] + stand, drawn.z[0] + stand], rtol=1e-6)
        assert stand > 0
    else:
        assert raised == 0


def test_diverged_path_is_marked_at_last_visible_point():
    lost = path(kind="diverged", leave=True)
    flat = figures.contour(asymmetric(), {"sgd": lost})
    (stop,) = role(flat, "stop")
    assert "sgd diverged at step 13" in stop.text[0]
    assert "×" in stop.text[0]
    assert (stop.x[0], stop.y[0]) == pytest.approx(tuple(lost.coordinates[3]))
    (drawn,) = role(flat, "path")
    assert drawn.x[-1] == 50
    assert tuple(layout(flat).xaxis.range) == (-1, 2)
    assert layout(flat).meta["notes"] == ["sgd: 1 of 5 drawn steps lie outside the picture"]
    (label,) = layout(figures.surface(asymmetric(), {"sgd": lost})).scene.annotations
    assert (label.text, label.name) == ("sgd diverged at step 13", "stop 9 sgd")


def test_points_far_outside_are_left_out():
    drawn_path = path(kind="diverged", leave=True)
    drawn_path.coordinates[-1] = [1e30, 3.0]
    figure = figures.surface(asymmetric(), {"sgd": drawn_path})
    (drawn,), (head,) = role(figure, "path"), role(figure, "head")
    assert np.nanmax(np.abs([drawn.x, drawn.y, drawn.z])) < 1e4
    assert np.isnan(head.x).all()
    at = vertices(drawn)
    np.testing.assert_allclose(
        np.column_stack([drawn.x, drawn.y])[at][:-1], drawn_path.coordinates[:-1], rtol=1e-6
    )
    assert drawn.customdata[-1, 0] == drawn_path.steps[-1]


def test_finished_path_has_no_stop_mark():
    assert not role(figures.contour(asymmetric(), {"sgd": path()}), "stop")
    (label,) = layout(figures.surface(asymmetric(), {"sgd": path()})).scene.annotations
    assert (label.text, label.name) == ("sgd", "end 12 sgd")


def test_optimizers_have_distinct_styles_of_the_palette():
    assert len({(style.color, style.dash) for style in STYLES.values()}) == len(STYLES)
    result = figures.styles(["Adam 0.01", "adam 0.1", "L-BFGS", "mine", "sgd"])
    assert result["Adam 0.01"].color == result["adam 0.1"].color == STYLES["adam"].color
    assert result["Adam 0.01"].dash != result["adam 0.1"].dash
    assert result["L-BFGS"] == STYLES["lbfgs"]
    assert result["sgd"] == STYLES["sgd"]
    named = {result[label].color for label in ("Adam 0.01", "L-BFGS", "sgd")}
    assert result["mine"].color not in named


def test_every_optimizer_has_a_style():
    from landscapes.optimization.optimizers import OPTIMIZERS

    assert set(OPTIMIZERS) == set(STYLES)


def test_color_does_not_depend_on_other_runs():
    single = figures.contour(asymmetric(), {"adam": path()})
    together = figures.contour(asymmetric(), {"sgd": path(), "adam": path(), "yogi": path()})
    colors = [trace.line.color for f in (single, together) for trace in role(f, "path") if trace.name == "adam"]
    assert colors == [STYLES["adam"].color] * 2
