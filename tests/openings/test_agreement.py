"""What rounding does to a scene agrees with its file, and nothing else does."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes.openings.encoding import decode_scene, encode_scene
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.scene import compute_scene
from tests.openings.agreement import CHAOTIC, compare, compare_with_computed, moved_start
from tests.scenes.small_scenes import NETWORK

RECIPE = catalog.computed(NETWORK)


@pytest.fixture(scope="module")
def scenes():
    """The scene, and the one from a moved start."""
    live = compute_scene(RECIPE)
    with moved_start():
        shifted = compute_scene(RECIPE)
    return live, shifted


def file_of(scene):
    return decode_scene(encode_scene(scene, "1"))


def scaled_grid(scene, factor):
    terms = {name: grid * np.float32(factor) for name, grid in scene.surface.terms.items()}
    return replace(scene, surface=replace(scene.surface, terms=terms))


def with_runs(scene, change):
    return replace(scene, trajectories={name: change(run) for name, run in scene.trajectories.items()})


def test_file_of_the_scene_agrees_and_so_does_the_moved_one(scenes):
    live, shifted = scenes
    result = compare(file_of(live), live, shifted)
    assert result.faults == result.behind_chaos == []
    assert 0 < result.amplification < CHAOTIC
    assert compare(file_of(shifted), live, shifted).faults == []
    assert compare_with_computed(None, RECIPE).faults == ["there is no file; run `make openings`"]


STALE = {
    "heights": lambda scene: scaled_grid(scene, 1.001),
    "a run": lambda scene: with_runs(scene, lambda run: replace(run, loss=run.loss * np.float32(1.001))),
    "an eigenvalue": lambda scene: replace(
        scene, spectrum=replace(scene.spectrum, eigenvalues=scene.spectrum.eigenvalues * 1.001)
    ),
    "error bars": lambda scene: replace(
        scene, spectrum=replace(scene.spectrum, errors=scene.spectrum.errors + scene.spectrum.scale / 100)
    ),
    "an outcome": lambda scene: with_runs(
        scene, lambda run: replace(run, outcome=replace(run.outcome, kind="diverged"))
    ),
    "a label": lambda scene: replace(scene, labels=("another axis", *scene.labels[1:])),
    "the point": lambda scene: replace(scene, center="initial"),
    "a missing path": lambda scene: replace(scene, paths={}),
    "a missing spectrum": lambda scene: replace(scene, spectrum=None),
    "another recipe": lambda scene: replace(scene, recipe=replace(scene.recipe, seed=9)),
}


@pytest.mark.parametrize("change", STALE.values(), ids=STALE)
def test_stale_numbers_and_words_are_faults(scenes, change):
    live, shifted = scenes
    assert compare(change(file_of(live)), live, shifted).faults


def test_a_run_at_another_rate_is_a_fault_even_where_its_end_is_chaotic(scenes):
    live, shifted = scenes
    settings = [
        {**each.settings, "learning_rate": 1.01 * float(each.settings["learning_rate"])}
        for each in RECIPE.optimizers
    ]
    changed = tuple(Choice.of(each.name, **new) for each, new in zip(RECIPE.optimizers, settings, strict=True))
    other = compute_scene(replace(RECIPE, optimizers=changed), eigenvalues=False)
    stale = replace(other, recipe=live.recipe, spectrum=live.spectrum, missing="")

    def end_elsewhere(run):
        return replace(run, terms={name: np.r_[row[:-1], row[-1] + 9] for name, row in run.terms.items()})

    chaotic = with_runs(shifted, end_elsewhere)
    result = compare(stale, live, chaotic)
    assert result.amplification > CHAOTIC
    assert any("trajectories" in fault for fault in result.faults)
    # What lies behind a chaotic run is told apart.
    result = compare(scaled_grid(file_of(live), 1.1), live, chaotic)
    assert result.faults == []
    assert result.behind_chaos
