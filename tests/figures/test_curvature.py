"""Figures of the curvature of the full space: every number is where it belongs."""

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

from landscapes import spectrum
from landscapes.curvature.convexity_map import ConvexityMap
from landscapes.curvature.layer_blocks import Block
from landscapes.curvature.spectrum import Spectrum
from landscapes.figures.convexity import curvature_line, ratio_map, slice_map, state_map
from landscapes.figures.density import density
from landscapes.figures.layers import layers
from landscapes.figures.matrix import matrix, thinning
from landscapes.figures.palette import BLUE, GREY, VERMILLION
from landscapes.figures.symlog import Symlog
from landscapes.figures.tangent import tangent
from tests import problems
from tests.figures.scenes import asymmetric, curve, layout, role, traces

X, Y = np.array([-1.0, 0.0, 1.0]), np.array([0.0, 2.0, 4.0, 6.0])
# Of 3 × 4 cells the first row is not convex, the last cell undetermined, and the one before it not there yet.
STATES = np.array([[1, 1, 1, 1], [0, 0, 0, 0], [0, 0, -1, 2]])
SMALLEST = np.where(STATES == 1, -np.arange(1.0, 5.0)[None] - 10 * X[:, None] - 10, 0.5)


def mapped(**settings: Any) -> ConvexityMap:
    known = STATES >= 0
    smallest = np.where(known, SMALLEST, np.nan)
    largest = np.where(known, 8.0, np.nan)
    bent = np.stack([np.where(known, np.add.outer(X, Y), np.nan), np.where(known, 7.0, np.nan)], axis=-1)
    given: dict[str, Any] = {"states": STATES, "strict": STATES == 0, "slice_curvature": bent, "evaluated": known}
    errors = {"smallest_error": np.full((3, 4), 0.1), "largest_error": np.full((3, 4), 0.2)}
    ends = {"smallest": smallest, "largest": largest}
    given |= {"axes": (X, Y), "products": 9, "sense": "minimize"}
    given |= {"jumps": np.zeros((3, 4), bool), "nonmonotone_slope": np.zeros((3, 4), bool)}
    arguments: dict[str, Any] = given | errors | ends | settings
    return ConvexityMap(**arguments)


def cells(figure):
    (trace,) = role(figure, "cells")
    return trace


def test_states_are_where_their_cells_are_and_are_counted():
    figure = state_map(mapped(), cell=(2, 1))
    drawn = cells(figure)
    np.testing.assert_array_equal(drawn.x, X)
    np.testing.assert_array_equal(drawn.y, Y)
    np.testing.assert_array_equal(drawn.z, np.where(STATES < 0, np.nan, STATES).T)
    assert [trace.name for trace in role(figure, "legend")] == [
        "convex here (55%)",
        "not convex here (36%)",
        "undetermined (9%)",
    ]
    # Every state has its own color in the middle of its third of the scale.
    colors = {trace.meta["label"]: trace.marker.color for trace in role(figure, "legend")}
    assert colors == {"convex here": BLUE, "not convex here": VERMILLION, "undetermined": GREY}
    assert [color for _, color in drawn.colorscale[::2]] == [BLUE, VERMILLION, GREY]
    assert {(trace.x[0], trace.y[0]) for trace in role(figure, "cell")} == {(1.0, 2.0)}
    # The eigenvalues with their errors, at cell (0, 3), under the pointer.
    np.testing.assert_allclose(drawn.customdata[3, 0], [-4.0, 0.1, 8.0, 0.2, 0.5, 5.0, 7.0])
    # A cell is a square about its point.
    assert layout(figure).meta["box"] == [[-1.5, 1.5], [-1.0, 7.0]]


def test_cells_to_come_are_filled_faintly_from_their_neighbours_and_only_those():
    figure = state_map(mapped())
    (filled,) = role(figure, "filled")
    assert filled.opacity < 0.5
    assert np.asarray(filled.z)[2, 2] in (0, 2)
    np.testing.assert_array_equal(np.asarray(filled.z).T[STATES >= 0], STATES[STATES >= 0])
    whole = replace(mapped(), states=abs(STATES), evaluated=np.full((3, 4), True))
    assert not role(state_map(whole), "filled")
    # What is unknown at one edge takes nothing from the other.
    alone = np.full((3, 4), -1)
    alone[0, 0] = 1
    alone[2, 3] = 0
    (edge,) = role(state_map(mapped(states=alone, evaluated=alone >= 0)), "filled")
    assert np.asarray(edge.z)[3, 0] in (0, 1)
    assert np.asarray(edge.z)[1, 0] == 1


