"""Scenes of every kind survive their files."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import landscapes
from landscapes.exports import EXPORTS, Bundle
from landscapes.figures.scene import picture
from landscapes.openings.encoding import decode_scene, encode_scene
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes import caption, details
from landscapes.scenes.scene import compute_scene
from tests.scenes.small_scenes import NETWORK

DIRAC = catalog.complete(replace(catalog.opening_of("minimax-gan"), steps=20, tolerance=0.1))
BOWL = Recipe(objective=Choice("bowl"), optimizers=(Choice("momentum"),), steps=8, one_step=True, tolerance=0.1)


@pytest.fixture(
    scope="module", params=[replace(NETWORK, behavior=True), BOWL, DIRAC], ids=["network", "bowl", "game"]
)
def pair(request):
    live = compute_scene(catalog.computed(request.param))
    return live, decode_scene(encode_scene(live, "9.8"))


def test_every_number_but_heights_and_shades_is_exact(pair):
    live, file = pair
    assert catalog.same_numbers(file.recipe, live.recipe)
    assert (file.labels, file.center, file.flat) == (live.labels, live.center, live.flat)
    assert (file.facts, file.dim, file.explained) == (live.facts, live.dim, live.explained)
    for name, run in live.trajectories.items():
        np.testing.assert_array_equal(file.trajectories[name].loss, run.loss)
        np.testing.assert_array_equal(file.trajectories[name].gradient_norm, run.gradient_norm)
        np.testing.assert_array_equal(file.paths[name].coordinates, live.paths[name].coordinates)
        assert file.trajectories[name].outcome == run.outcome
    if live.spectrum is not None:
        np.testing.assert_array_equal(file.spectrum.eigenvalues, live.spectrum.eigenvalues)
        np.testing.assert_array_equal(file.spectrum.errors, live.spectrum.errors)
        assert file.spectrum.verdict == live.spectrum.verdict
    if live.equilibrium is not None:
        np.testing.assert_array_equal(file.flow.motion, live.flow.motion)
        assert file.equilibrium.sentence == live.equilibrium.sentence
        assert file.equilibrium.verdict == live.equilibrium.verdict
    if live.behaviors is not None:
        assert (file.behaviors.kind, list(file.behaviors.drawn)) == ("regions", list(live.behaviors.drawn))
        for name, display in live.behaviors.displays.items():
            np.testing.assert_array_equal(file.behaviors.steps[name], live.behaviors.steps[name])
            for part, rows in display._asdict().items():
                restored = getattr(file.behaviors.displays[name], part)
                moved = np.max(np.abs(restored - rows.astype(float)), initial=0)
                assert moved <= file.precomputed.rounding.get(f"behaviors.displays.{name}.{part}", 0)
                assert moved <= np.ptp(rows) / 255
    for name, vectors in live.steps.items():
        assert file.steps[name].rule is vectors.rule
        np.testing.assert_array_equal(file.steps[name].losses_along, vectors.losses_along)


def test_heights_are_rounded_by_what_the_errors_include(pair):
    live, file = pair
    rounding = file.precomputed.rounding
    assert file.surface.weights == live.surface.weights
    assert any(rounding.values())
    for term, grid in live.surface.terms.items():
        moved = np.max(np.abs(file.surface.terms[term] - grid.astype(float)))
        assert moved <= rounding[term]
        assert rounding[term] <= min(live.surface.errors[term] / 4, np.ptp(grid) / 2**17)
        assert file.surface.errors[term] == live.surface.errors[term] + rounding[term]


def test_words_say_who_computed_it_and_else_stay_the_same(pair):
    live, file = pair
    precision = live.recipe.precision
    rounding = sum(weight * file.precomputed.rounding[name] for name, weight in live.surface.weights.items())
    phrase = f"computed beforehand by version 9.8 in {precision}, heights rounded by up to about {rounding:.2g}"
    exact = replace(file, surface=replace(file.surface, errors=live.surface.errors))
    assert caption(exact) == caption(live).replace(f" {precision}.", f" {phrase}.")
    assert phrase in caption(file)
    changed = {name: text for name, text in details(exact).items() if details(live)[name] != text}
    assert changed == {"Seed and precision": f"{live.recipe.seed}, {phrase}"}


def test_picture_and_data_can_be_exported(pair):
    _, file = pair
    drawn = [[(each["type"], each.get("name")) for each in picture(scene).to_dict()["data"]] for scene in pair]
    assert drawn[0] == drawn[1]
    bundle = Bundle.from_scene(file)
    for name in ("npz", "json", "csv"):
        assert EXPORTS[name].encode(bundle)


def test_unfinished_scene_is_refused():
    with pytest.raises(ValueError, match="still lacks eigenvalues"):
        encode_scene(compute_scene(NETWORK, eigenvalues=False), "1")


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: b"", lambda data: b"\x00" * 100])
def test_damaged_file_gives_one_sentence(pair, damage):
    with pytest.raises(ValueError, match="damaged"):
        decode_scene(damage(encode_scene(pair[0], "1")))


def test_what_draws_a_scene_asks_it_for_no_problem_and_no_plane():
    """A scene from a file has neither; `facts` and `dim` say what words and figures need."""
    root = Path(landscapes.__file__).parent
    folders = ("figures", "exports", "views/pages", "views/controls", "views/stage")
    files = [path for folder in folders for path in (root / folder).rglob("*.py")]
    matching_files = [
        path.name for path in files if re.search(r"\bscene\.(problem|plane)\b", path.read_text("utf-8"))
    ]
    assert len(files) > 50
    assert matching_files == []
