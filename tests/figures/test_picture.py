"""Grids, holes and meta data that surfaces, contours and lines share."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.picture import Picture
from tests.figures.scenes import X, Y, asymmetric, layout, path, role, value
from tests.figures.test_surface_figure import RAW


@pytest.mark.parametrize("draw", [figures.surface, figures.contour])
def test_meta_has_unweighted_transposed_terms(draw):
    meta = layout(draw(asymmetric(), **RAW)).meta
    mixed = sum(meta["weights"][name] * meta["terms"][name] for name in meta["terms"])
    np.testing.assert_allclose(mixed, value(X[None, :], Y[:, None]))
    assert meta["box"] == [[-1.0, 2.0], [-2.0, 2.0]]


def test_single_term_is_not_in_meta():
    only = replace(asymmetric(), terms={"square": asymmetric().terms["square"]}, weights={"square": 1.0})
    assert layout(figures.surface(only, **RAW)).meta["terms"] == {}


def test_resampling_keeps_corners_and_limits_size():
    (drawn,) = role(figures.surface(asymmetric()), "surface")
    assert drawn.z.shape == (121, 121)
    corners = [drawn.z[0, 0], drawn.z[0, -1], drawn.z[-1, 0], drawn.z[-1, -1]]
    np.testing.assert_allclose(corners, [value(x, y) for y in (-2, 2) for x in (-1, 2)], rtol=1e-6)


@pytest.mark.parametrize("term", [None, "square"])
def test_means_of_samples_are_not_resampled(term):
    """A spline through a step overshoots it by more than 5 % here."""
    step = np.where(0 * X[:, None] + Y > 0.5, 100.0, 0.0)
    sampled = replace(
        asymmetric(), terms={"square": step, "slope": 0 * step, "standard error": 0 * step},
        weights={"square": 1.0, "slope": 1.0, "standard error": 0.0},
    )  # fmt: skip
    exact = replace(sampled, terms={"square": step, "slope": 0 * step}, weights={"square": 1.0, "slope": 1.0})
    highest = {}
    for name, surface in (("sampled", sampled), ("exact", exact)):
        (drawn,) = role(figures.contour(surface, term=term), "surface")
        highest[name] = drawn.z.max()
    assert highest["sampled"] == 100
    assert highest["exact"] > 105


def test_game_requires_a_term():
    game = replace(asymmetric(), game=True)
    with pytest.raises(ValueError, match="choose one of the terms"):
        figures.surface(game)
    assert role(figures.surface(game, term="square"), "surface")


def test_nonfinite_values_stay_holes_and_are_counted():
    broken = asymmetric()
    square = broken.terms["square"].copy()
    square[0, 4], square[2, 0] = np.nan, np.inf
    broken = replace(broken, terms={**broken.terms, "square": square})
    for draw in (figures.surface, figures.contour):
        figure = draw(broken, **RAW)
        (drawn,) = role(figure, "surface")
        holes = np.isnan(drawn.z)
        assert holes[4, 0]
        assert holes[0, 2]
        assert holes.sum() == 2
        assert layout(figure).meta["notes"] == ["2 of 15 points are not finite and left blank"]
        assert "2 of 15 points" in str(figure.to_json())


def test_resampling_does_not_widen_holes():
    broken = asymmetric()
    square = broken.terms["square"].copy()
    square[0, 4] = np.nan
    (drawn,) = role(figures.surface(replace(broken, terms={**broken.terms, "square": square})), "surface")
    assert 0 < np.isnan(drawn.z).sum() < 0.3 * drawn.z.size


def test_heights_between_nodes_come_from_the_cell_around_them():
    axes = (np.array([0.0, 1.0, 3.0]), np.array([-1.0, 1.0, 2.0, 6.0]))
    grid = np.array([[0.0, 8.0, 1.0, 3.0], [4.0, -2.0, 7.0, 5.0], [-6.0, 9.0, 2.0, 20.0]])
    picture = replace(Picture.of(asymmetric()), axes=axes, heights=grid.T)
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    np.testing.assert_allclose(picture.heights_at(nodes), grid.ravel())
    third = 0.75 * (0.75 * -2 + 0.25 * 7) + 0.25 * (0.75 * 9 + 0.25 * 2)
    points = np.array([(0.5, 0.0), (2.0, 4.0), (1.5, 1.25), (0.0, 5.0)])
    expected = [(0 + 8 + 4 - 2) / 4, (7 + 5 + 2 + 20) / 4, third, 0.25 * 1 + 0.75 * 3]
    np.testing.assert_allclose(picture.heights_at(points), expected)
    assert np.isnan(picture.heights_at(np.array([(3.1, 0.0), (1.0, -1.1)]))).all()


def test_true_heights_are_missing_only_below_a_logarithmic_scale():
    drawn = Picture.of(asymmetric(), scale="linear")
    run = path(drift=0.5)
    np.testing.assert_allclose(drawn.true_heights(run), drawn.scale(run.loss))
    log = Picture.of(asymmetric(), scale="log")
    below = replace(run, loss=np.array([5.0, log.scale.low - 1, 0.0, log.scale.low - 1e6, 1.0]))
    heights = log.true_heights(below)
    np.testing.assert_array_equal(np.isnan(heights), [False, True, False, True, False])
    np.testing.assert_allclose(heights[[0, 2, 4]], log.scale(below.loss[[0, 2, 4]]))
