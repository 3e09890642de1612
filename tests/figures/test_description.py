"""Descriptions of figures in words."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.description import MAX_NAMED_CURVES, describe
from landscapes.optimization.trajectory import Outcome, Trajectory
from tests.figures.scenes import asymmetric, curve, path

TRAJECTORY = Trajectory(
    np.array([0, 3]), np.ones((2, 4)), np.array([4.0, 3, 2, 1]), np.ones(4), Outcome("finished", 3, "3 steps"), {}
)


@pytest.mark.parametrize(("draw", "kind"), [(figures.surface, "Surface"), (figures.contour, "Contour plot")])
def test_landscape_is_described_by_axes_values_ends(draw, kind):
    walks = {"adam": path(drift=0.5), "sgd": path(kind="diverged", leave=True)}
    labels = ("first <b>weight</b>", "bias")
    text = describe(draw(asymmetric(), walks, labels=labels, value="cross-entropy", minima=[(0.0, -2.0)]))
    assert text.startswith(kind)
    assert "of cross-entropy over first weight from −1 to 2 and bias from −2 to 2." in text
    assert "Values range from −20 to 24." in text
    assert "The path of adam ends at step 12 with value −7.75." in text  # the true loss, not the plane's
    assert "The path of sgd ends at step 12 with value 2.53e+03." in text
    assert "1 point is marked: known minimum." in text
    assert "sgd: 1 of 5 drawn steps lie outside the picture." in text


@pytest.mark.parametrize(("draw", "scale"), [(figures.surface, "linear"), (figures.contour, "log")])
def test_values_are_those_of_the_surface_and_not_of_a_shared_scale(draw, scale):
    text = describe(draw(asymmetric(), span=(-300.0, 500.0), scale=scale))
    assert "Values range from −20 to 24." in text


def test_values_have_no_digits_below_their_error():
    text = describe(figures.surface(replace(asymmetric(), errors={"square": 0.5, "slope": 0.04})))
    assert "Values range from −20 to 24." in text
    text = describe(figures.surface(replace(asymmetric(), errors={"square": 5.0, "slope": 0.6})))
    assert "Values range from −20 to 20." in text


def test_curves_are_described_by_their_title_and_not_by_a_reference():
    runs = {"adam": TRAJECTORY}
    text = describe(figures.history(runs, value="error rate", references={"best constant": 2.5}))
    assert text == "Curves of error rate over step: adam."


def test_description_names_scale_and_line():
    text = describe(figures.line(curve(), {}, labels=("along the gradient",), scale="log"))
    assert text.startswith("Line plot of loss on a logarithmic scale over along the gradient from −1 to 2.")


def test_other_figures_are_described_by_axes_and_curves():
    text = describe(figures.off_plane({"adam": path(drift=0.5), "sgd": path()}))
    assert text == "Curves of distance off the plane over step: adam, sgd."
    assert np.char.count(text, "<") == 0


def test_other_figures_are_described_with_their_notes_and_the_number_of_further_curves():
    paths = {f"run {k}": path(drift=0.5) for k in range(MAX_NAMED_CURVES + 2)}
    figure = figures.off_plane(paths)
    figure.layout.meta = {**(figure.layout.meta or {}), "notes": ["one is short", "one is long"]}
    shown = ", ".join(list(paths)[:MAX_NAMED_CURVES])
    expected = f"Curves of distance off the plane over step: {shown} and 2 more. one is short. one is long."
    assert describe(figure) == expected
