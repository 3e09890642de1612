"""Scenes: everything a recipe's picture needs, and nothing computed twice."""

from collections import Counter
from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.exports import Bundle
from landscapes.figures.scene import drawn_paths, picture
from landscapes.recipes import catalog
from landscapes.scenes import scene as scenes
from landscapes.scenes.captions import caption, details
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.scenes.view import with_view
from tests.figures.scenes import layout, role, traces
from tests.scenes.small_scenes import NETWORK, at, identical
from tests.small_recipes import BOWL, TINY, opening


@pytest.mark.parametrize("name", ["network", "bowl"])
def test_a_scene_is_complete(name, request):
    result = request.getfixturevalue(name)
    assert result.missing == ""
    assert result.recipe == catalog.complete(result.recipe)
    assert set(result.paths) == set(result.trajectories) == {"sgd"}
    assert result.surface.evaluated.all()
    assert result.surface.loss.ndim == result.plane.dim == len(result.labels) == 2
    assert result.spectrum is not None
    assert 0 <= result.explained <= 1
    assert not any(leaf.flags.writeable for leaf in jax.tree.leaves((result.surface.terms, result.surface.axes)))


def test_t15_the_middle_of_the_picture_is_the_loss_at_its_centre(network):
    middle = len(network.surface.axes[0]) // 2
    assert [axis[middle] for axis in network.surface.axes] == [0, 0]
    centre = at(network.problem, network.problem.params)
    assert network.surface.loss[middle, middle] == pytest.approx(centre, rel=1e-6)
    jax.tree.map(np.testing.assert_array_equal, network.plane.origin, network.problem.params)


def test_a_filter_normalized_picture_reaches_as_far_as_its_directions(network):
    for axis, scale in zip(network.surface.axes, network.plane.scale, strict=True):
        np.testing.assert_allclose((axis[0], axis[-1]), (-scale, scale), rtol=1e-6)


def test_the_centre_is_the_best_solution(network):
    run = network.trajectories["sgd"]
    jax.tree.map(lambda p, rows: np.testing.assert_array_equal(p, rows[-1]), network.problem.params, run.params)
    path = network.paths["sgd"]
    np.testing.assert_allclose(path.coordinates[-1], 0, atol=1e-6)
    np.testing.assert_allclose(path.distance[-1], 0, atol=1e-6)
    np.testing.assert_allclose(path.loss, run.loss, rtol=1e-5)


def test_a_test_function_is_drawn_over_its_own_variables(bowl):
    x, y = bowl.surface.axes
    assert (x[0], x[-1]) == catalog.box(bowl.recipe)[0]
    assert bowl.labels == ("x", "y")
    np.testing.assert_allclose(bowl.surface.loss, 0.5 * (x[:, None] ** 2 + 4 * y**2), rtol=1e-13)
    np.testing.assert_allclose(bowl.spectrum.eigenvalues, (1, 4), rtol=1e-12)
    np.testing.assert_array_equal(bowl.paths["sgd"].distance, 0)
    np.testing.assert_array_equal(bowl.paths["sgd"].coordinates, bowl.trajectories["sgd"].params)
    assert bowl.surface.loss.dtype == np.float64


STILL = replace(NETWORK, center="initial", optimizers=())


def test_a_line_through_a_test_function_passes_its_minimum(uncurved, computed):
    recipe = Recipe(objective=Choice("rosenbrock"), optimizers=(), dimension=1, tolerance=0.1)
    scene = compute_scene(recipe)
    assert computed == {"refine": 1, "spectrum": 1}
    (x,) = scene.surface.axes
    np.testing.assert_allclose(scene.surface.loss, (1 - x) ** 2 + 100 * (1 - x**2) ** 2, rtol=1e-12, atol=1e-12)
    assert scene.labels == ("x",)
    assert scene.paths == {}
    assert scene.explained is None


