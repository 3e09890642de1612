"""The section on volumes: what it states of a volume and of the paths in it."""

from dataclasses import replace
from typing import Any

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.scenes.volume import Volume
from landscapes.views.sections import section as section_module
from landscapes.views.sections import volume as section
from landscapes.views.sections.volume import SECTION, describe, describe_paths
from tests.figures.test_volume_picture import volume
from tests.small_recipes import BOWL, TINY
from tests.views.recorded import record


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
        "The volume holds 90 % of the paths' variance, its first two directions 75 % (for comparison: the best "
        "volume for a random walk holds 83 %)."
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


def test_volume_and_slice_share_scale_value_and_link(monkeypatch):
    calls: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    for name in ("volume", "volume_slice"):
        monkeypatch.setattr(
            section.figures, name, lambda *shown, name=name, **look: calls.update({name: (shown, look)})
        )
    menus: list[tuple[Any, ...]] = []
    monkeypatch.setattr(section, "export_menu", lambda *arguments: menus.append(arguments))
    monkeypatch.setattr(section.instruments, "projection_rows", lambda paths, kind: f"rows of {kind}")
    recipe = catalog.complete(replace(TINY, split="test", seed=5, directions=Choice("gaussian")))
    paths: Any = {"sgd": object()}
    shown = Volume(volume(), ("a", "b", "c"), "initial", paths, explained=(0.9, 0.75))
    drawn = record(monkeypatch, section, {"present": True})
    section.draw(section_module.Result(shown, recipe), scale="log", levels=3)
    look = {
        "labels": ("a", "b", "c"),
        "value": "test cross-entropy",
        "scale": "log",
        "theme": "light",
        "presenter": True,
    }
    assert calls == {
        "volume": ((shown.surface, paths), look | {"levels": 3}),
        "volume_slice": ((shown.surface,), look),
    }
    assert drawn.of("caption") == [describe(shown, recipe), describe_paths(shown)]
    assert "around the initial parameters" in drawn.of("caption")[0]
    assert drawn.of("table") == ["rows of volume"]
    options = {name: options for name, (_, options) in drawn.stages.items()}
    assert options["stage volume"]["link"] == options["stage slice"]["link"]
    assert options["stage slice"]["transport"] is False
    ((bundle, identity, stem, names, motions),) = menus
    assert stem.endswith("_volume")
    assert ("vtr" in names, "png" in names, motions) == (True, False, [])
    made = bundle()
    assert (made.seed, made.labels, made.value, made.directions) == (5, ("a", "b", "c"), look["value"], "gaussian")
    assert (made.surface, made.paths, made.recipe) == (shown.surface, paths, None)
    assert "log" in identity


def test_other_scales_and_recipes_have_other_exports(monkeypatch):
    identities: list[str] = []
    monkeypatch.setattr(section, "export_menu", lambda bundle, identity, *rest: identities.append(identity))
    recipe = catalog.complete(replace(TINY, directions=Choice("gaussian")))
    shown = Volume(volume(), ("a", "b", "c"), "initial", {})
    look = {"theme": "light", "scale": "log"}
    finer = replace(shown, surface=replace(shown.surface, evaluations=99_999))
    for arguments in (
        (shown, recipe, look),
        (shown, replace(recipe, seed=9), look),
        (shown, recipe, look | {"theme": "dark"}),
        (shown, recipe, look | {"scale": "linear"}),
        (finer, recipe, look),
    ):
        section._offer_exports(*arguments)
    assert len(set(identities)) == 5
