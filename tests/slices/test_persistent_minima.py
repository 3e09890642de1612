"""Minima by persistence: by hand on a line, and on every test function with known minima."""

import sys
from functools import cache

import jax
import numpy as np
import pytest
from scipy.optimize import minimize

from landscapes.objectives import FUNCTIONS
from landscapes.openings import files
from landscapes.recipes import catalog
from landscapes.slices.persistent_minima import persistence
from landscapes.slices.surface import Surface

NODES = 257
LOWEST = 8  # claimed minima from which the function itself is descended

# Values of L at x = 0, 1, …, 8: minima 1, 0 and 2 with saddles 4 (between the first two) and 3.
HEIGHTS = np.array([5.0, 1.0, 4.0, 2.5, 0.0, 1.5, 3.0, 2.0, 6.0])


def on_line(heights=HEIGHTS, **settings):
    surface = Surface.from_line(np.arange(9.0), heights, **settings)
    return persistence(surface, error=0.0, nodes=9)


def test_components_on_a_line_merge_by_the_elder_rule():
    found = on_line()
    np.testing.assert_allclose(found.minima[:, 0], [4, 1, 7])
    np.testing.assert_allclose(found.births, [0, 1, 2], atol=1e-12)
    np.testing.assert_allclose(found.deaths, [np.inf, 4, 3])
    np.testing.assert_allclose(found.saddles[:, 0], [np.nan, 2, 6])
    assert not found.on_boundary.any()
    # Every other node, 5, 4, 0, 3, 6, has one minimum: the bars of lengths 3 and 1 are gone.
    assert found.grid_error == 1.5
    assert found.threshold == 3
    assert (found.significant, found.parents.tolist()) == (1, [-1, -1, -1])


def test_parents_are_those_of_the_tree_of_merging_components():
    """Of two wells in the left one, the shallower merges with the deeper of its own side first."""
    x = np.linspace(-2, 2, NODES)
    wells = (
        1.0 - np.exp(-60 * (x + 1.4) ** 2) - 1.5 * np.exp(-60 * (x + 0.8) ** 2) - 2 * np.exp(-20 * (x - 1) ** 2)
    )
    found = persistence(Surface.from_line(x, wells + 0.5 * np.exp(-(x**2) * 8)), error=0.0, nodes=NODES)
    assert found.significant == 3
    np.testing.assert_allclose(found.minima[:3, 0], [1, -0.8, -1.4], atol=0.02)
    assert found.parents[:3].tolist() == [-1, 0, 1]


def test_of_a_reward_they_are_the_maxima():
    reward, loss = on_line(-HEIGHTS, sense="maximize"), on_line()
    np.testing.assert_array_equal(reward.minima, loss.minima)
    np.testing.assert_array_equal(reward.births, -loss.births)
    np.testing.assert_array_equal(reward.persistence, loss.persistence)
    assert "maximum" in reward.summary


def test_a_wall_without_values_is_crossed_by_no_component():
    x, y = np.meshgrid(np.linspace(-1, 1, 17), np.linspace(-1, 1, 9), indexing="ij")
    bowl = np.where(x == 0, np.nan, (np.abs(x) - 0.5) ** 2 + y**2 + 0.1 * (x > 0))
    found = persistence(Surface.from_grid(x[:, 0], y[0], bowl), error=1e-3, nodes=17)
    assert np.isinf(found.persistence[: found.significant]).all()
    np.testing.assert_allclose(found.minima[: found.significant], [[-0.5, 0], [0.5, 0]])
    assert found.parents[: found.significant].tolist() == [-1, -1]


def test_nothing_is_claimed_of_a_surface_whose_error_is_unknown():
    found = persistence(Surface.from_line(np.arange(9.0), HEIGHTS), nodes=9)
    assert np.isinf(found.threshold)
    assert found.significant == 0


def test_wrong_arguments_and_a_missing_package_get_a_sentence(monkeypatch):
    surface = Surface.from_line(np.arange(9.0), HEIGHTS)
    with pytest.raises(ValueError, match="nodes = 10 has no grid of every other node; give an odd number from 9"):
        persistence(surface, nodes=10)
    with pytest.raises(ValueError, match="is finite at no point"):
        persistence(Surface.from_line(np.arange(9.0), np.full(9, np.nan)))
    monkeypatch.setitem(sys.modules, "gudhi", None)
    with pytest.raises(ValueError, match=r'install it with pip install "landscapes\[topology\]"'):
        persistence(surface)


@cache
def found_on(name):
    """The surface of a test function's opening, and its minima."""
    recipe, _ = catalog.repair(catalog.opening_of(name))
    scene = files.read(recipe)
    assert scene is not None
    return scene.surface, persistence(scene.surface, nodes=NODES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_persistent_minima_of_a_function_are_its_true_ones(name):
    """Descended from the lowest claimed minima, the function itself ends in as many different minima, and all
    known ones are among them. Where the error of a surface is a tenth of its range, one minimum is claimed."""
    surface, found = found_on(name)
    if found.threshold > 0.1 * np.ptp(surface.loss):
        assert found.significant == 1
        return
    box = np.array(FUNCTIONS[name].box)
    inside = np.flatnonzero(~found.on_boundary[: found.significant])
    lowest = inside[np.argsort(found.births[inside], kind="stable")][:LOWEST]
    with jax.enable_x64(True):
        f = jax.jit(FUNCTIONS[name].f)
        options = {"xatol": 1e-6 * np.ptp(box), "fatol": 1e-12, "maxfev": 400}
        side = np.ptp(box, axis=1) / NODES
        ends = [
            minimize(
                lambda at: float(f(at)),
                found.minima[k],
                method="Nelder-Mead",
                options=options | {"initial_simplex": found.minima[k] + np.array([[0, 0], [1, 0], [0, 1]]) * side},
            ).x
            for k in lowest
        ]
    near = 0.01 * np.ptp(box, axis=1)
    for k, end in enumerate(ends):
        assert all(np.any(np.abs(end - other) > near) for other in ends[:k])
    for known in FUNCTIONS[name].minima:
        assert any(np.all(np.abs(end - known) < near) for end in ends), known


def test_numbers_of_persistent_minima_are_those_of_the_literature():
    counts = {"himmelblau": 4, "six-hump-camel": 6, "three-hump-camel": 3, "styblinski-tang": 4, "rosenbrock": 1}
    assert {name: found_on(name)[1].significant for name in counts} == counts