def test_both_precisions_show_the_same_picture(uncurved):
    line = replace(STILL, dimension=1)
    narrow, wide = (compute_scene(replace(line, precision=kind)) for kind in ("float32", "float64"))
    assert (narrow.surface.loss.dtype, wide.surface.loss.dtype) == (np.float32, np.float64)
    for a, b in zip(narrow.surface.axes, wide.surface.axes, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    n = min(len(narrow.surface.axes[0]), len(wide.surface.axes[0]))
    every = [(len(s.surface.axes[0]) - 1) // (n - 1) for s in (narrow, wide)]
    np.testing.assert_allclose(narrow.surface.loss[:: every[0]], wide.surface.loss[:: every[1]], rtol=1e-4)


def test_the_plane_of_the_solutions_contains_the_start_and_both_ends(uncurved):
    scene = compute_scene(replace(NETWORK, optimizers=TINY.optimizers, directions=Choice("solutions")))
    reach = max(float(np.ptp(path.coordinates)) for path in scene.paths.values())
    for path in scene.paths.values():
        np.testing.assert_allclose(path.distance[[0, -1]], 0, atol=1e-5 * reach)
        for k, axis in enumerate(scene.surface.axes):
            assert axis[0] < path.coordinates[:, k].min()
            assert axis[-1] > path.coordinates[:, k].max()
    assert scene.explained is not None
    assert scene.explained > 0.9


def test_t38_a_diverging_run_is_shown_as_far_as_it_went(uncurved, monkeypatch):
    explained: list = []
    monkeypatch.setattr(scenes, "explained_variance", lambda plane, runs: explained.extend(runs) or 0.5)
    rates = (Choice.of("sgd", learning_rate=1e10), Choice.of("momentum", learning_rate=0.1))
    scene = compute_scene(replace(BOWL, optimizers=rates))
    assert explained == [scene.trajectories["momentum"]]  # its scale would be the only one seen
    assert scene.trajectories["sgd"].outcome.kind == "diverged"
    assert scene.paths["sgd"].outcome.step == 1
    assert scene.trajectories["momentum"].outcome.kind == "finished"
    np.testing.assert_array_equal(scene.problem.params, scene.trajectories["momentum"].params[-1])


@pytest.mark.parametrize("recipe", [NETWORK, replace(BOWL, start="picked", start_x=-1.5)], ids=["network", "bowl"])
def test_a_recipe_that_went_through_an_address_gives_the_same_bits(recipe):
    complete_recipe = catalog.complete(recipe)
    travelled = catalog.from_query(catalog.to_query(complete_recipe))
    assert identical(compute_scene(travelled), compute_scene(Recipe.from_json(complete_recipe.to_json())))


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("recipe", [NETWORK, BOWL], ids=["network", "bowl"])
@pytest.mark.parametrize(
    ("stage", "call"),
    [
        ("", 1),
        ("", 2),
        ("the optimizers' paths", 1),
        ("a finer surface", 1),
        ("eigenvalues", 1),
        ("eigenvalues", 2),
    ],
)
def test_a_cancelled_scene_leaves_only_whole_results(recipe, stage, call, network, bowl):
    memory: dict = {}
    observed_values = Counter()

    def progress(fraction, result):
        missing = result.missing if result is not None else ""
        observed_values[missing] += 1
        if missing == stage and observed_values[missing] == call:
            raise Cancelled

    with pytest.raises(Cancelled):
        compute_scene(recipe, memory=memory, progress=progress)
    assert identical(compute_scene(recipe, memory=memory), {NETWORK: network, BOWL: bowl}[recipe])


def test_progress_never_goes_back_and_shows_what_there_is():
    reports: list = []
    compute_scene(NETWORK, progress=lambda fraction, result: reports.append((fraction, result)))
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    scenes = [result for _, result in reports]
    first = next(k for k, result in enumerate(scenes) if result is not None)
    assert all(result is None for result in scenes[:first])
    assert all(isinstance(result, Scene) and result.surface.evaluated.all() for result in scenes[first:])
    missing = list(dict.fromkeys(result.missing for result in scenes[first:]))
    assert missing == ["the optimizers' paths", "a finer surface", "eigenvalues"]


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (replace(NETWORK, batch_size=500), "batch_size = 500 does not fit the data; give 1 to 20, or none"),
        (replace(NETWORK, directions=Choice("solutions"), optimizers=(Choice.of("sgd", learning_rate=1e10),)),
         "no optimizer has left the start"),
        (replace(STILL, directions=Choice.of("coordinates", first=99)), "there are 21 parameters; choose indices"),
        (replace(STILL, directions=Choice.of("coordinates", first=3, second=3)), "directions are collinear"),
        (replace(NETWORK, data=Choice("diabetes")), "cross-entropy needs class labels, but diabetes has real"),
    ],
    ids=["batch", "solutions", "index", "collinear", "pairing"],
)  # fmt: skip
def test_a_recipe_without_a_picture_gets_a_sentence(recipe, sentence):
    with pytest.raises(ValueError, match=sentence):
        compute_scene(recipe)


@pytest.fixture(scope="module")
def ridge():
    return compute_scene(opening("ridge"))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"split": "test"},
        {"term": "squared-error"},
        {"drawn": Choice("absolute-error")},
        {"mix": (("l2", 0.7),)},
    ],
    ids=str,
)
def test_a_known_optimum_is_marked_only_where_it_is_one(change, ridge):
    observed_values = replace(ridge, recipe=catalog.complete(replace(ridge.recipe, **change)))
    marked = [trace.name for trace in traces(picture(observed_values)) if "optimum" in (trace.name or "")]
    assert marked == ([] if change else ["known optimum"])
    assert ("Known optimum" in details(observed_values)) == (not change)
    assert ridge.optimum.value == pytest.approx(at(ridge.problem, catalog.optimum(ridge.recipe, ridge.problem)))
    # What the curves of training are compared with is theirs on every picture.
    assert observed_values.optimum is ridge.optimum


def test_a_mix_is_drawn_said_and_exported_but_not_trained(network):
    trained = dict(network.surface.weights)
    mixed = with_view(network, replace(network.recipe, mix=(("l2", 0.5),)))
    single = network.surface.reweighted({"l2": 0.5})
    (drawn,), (plain,) = role(picture(mixed), "surface"), role(picture(network), "surface")
    expected = single.resampled(len(drawn.x)).loss.T
    np.testing.assert_allclose(drawn.z, expected, rtol=1e-5)
    assert np.abs(drawn.z - plain.z).max() > 0.01
    meta = layout(picture(mixed)).meta
    assert meta["weights"] == trained | {"l2": 0.5}
    assert meta["trained"] == trained
    assert "mixed as cross-entropy + 0.5·L2 and trained as cross-entropy," in caption(mixed)
    (before,), (after,) = drawn_paths(network).values(), drawn_paths(mixed).values()
    np.testing.assert_allclose(after.plane_loss, before.plane_loss + 0.5 * before.plane_terms["l2"], rtol=1e-6)
    assert "mixed" not in caption(network)
    assert Bundle.from_scene(mixed).surface.weights["l2"] == 0.5
