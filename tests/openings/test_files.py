"""The files of the scenes that the program opens with: complete, small, and never of another recipe or version."""

import logging
from dataclasses import fields, replace

import pytest

import landscapes
from landscapes.openings import files
from landscapes.openings.encoding import decode_scene
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.scene import compute_scene
from landscapes.views.opening_recipes import opening_recipes
from landscapes.views.pages import home
from tests.openings.agreement import compare_with_computed

MAX_BYTES = 8 * 2**20  # of all files
RECIPES = opening_recipes()
# Quick ones of several kinds: a network, a game, test functions. `make openings-check` computes all of them.
SAMPLE = ("home", "lesson-line", "lesson-ravine", "lesson-duel", "lesson-axes-beside")
REMEDY = "run `make openings`: the recipe of {} or the version has changed"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    return tmp_path


def test_there_is_one_file_for_each_opening_and_no_other():
    for name, recipe in RECIPES.items():
        assert files.path(recipe).exists(), REMEDY.format(name)
    assert {file.name for file in files.FOLDER.iterdir()} == {files.path(each).name for each in RECIPES.values()}


def test_files_are_small():
    assert sum(file.stat().st_size for file in files.FOLDER.iterdir()) <= MAX_BYTES


@pytest.mark.parametrize("name", RECIPES)
def test_file_holds_the_complete_scene_of_its_recipe(name):
    scene = files.read(RECIPES[name])
    assert scene is not None
    assert scene.missing == ""
    assert scene.precomputed is not None
    assert scene.precomputed.version == landscapes.__version__
    assert list(scene.trajectories) == [choice.name for choice in RECIPES[name].optimizers]


@pytest.mark.parametrize("name", SAMPLE)
def test_scene_that_is_computed_now_agrees_with_its_file(name):
    assert compare_with_computed(files.read(RECIPES[name]), RECIPES[name]).faults == []


def changed(value):
    """Another value of the same kind; a choice with each of its knobs turned a little."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1 if isinstance(value, int) else value + 0.001]
    if isinstance(value, Choice):
        knobs = value.settings
        return [Choice.of(value.name, **{**knobs, name: each}) for name in knobs for each in changed(knobs[name])]
    if isinstance(value, tuple):
        if any(not isinstance(one, Choice) for one in value):
            return [tuple((term, weight + 1) for term, weight in value)]
        others = [(place, each) for place, one in enumerate(value) for each in changed(one)]
        return [(*value[:place], each, *value[place + 1 :]) for place, each in others] + [value[1:]] * bool(value)
    return []


@pytest.mark.parametrize(("name", "at_least"), [("home", 10), ("explore", 20)])
def test_every_change_of_numbers_has_no_file(name, at_least):
    """A changed recipe is computed, whatever was changed."""
    recipe, without_file = RECIPES[name], 0
    for field in fields(recipe):
        for value in changed(getattr(recipe, field.name)):
            other, _ = catalog.repair(replace(recipe, **{field.name: value}))
            if not catalog.same_numbers(other, recipe):
                assert files.read(other) is None, f"{field.name} = {value}"
                without_file += 1
    assert files.read(recipe) is not None
    assert without_file >= at_least


def test_a_changed_default_sets_the_file_aside(monkeypatch):
    other = replace(catalog.computed(home.RECIPE), tolerance=0.05)
    monkeypatch.setattr(files, "decode_scene", lambda data, name: replace(decode_scene(data, name), recipe=other))
    assert files.read(home.RECIPE) is None


def test_a_change_of_view_keeps_the_file():
    assert files.read(replace(home.RECIPE, view="contour", scale="linear")) is not None


def test_another_version_has_no_file(monkeypatch):
    monkeypatch.setattr(landscapes, "__version__", "99.0")
    assert files.read(home.RECIPE) is None


def test_files_can_be_set_aside(monkeypatch):
    monkeypatch.setenv(files.VARIABLE, "off")
    assert files.read(home.RECIPE) is None


def test_a_damaged_file_is_reported_and_ignored(folder, caplog):
    files.path(home.RECIPE).write_bytes(b"no archive")
    with caplog.at_level(logging.WARNING):
        assert files.read(home.RECIPE) is None
    assert "is damaged; run `make openings`; the scene is computed instead" in caplog.text


def test_a_file_under_the_name_of_another_recipe_is_ignored(folder):
    other = replace(home.RECIPE, seed=1)
    files.write(compute_scene(catalog.computed(home.RECIPE))).rename(files.path(other))
    assert files.read(other) is None