def test_the_slice_is_judged_by_its_own_curvature():
    # Its smaller eigenvalue is x + y: −1, 1, 3, 5 in the first row and exactly 0 at (0, 0).
    figure = slice_map(mapped())
    seen = np.where(np.add.outer(X, Y) > 0, 0, np.where(np.add.outer(X, Y) < 0, 1, 2))
    np.testing.assert_array_equal(cells(figure).z, np.where(STATES < 0, np.nan, seen).T)
    assert [trace.meta["label"] for trace in role(figure, "legend")] == [
        "looks convex",
        "looks not convex",
        "undetermined",
    ]


def test_a_reward_is_concave_or_not_and_its_ratio_is_turned_round():
    reward = mapped(sense="maximize")
    assert [trace.meta["label"] for trace in role(state_map(reward), "legend")][:2] == [
        "concave here",
        "not concave here",
    ]
    assert np.nanmin(cells(slice_map(reward)).z) == 1  # 7 bends upward everywhere
    assert cells(ratio_map(reward)).colorbar.title.text == "λmax / |λmin|"
    np.testing.assert_allclose(cells(ratio_map(reward)).z[3, 0], 2.0)


def test_the_ratio_is_drawn_up_to_its_largest_value():
    drawn = cells(ratio_map(mapped()))
    np.testing.assert_allclose(drawn.z[:, 0], np.arange(1, 5) / 8)
    assert np.isnan(drawn.z[2, 2])
    assert drawn.z[0, 1] == 0
    assert (drawn.zmin, drawn.zmax) == (0, 0.5)


def test_a_line_has_the_ends_with_errors_and_the_slice_between():
    line = mapped(
        axes=(X,),
        smallest=np.array([-2.0, 1.0, 3.0]),
        largest=np.array([4.0, 5.0, 6.0]),
        smallest_error=np.full(3, 0.1),
        largest_error=np.full(3, 0.2),
        states=np.array([1, 0, 0]),
        slice_curvature=np.array([[1.0], [2.0], [4.0]]),
        evaluated=np.full(3, True),
    )
    figure = curvature_line(line, cell=(2,))
    drawn = {trace.name: trace for trace in traces(figure)}
    np.testing.assert_array_equal(drawn["smallest eigenvalue"].y, [-2, 1, 3])
    np.testing.assert_array_equal(drawn["largest eigenvalue"].error_y.array, 0.2)
    np.testing.assert_array_equal(drawn["the slice's own curvature"].y, [1, 2, 4])
    assert layout(figure).shapes[0].x0 == 1.0
    with pytest.raises(ValueError, match="this map is over a line; draw it with"):
        state_map(line)
    with pytest.raises(ValueError, match="this map is over a plane; draw it with"):
        curvature_line(mapped())


def spectra(nodes, weights, dim, eigenvalues=(-1.0, 3.0)) -> Spectrum:
    count = len(eigenvalues)
    ends = {"eigenvalues": np.array(eigenvalues), "errors": np.full(count, 0.01), "rounding": np.zeros(count)}
    return Spectrum(
        nodes=np.asarray(nodes, float),
        weights=np.asarray(weights, float),
        converged=np.full(count, True),
        dim=dim,
        scale=3.0,
        method="lanczos",
        products=1,
        bottom=1,
        **ends,
    )


