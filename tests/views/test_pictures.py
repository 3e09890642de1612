"""The jobs of pictures."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.views.pages import home, pictures
from landscapes.views.pages.pictures import request, request_all
from landscapes.views.worker.cache import Cache

SOON = 10.0
RECIPE = Recipe(objective=Choice("rosenbrock"), steps=5)


def test_recipes_of_the_same_numbers_are_computed_once(computed):
    first = request("ada", RECIPE)
    assert first.wait(SOON)
    for same in (
        replace(RECIPE, view="contour", scale="log"),
        replace(RECIPE, beside=(("rosenbrock.b", "10.0"),)),
        replace(RECIPE, objective=Choice.of("rosenbrock", b=100.0)),  # the default, written out
    ):
        assert request("ada", same) is first
        assert request("bob", same).result is first.result
    assert len(computed) == 1
    other = request("ada", replace(RECIPE, seed=1))
    assert other.wait(SOON)
    assert len(computed) == 2


def test_both_pictures_come_before_any_eigenvalues(computed):
    other = replace(RECIPE, seed=1)
    for job in request_all("ada", [RECIPE, other]):
        assert job.wait(SOON)
    order = [(recipe.seed, recipe.eigenvalues) for recipe in computed]
    assert order == [(0, 0), (1, 0), (0, 1), (1, 1)]
    # A cached scene with eigenvalues is returned at once.
    assert all(job.result.eigenvalues == 1 for job in request_all("bob", [other, RECIPE]))
    assert len(computed) == 4


def test_a_single_picture_cancels_the_jobs_of_a_pair(computed):
    *_, second, _, eigenvalues = request_all("ada", [RECIPE, replace(RECIPE, seed=1)])
    (single,) = request_all("ada", [replace(RECIPE, seed=2)])
    assert single.wait(SOON)
    assert {slot for _, slot in pictures.SERVICE._slots} == {"picture"}
    assert not second.active
    assert not eigenvalues.active


def test_an_invalid_recipe_is_refused_at_once(computed):
    with pytest.raises(ValueError, match="did you mean rosenbrock"):
        request("ada", replace(RECIPE, objective=Choice("rosenbrok")))
    assert not computed


@pytest.mark.parametrize(
    ("waiting", "seconds", "pauses"),
    [(0, 1.0, [(pictures.PAUSE_SECONDS, 2)]), (1, 1.0, [(0, 2)]), (0, 0.01, [])],
    ids=["alone", "queue", "quick"],
)
def test_the_worker_pauses_once_unless_the_queue_waits_or_it_is_quick(monkeypatch, waiting, seconds, pauses):
    result, notes, clock = [], [], itertools.count(step=seconds)

    def compute_scene(recipe, memory, progress):
        for fraction, scene in ((0.1, None), (0.4, SimpleNamespace(missing="a finer surface")), (0.9, None)):
            progress(fraction, scene)
        progress(1.0, SimpleNamespace(missing="nothing"))

    def sleep(pause):
        result.append((pause, len(notes)))

    monkeypatch.setattr(pictures, "compute_scene", compute_scene)
    monkeypatch.setattr(pictures, "SERVICE", SimpleNamespace(waiting=waiting, cache=Cache(10, 1)))
    monkeypatch.setattr(pictures, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=sleep))
    pictures._compute(RECIPE, "ada", lambda fraction, partial=None, note="": notes.append(note))
    assert result == pauses
    assert len(notes) == 4


def test_scene_of_an_opening_comes_from_its_file_and_is_computed_ahead(computed, monkeypatch):
    offers = []
    monkeypatch.setattr(pictures, "IDLE_WORK", SimpleNamespace(offer=lambda key, work: offers.append(key)))
    job = request("ada", home.RECIPE)
    assert (job.state.status, job.version) == ("done", 1)
    assert job.result.precomputed is not None
    assert [job.result] == [request("bob", home.RECIPE).result]
    assert [key.partition(" ")[0] for key in offers] == ["scene", "picture"]  # the newest is worked on first
    assert not computed
    turned = request("ada", replace(home.RECIPE, steps=149))
    assert turned.wait(SOON)
    assert len(computed) == 1


def test_other_directions_of_a_network_are_computed_ahead_and_not_kept(monkeypatch):
    offers, stages = {}, []

    def compute_scene(recipe, memory, progress, **stage):
        memory["step"] = "result"
        stages.append(stage)

    cache = Cache(10**6, 10)
    monkeypatch.setattr(pictures, "IDLE_WORK", SimpleNamespace(offer=offers.__setitem__))
    monkeypatch.setattr(pictures, "SERVICE", SimpleNamespace(waiting=True, cache=cache))
    monkeypatch.setattr(pictures, "compute_scene", compute_scene)
    recipe = catalog.computed(Recipe())
    pictures._offer_ahead(recipe, "ada")
    assert [key.partition(" ")[0] for key in offers] == ["scene", "directions", "directions", "picture"]
    others = pictures.neighboring_directions(recipe)
    assert len({recipe.directions.name, *(other.directions.name for other in others)}) == 3
    for other in others:
        assert catalog.computed(replace(other, directions=recipe.directions)) == recipe
    scene, _, first, picture = offers.values()
    first(lambda *state: None)
    assert len(cache) == 0
    picture(lambda *state: None)
    assert len(cache) == 1
    scene(lambda *state: None)
    assert stages == [{"eigenvalues": False}, {"eigenvalues": False}, {}]
