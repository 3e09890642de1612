"""A surface from the arrays of another program, and as a data set of xarray."""

import builtins
import math

import numpy as np
import pytest

from landscapes.slices.surface import Surface

X, Y = np.array([-1.0, 0.0, 2.0]), np.array([-2.0, -1.0, 0.0, 1.0, 3.0])
Z = X[:, None] ** 2 + 10 * Y


def test_grid_alone_makes_surface_with_unknown_error():
    surface = Surface.from_grid(X, Y, Z.astype(np.float32), name="perplexity")
    assert list(surface.terms) == ["perplexity"]
    assert surface.loss.dtype == np.float32
    np.testing.assert_array_equal(surface.loss, Z.astype(np.float32))
    assert (surface.error, surface.verified, surface.checks) == (math.inf, False, 0)
    assert "error unknown" in repr(surface)
    assert not surface.terms["perplexity"].flags.writeable


def test_line_alone_makes_surface_of_one_axis():
    surface = Surface.from_line(X, [4, 5, 7], name="reward", sense="maximize")
    assert (len(surface.axes), surface.sense) == (1, "maximize")
    np.testing.assert_array_equal(surface.loss, [4.0, 5.0, 7.0])


def test_decreasing_axes_are_reversed_with_their_values():
    surface = Surface.from_grid(X[::-1], Y, Z[::-1])
    np.testing.assert_array_equal(surface.axes[0], X)
    np.testing.assert_array_equal(surface.loss, Z)


def test_nan_and_infinity_count_as_evaluated_and_are_reported():
    holes = Z.copy()
    holes[0, 1], holes[2, 0] = math.nan, math.inf
    surface = Surface.from_grid(X, Y, holes)
    assert surface.evaluated.all()
    assert surface.nonfinite == 2
    assert "2 not finite" in repr(surface)


def test_arrays_of_the_caller_stay_writable():
    z = Z.copy()
    Surface.from_grid(X, Y, z)
    z[0, 0] = 1.0
    assert X.flags.writeable


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ((X, Y, Z.T), r"z has shape \(5, 3\) and the axes have \(3, 5\); give z.T, because z\[i, j\] at"),
        ((X, Y, Z[:2]), r"give z\[i, j\] at \(x\[i\], y\[j\]\)"),
        ((*np.meshgrid(X, Y, indexing="ij"), Z), r"x has shape \(3, 5\); give the coordinates along one axis"),
        (([0, 2, 1], Y, Z), "the coordinates of an axis must increase"),
        (([0, 1, math.nan], Y, Z), "not finite; leave it out"),
        ((X, Y, Z * 1j), "give an array of real numbers"),
        ((X, Y, [[1, 2], [3]]), "give an array of real numbers"),
        ((X, "abc", Z), "y must be an array of numbers"),
        ((X, [1.0], Z[:, :1]), "at least 2"),
    ],
)
def test_misfits_are_answered_by_one_sentence(arguments, remedy):
    with pytest.raises(ValueError, match=remedy) as raised:
        Surface.from_grid(*arguments)
    assert "\n" not in str(raised.value)


def test_xarray_holds_terms_coordinates_and_facts():
    surface = Surface.from_grid(X, Y, Z, name="square")
    data = surface.to_xarray()
    assert data["square"].dims == ("x", "y")
    np.testing.assert_array_equal(data["square"].sel(x=2.0, y=3.0), Z[2, 4])
    np.testing.assert_array_equal(data["weighted sum"], Z)
    assert data["square"].attrs == {"weight": 1.0, "error": math.inf}
    assert data.attrs["sense"] == "minimize"


def test_missing_xarray_is_named_in_one_sentence(monkeypatch):
    def refuse(name, *rest, **kwargs):
        if name == "xarray":
            raise ImportError(name)
        return original(name, *rest, **kwargs)

    original = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ValueError, match="pip install xarray"):
        Surface.from_line(X, X).to_xarray()