def test_the_density_is_the_mean_of_its_probes_within_their_range():
    # Nine tenths of the mass at −1 for one probe and half of it for the other.
    found = spectra([[-1, 3], [-1, 3]], [[0.9, 0.1], [0.5, 0.5]], dim=1000)
    figure = density({"Hessian": found, "none": spectra(np.zeros((1, 0)), np.zeros((1, 0)), 5)}, 0.05)
    (mean,) = role(figure, "density")
    assert mean.name == "Hessian, mean and range of 2 probes"
    np.testing.assert_allclose(np.trapezoid(mean.y, mean.x), 1, rtol=1e-3)
    low = np.asarray(mean.x) < 1
    np.testing.assert_allclose(np.trapezoid(mean.y[low], np.asarray(mean.x)[low]), 0.7, rtol=1e-3)
    below, above = role(figure, "spread")
    assert np.all(np.asarray(below.y) <= mean.y)
    assert np.all(mean.y <= np.asarray(above.y))
    np.testing.assert_allclose(np.trapezoid(above.y[low], np.asarray(mean.x)[low]), 0.9, rtol=1e-3)
    # σ = 5 % of the range of 4, and one eigenvalue of a thousand is that much lower.
    peak = 1 / (0.2 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(np.max(mean.y), 0.7 * peak, rtol=1e-3)
    np.testing.assert_allclose(layout(figure).shapes[0].y0, peak / 1000)
    assert layout(figure).yaxis.type == "log"
    assert "σ = 0.2" in layout(figure).xaxis.title.text
    (ticks,) = role(figure, "eigenvalues")
    np.testing.assert_array_equal(ticks.x, [-1, 3])
    np.testing.assert_array_equal(ticks.customdata, 0.01)


def test_an_exact_density_has_no_range_and_two_spectra_share_their_axis():
    one = spectra([[-1, 3]], [[0.5, 0.5]], dim=2)
    other = spectra([[0, 9]], [[0.5, 0.5]], dim=2)
    figure = density({"Hessian": one, "Gauss–Newton": other}, 0.01)
    assert not role(figure, "spread")
    assert [trace.name for trace in role(figure, "density")] == ["Hessian, exact", "Gauss–Newton, exact"]
    first, second = role(figure, "density")
    np.testing.assert_array_equal(first.x, second.x)
    assert first.x[0] < -1
    assert first.x[-1] > 9
    with pytest.raises(ValueError, match="density=8"):
        density({}, 0.01)
    with pytest.raises(ValueError, match="positive"):
        density({"Hessian": one}, 0.0)


def test_layers_are_rows_with_their_ends_middle_and_mean():
    values = np.arange(-4.0, 17.0)
    shares = np.full((1, 21), 1 / 21)
    exact = Block("first", 21, values[[0, -1]], np.array([0.5, 0.25]), values[None], shares, True)
    other = Block("second", 7, np.array([-0.001, 2.0]), np.full(2, 0.01), np.ones((1, 1)), np.ones((1, 1)), False)
    figure = layers([exact, other])
    scale = Symlog(16e-5)
    smallest, largest = role(figure, "smallest")[0], role(figure, "largest")[0]
    assert list(smallest.y) == ["first (21)", "second (7)"]
    np.testing.assert_allclose(smallest.x, scale([-4.0, -0.001]))
    np.testing.assert_allclose(largest.x, scale([16.0, 2.0]))
    # Vermillion below zero for sure, blue above it, grey where the error reaches across.
    assert list(smallest.marker.color) == [VERMILLION, GREY]
    assert list(largest.marker.color) == [BLUE, BLUE]
    # Bars point outward alone.
    np.testing.assert_allclose(smallest.error_x.arrayminus[0], scale(-4.0) - scale(-4.5))
    np.testing.assert_array_equal(smallest.error_x.array, 0)
    np.testing.assert_allclose(largest.error_x.array[0], scale(16.25) - scale(16.0))
    np.testing.assert_array_equal(largest.error_x.arrayminus, 0)
    _, middle = role(figure, "span")
    np.testing.assert_allclose(middle.x[:2], scale([-3.0, 15.0]))  # nine tenths of 21 eigenvalues
    np.testing.assert_allclose(role(figure, "mean")[0].x, scale([6.0, 1.0]))
    with pytest.raises(ValueError, match="no block"):
        layers([])


def test_a_matrix_keeps_its_rows_its_signs_and_its_blocks():
    values = np.diag([1.0, -10.0, 0.001, 4.0])
    values[0, 3] = values[3, 0] = 2.0
    values[0, 1] = -3.0  # as no Hessian has it: nothing here survives a transpose
    figure = matrix(values, {"bias": 1, "kernel": 3})
    (drawn,) = role(figure, "matrix")
    np.testing.assert_allclose(drawn.customdata, values, rtol=1e-6)
    np.testing.assert_allclose(drawn.z, Symlog(0.01)(values), rtol=1e-6)
    np.testing.assert_allclose([drawn.zmin, drawn.zmax], Symlog(0.01)([-10, 10]))
    panel = layout(figure)
    assert panel.yaxis.range == (3.5, -0.5)  # the first row on top
    assert panel.yaxis.ticktext == ("bias", "kernel")
    np.testing.assert_array_equal(panel.yaxis.tickvals, [0, 2])
    assert {shape.x0 for shape in panel.shapes if shape.x0 == shape.x1} == {0.5}
    shared = role(matrix(values, limit=100.0), "matrix")[0]
    np.testing.assert_allclose(shared.zmax, Symlog(0.1)(100.0))
    with pytest.raises(ValueError, match="blocks have 3 parameters and the matrix 4"):
        matrix(values, {"bias": 3})


def test_a_thinned_matrix_loses_no_entry():
    values = np.zeros((1001, 1001))
    values[1000, 2], values[4, 5] = -7.0, 0.5
    figure = matrix(values)
    (drawn,) = role(figure, "matrix")
    assert thinning(1001) == 3
    assert drawn.z.shape == (334, 334)
    assert drawn.customdata[333, 0] == -7.0
    assert drawn.customdata[1, 1] == 0.5
    assert np.count_nonzero(drawn.customdata) == 2
    np.testing.assert_array_equal(drawn.x[:2], [1, 4])
    assert "1,001 in all" in layout(figure).xaxis.title.text


def test_a_symmetric_logarithm_has_both_signs_and_few_ticks():
    scale = Symlog(1e-3)
    np.testing.assert_allclose(scale([-5.0, 0.0, 5.0]), np.array([-1, 0, 1]) * np.log10(2 * 5e3), rtol=1e-6)
    np.testing.assert_allclose(scale(1e-6), 1e-3 / np.log(10), rtol=1e-5)
    ticks = scale.ticks(-0.5, 2e3, 3)
    assert [float(text) for text in ticks["ticktext"]] == [-0.1, 0, 1, 1000]
    np.testing.assert_allclose(ticks["tickvals"], scale([float(text) for text in ticks["ticktext"]]))
    assert scale.ticks(0, 1e-4)["ticktext"] == ["0"]


@pytest.mark.parametrize(("low", "high"), [(-1.2, 500), (-500, 1.2), (0, 500), (-3e-4, 2), (-50, 50)])
def test_labels_of_a_symmetric_logarithm_never_touch(low, high):
    """A column of curves is about 110 pixels high and a label 9: a VAE's eigenvalues, from −1.2 to 500 and known
    to 4e-4, had "0" and "-0.001" on top of each other."""
    scale = Symlog(4e-4)
    ticks = scale.ticks(low, high)
    assert "0" in ticks["ticktext"]
    assert len(ticks["ticktext"]) > 2
    assert np.min(np.diff(ticks["tickvals"])) * 110 / (scale(high) - scale(low)) >= 9


def test_a_loss_below_its_tangent_is_drawn_in_vermillion():
    # L = x² + 10 over −1, 0, 2, beside a tangent that falls: below it left of 0, above it right of 0.
    figure = tangent(curve(), -1.0)
    loss, flat = role(figure, "loss")[0], role(figure, "tangent")[0]
    np.testing.assert_allclose([loss.y[0], loss.y[-1]], [11, 14], atol=1e-6)
    np.testing.assert_allclose([flat.y[0], flat.y[-1]], [11, 8], atol=1e-6)
    below, above = role(figure, "beyond the tangent")[0], role(figure, "difference")[0]
    x = np.asarray(below.x)
    inside = (x > -0.95) & (x < -0.05)
    assert np.all(below.y[inside] < 0)
    assert np.all(np.isnan(above.y[inside]))
    assert np.all(above.y[x > 0.05] > 0)
    assert np.all(np.isnan(below.y[x > 0.05]))
    # Of a reward the other side is wrong.
    reward = tangent(replace(curve(), sense="maximize"), -1.0)
    assert np.all(role(reward, "beyond the tangent")[0].y[x > 0.05] > 0)
    with pytest.raises(ValueError, match="2 axes make no line"):
        tangent(asymmetric(), 0.0)


def test_what_is_closer_than_the_loss_is_known_says_nothing():
    figure = tangent(replace(curve(), errors={"square": 5.0, "slope": 0.0}), -1.0)
    assert np.all(np.isnan(role(figure, "beyond the tangent")[0].y))
    band = layout(figure).shapes[0]
    assert (band.y0, band.y1) == (-5, 5)
    low, high = layout(figure).yaxis2.range
    assert low < -10
    assert high > 10


@pytest.mark.parametrize("presenter", [False, True])
def test_both_themes_and_the_hall(presenter):
    found = spectrum(problems.quadratic(), jax.random.key(0))
    look: dict[str, Any] = {"theme": "dark", "presenter": presenter}
    for figure in (
        state_map(mapped(), **look),
        ratio_map(mapped(), **look),
        density({"Hessian": found}, 0.01, **look),
        matrix(np.eye(3), **look),
        tangent(curve(), 0.0, **look),
    ):
        assert layout(figure).template.layout.font.size == (20 if presenter else 13)
        assert "49,51,63" not in str(figure.to_json())  # no ink of the light page
