"""The section on volumes: what it states of a volume and of the paths in it."""

from dataclasses import replace
from typing import Any

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.scenes.volume import Volume
from landscapes.views.sections import volume as section
from landscapes.views.sections.volume import SECTION, describe, describe_paths
from tests.figures.test_volume_picture import volume
from tests.small_recipes import BOWL, TINY


def test_caption_states_nodes_error_and_what_is_drawn():
    shown = Volume(volume(verified=True, checks=64, evaluations=1747), ("a", "b", "c"), "trained", {})
    text = describe(shown, catalog.complete(TINY))
    assert text.startswith(
        "9 × 11 × 17 nodes around the trained parameters, 1,747 evaluations, interpolation error at most about "
        "0.01 on 95 % of the volume. Surfaces of equal training cross-entropy are drawn below the slice, "
    )
    assert text.endswith(
        "The slice stops at the 17 computed nodes of the third direction; at 0 it is the picture of the plane."
    )
    coarse = replace(shown, surface=volume())
    assert "interpolation error not known yet" in describe(coarse, catalog.complete(TINY))


def test_paths_are_compared_with_the_plane_and_a_random_walk():
    shown = Volume(volume(), ("a", "b", "c"), "trained", {}, explained=(0.9, 0.75))
    assert describe_paths(shown) == (
        "The volume holds 90% of the paths' variance, its first two directions 75% (for comparison: the best "
        "volume for a random walk holds 83%)."
    )
    assert describe_paths(replace(shown, paths=None)) == "Computing the paths …"
    assert describe_paths(replace(shown, explained=None)) == ""


def test_function_of_two_variables_has_no_volume():
    obstacle: Any = SECTION.obstacle(catalog.complete(BOWL), {})
    assert obstacle.reason == "a test function has two variables, and a volume takes three directions"
    assert SECTION.obstacle(catalog.complete(TINY), {}) is None


def test_section_publishes_volumes_from_coarse_to_fine(monkeypatch):
    first = Volume(volume(), ("a", "b", "c"), "trained")
    last = replace(first, paths={})
    asked: list[int] = []

    def compute_volume(recipe, *, finest, memory, progress):
        asked.append(finest)
        progress(0.2, None)
        yield first
        progress(0.95, None)
        yield last

    monkeypatch.setattr(section, "compute_volume", compute_volume)
    published: list[Any] = []
    recipe = catalog.complete(replace(TINY, directions=Choice("gaussian")))
    report = lambda fraction, partial=None, note="": published.append((partial, note))  # noqa: E731
    assert section.SECTION.compute(recipe, {}, report, nodes="33") is last
    assert published == [(None, "Training"), (first, "Computing the volume")]
    assert asked == [33]
