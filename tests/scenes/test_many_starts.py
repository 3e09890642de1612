"""The starts of a network's runs: points of the drawn plane, in its coordinates or in the whole space."""

from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np

from landscapes import Choice
from landscapes.optimization.basins import vectors
from landscapes.recipes import catalog
from landscapes.scenes.many_starts import MAX_BLOCK, block_size, field_norms_at, starts_of, starts_of_seeds
from landscapes.scenes.placement import place_picture
from tests import small_recipes

RECIPE = replace(small_recipes.TINY, center="initial", directions=Choice("gaussian"))


def test_starts_are_the_points_of_the_plane_in_either_space():
    recipes = {space: catalog.complete(replace(RECIPE, space=space)) for space in ("plane", "full")}
    placement = place_picture(recipes["plane"])
    inside, outside = (starts_of(recipe, placement, 3) for recipe in recipes.values())
    assert (inside.is_restricted, outside.is_restricted) == (True, False)
    (low, high), (bottom, top) = placement.extent
    np.testing.assert_allclose(inside.points[[0, 2, -1]], [[low, bottom], [low, top], [high, top]], rtol=1e-6)
    np.testing.assert_allclose(outside.project(vectors(outside.points)), inside.points, atol=1e-5)
    losses = [
        [float(starts.problem.loss(jax.tree.map(lambda leaf, k=k: leaf[k], starts.points))) for k in (1, 5)]
        for starts in (inside, outside)
    ]
    np.testing.assert_allclose(*losses, rtol=1e-5)


def test_block_is_a_power_of_two_that_shrinks_with_the_network():
    bowl = catalog.build(catalog.complete(small_recipes.BOWL))
    assert block_size(bowl) == MAX_BLOCK
    digits = catalog.build(
        catalog.complete(replace(small_recipes.TINY, data=Choice("digits"), model=Choice("mlp")))
    )
    assert 1 <= block_size(digits) < MAX_BLOCK
    assert block_size(digits).bit_count() == 1


def test_starts_of_seeds_are_the_initial_parameters_of_each_seed():
    recipe = catalog.complete(replace(small_recipes.TINY, seed=4))
    starts = starts_of_seeds(recipe, 3)
    assert (len(starts), starts.axes) == (3, None)
    assert "seeds 4 to 6" in starts.description
    third = catalog.build(replace(recipe, seed=6)).params
    jax.tree.map(lambda leaf, own: np.testing.assert_array_equal(leaf[2], own), starts.points, third)
    at = vectors(starts.points)
    assert starts.diameter == max(2 * float(np.linalg.norm(row - at.mean(axis=0))) for row in at)
    assert starts_of_seeds(recipe, 1).diameter > 0
    bowl = catalog.complete(small_recipes.BOWL)
    low, high = np.array(catalog.box(bowl)).T
    points = starts_of_seeds(bowl, 9).points
    assert len(starts_of_seeds(bowl, 9).known_minimizers) == 1
    np.testing.assert_array_equal(points[0], catalog.build(bowl).params)
    assert np.all((points >= low) & (points <= high))


def test_norms_of_a_field_are_those_at_each_point():
    problem = catalog.build(catalog.complete(small_recipes.BOWL))
    points = np.array([[1.0, 0.0], [0.0, 2.0]])
    expected = [np.linalg.norm(problem.field(point)) for point in points]
    np.testing.assert_allclose(field_norms_at(problem, points), expected)
