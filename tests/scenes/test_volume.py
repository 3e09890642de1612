"""The volume of a picture: its middle slice is the picture of its plane, and paths are projected on it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from landscapes import Choice, evaluate
from landscapes.recipes import catalog
from landscapes.scenes.placement import place_picture
from landscapes.scenes.volume import compute_volume
from landscapes.slices.grid import nodes
from tests.small_recipes import TINY

KINDS = ("solutions", "principal", "coordinates", "filter-normalized")


def computed(recipe, memory=None, finest=9) -> list[Any]:
    reports: list[float] = []
    levels = list(
        compute_volume(
            recipe,
            finest=finest,
            memory={} if memory is None else memory,
            progress=lambda fraction, partial: reports.append(fraction),
        )
    )
    assert all(0 <= fraction <= 1 for fraction in reports)
    assert reports == sorted(reports)  # also from level to level
    return levels


@pytest.mark.parametrize("kind", KINDS)
def test_middle_slice_of_volume_is_surface_of_its_plane(kind):
    recipe = replace(TINY, directions=Choice(kind), precision="float64")
    memory: dict[str, Any] = {}
    coarse, complete = computed(recipe, memory)
    assert coarse.paths is None
    surface = complete.surface
    assert surface.axes[2][4] == 0
    placement = place_picture(catalog.complete(recipe), memory=memory)
    plane = evaluate(placement.problem, placement.plane, [nodes(*bounds, 9) for bounds in placement.extent])
    for axis, expected in zip(surface.axes, plane.axes, strict=False):
        np.testing.assert_array_equal(axis, expected)
    np.testing.assert_allclose(surface.loss[:, :, 4], plane.loss, rtol=1e-14)
    assert len(set(complete.labels)) == 3
    for path in complete.paths.values():
        assert path.coordinates.shape[1] == 3
    three, two = complete.explained
    assert two <= three + 1e-12


def test_volume_is_computed_once_and_refined():
    recipe, memory = replace(TINY, optimizers=(), center="initial", directions=Choice("gaussian")), {}
    *levels, complete = computed(recipe, memory, finest=17)
    assert [len(each.surface.axes[2]) for each in levels] == [9, 17]
    assert complete.paths == {}
    (again, _) = computed(recipe, memory, finest=17)
    assert again.surface.terms is complete.surface.terms or np.array_equal(
        again.surface.loss, complete.surface.loss
    )


def test_model_of_two_parameters_gets_one_sentence():
    recipe = replace(TINY, objective=Choice("squared-error"), model=Choice("linear"), data=Choice("sine"))
    with pytest.raises(ValueError, match="a volume takes three directions, and"):
        computed(recipe)
