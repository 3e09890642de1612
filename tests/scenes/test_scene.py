"""Scenes: everything a recipe's picture needs, and nothing computed twice."""

from collections import Counter
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.directions import explained_variance
from landscapes.exports import Bundle
from landscapes.figures.scene import paths_of, picture
from landscapes.optimization.optimizers import caveat
from landscapes.precision import precision
from landscapes.recipes import catalog
from landscapes.scenes import drawn_paths, scene
from landscapes.scenes import placement as place
from landscapes.scenes.caption import caption, details
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.scenes.view import with_view
from tests.compiled import compilations
from tests.figures.scenes import layout, role, traces
from tests.small_recipes import BOWL, TINY, opening

STEPS = ("race", "directed_plane", "refine", "project_path", "spectrum")
# One optimizer and random directions: the least that has everything in it. As many examples in either split, so
# that both run the same programs.
NETWORK = replace(
    TINY,
    data=Choice.of("blobs", examples=20),
    optimizers=(Choice("sgd"),),
    directions=Choice("filter-normalized"),
)


@pytest.fixture
def computed(monkeypatch):
    """How often each step has been computed."""
    counts = Counter()

    def counting(name, function):
        def step(*args, **kwargs):
            counts[name] += 1
            return function(*args, **kwargs)

        return step

    for name in STEPS:
        home = next(module for module in (drawn_paths, place, scene) if hasattr(module, name))
        monkeypatch.setattr(home, name, counting(name, getattr(home, name)))
    return counts


@pytest.fixture
def uncurved(monkeypatch, network):
    """Hessians take the longest to compile; here nobody looks at them."""
    monkeypatch.setattr(scene, "spectrum", lambda *args, **kwargs: network.spectrum)


@pytest.fixture(scope="module")
def memory():
    return {}


@pytest.fixture(scope="module")
def network(memory) -> Scene:
    return compute_scene(NETWORK, memory=memory)


@pytest.fixture(scope="module")
def bowl(memory) -> Scene:
    return compute_scene(BOWL, memory=memory)


def arrays(found: Scene) -> list[np.ndarray]:
    """Every number of a scene that is drawn."""
    paths = [(p.coordinates, p.distance, p.loss, p.plane_loss) for p in found.paths.values()]
    runs = [(run.params, run.loss, run.gradient_norm) for run in found.trajectories.values()]
    assert found.spectrum is not None
    surface = found.surface
    parts = (surface.axes, surface.terms, surface.loss, found.spectrum.eigenvalues, found.plane, paths, runs)
    return [np.asarray(leaf) for leaf in jax.tree.leaves(parts)]


def identical(one: Scene, other: Scene) -> bool:
    pairs = zip(arrays(one), arrays(other), strict=True)
    return all(a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def eigenvalues(found: Scene) -> np.ndarray:
    assert found.spectrum is not None
    return found.spectrum.eigenvalues


def at(problem, params) -> float:
    with precision(params):
        return float(jax.jit(problem.loss)(params))


# What a scene holds


@pytest.mark.parametrize("name", ["network", "bowl"])
def test_a_scene_is_complete(name, request):
    found = request.getfixturevalue(name)
    assert found.missing == ""
    assert found.recipe == catalog.complete(found.recipe)
    assert set(found.paths) == set(found.trajectories) == {"sgd"}
    assert found.surface.evaluated.all()
    assert found.surface.loss.ndim == found.plane.dim == len(found.labels) == 2
    assert found.spectrum is not None
    assert 0 <= found.explained <= 1
    assert not any(leaf.flags.writeable for leaf in jax.tree.leaves((found.surface.terms, found.surface.axes)))


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


# Nothing is computed twice


@pytest.mark.parametrize(("recipe", "name"), [(NETWORK, "network"), (BOWL, "bowl")], ids=["network", "bowl"])
def test_the_same_recipe_computes_nothing_again(recipe, name, request, memory, computed):
    before = request.getfixturevalue(name)
    again = compute_scene(recipe, memory=memory)
    assert not computed
    assert identical(again, before)


@pytest.mark.parametrize(
    "change",
    [{"view": "contour"}, {"scale": "log"}, {"mix": (("l2", 0.5),)}, {"beside": (("split", "test"),)}],
    ids=str,
)
def test_what_is_only_seen_computes_nothing(change, network, memory, computed):
    seen = compute_scene(replace(NETWORK, **change), memory=memory)
    assert not computed
    assert identical(seen, network)


@pytest.mark.parametrize("change", [{"extent": 2.0}, {"tolerance": 0.05}], ids=str)
def test_a_wider_or_finer_picture_only_evaluates(change, network, memory, computed):
    found = compute_scene(replace(NETWORK, **change), memory=memory)
    assert computed == {"refine": 1}
    assert found.trajectories["sgd"] is network.trajectories["sgd"]
    width = [np.ptp(s.surface.axes[0]) for s in (found, network)]
    assert width[0] == pytest.approx(change.get("extent", 1.0) * width[1])


def test_other_directions_do_not_train_again(network, memory, computed):
    found = compute_scene(replace(NETWORK, directions=Choice("gaussian")), memory=memory)
    assert computed == {"directed_plane": 1, "refine": 1, "project_path": 1}
    assert found.spectrum is network.spectrum


def test_more_eigenvalues_are_all_that_is_computed(network, memory, computed):
    found = compute_scene(replace(NETWORK, eigenvalues=3), memory=memory)
    assert computed == {"spectrum": 1}
    np.testing.assert_allclose(eigenvalues(found)[[0, -1]], eigenvalues(network)[[0, -1]])


def test_the_other_split_is_drawn_on_the_plane_of_the_training_run(network, memory, computed):
    test = compute_scene(replace(NETWORK, split="test"), memory=memory)
    assert computed == {"refine": 1, "project_path": 1, "spectrum": 1}
    assert test.plane is network.plane
    assert test.trajectories["sgd"] is network.trajectories["sgd"]
    assert np.any(np.asarray(test.problem.data["x"]) != np.asarray(network.problem.data["x"]))
    middle = len(test.surface.axes[0]) // 2
    assert test.surface.loss[middle, middle] == pytest.approx(at(test.problem, test.problem.params), rel=1e-6)
    assert test.paths["sgd"].loss[-1] == pytest.approx(at(test.problem, test.problem.params), rel=1e-6)
    assert test.surface.loss[middle, middle] != network.surface.loss[middle, middle]


STILL = replace(NETWORK, center="initial", optimizers=())


def test_weights_are_mixed_anew_and_nothing_else(memory, computed):
    plain = compute_scene(STILL, memory=memory)
    computed.clear()
    heavy = compute_scene(replace(STILL, weights=(("l2", 0.5),)), memory=memory)
    assert computed == {"spectrum": 1}
    np.testing.assert_array_equal(heavy.surface.loss, plain.surface.loss + plain.surface.terms["l2"] / 2)


@pytest.mark.parametrize("name", ["gradient", "hessian"])
def test_directions_that_read_the_loss_follow_its_weights(name, uncurved, computed):
    still = replace(STILL, directions=Choice(name), dimension=1)
    memory: dict = {}
    planes = [compute_scene(replace(still, weights=w), memory=memory).plane for w in ((), (("l2", 5.0),))]
    assert computed["directed_plane"] == 2
    pairs = zip(*(jax.tree.leaves(plane.basis) for plane in planes), strict=True)
    assert abs(sum(float(np.vdot(a, b)) for a, b in pairs)) < 0.999


def test_directions_are_those_of_the_training_examples_for_both_splits(uncurved):
    memory: dict = {}
    still = replace(STILL, directions=Choice("gradient"), dimension=1)
    for first, second in (("train", "test"), ("test", "train")):
        memory.clear()
        planes = [compute_scene(replace(still, split=split), memory=memory).plane for split in (first, second)]
        for one, other in zip(*map(jax.tree.leaves, planes), strict=True):
            np.testing.assert_array_equal(one, other)
    train = compute_scene(still, memory=memory)
    slope = train.problem.field(train.problem.params)
    size = np.sqrt(sum(float(np.sum(leaf**2)) for leaf in jax.tree.leaves(slope)))
    jax.tree.map(lambda g, d: np.testing.assert_allclose(g / size, d[0], atol=1e-5), slope, train.plane.basis)


TURNED: dict[str, dict[str, Any]] = {
    "seed": {"seed": 3},
    "extent": {"extent": 1.7},
    "level": {"tolerance": 3e-3},
    "learning rate": {"optimizers": (Choice.of("sgd", learning_rate=0.3),)},
    "optimizers": {"optimizers": (Choice.of("adam", b1=0.8), Choice("lion"))},
    "schedule": {"schedule": Choice("cosine")},
    "steps": {"steps": 9},
    "weight": {"weights": (("l2", 0.01),)},
    "label smoothing": {"objective": Choice.of("cross-entropy", label_smoothing=0.2)},
    "noise in the data": {"data": Choice.of("blobs", examples=20, noise=0.7)},
    "split": {"split": "test"},
    "directions": {"directions": Choice("gaussian")},
    "eigenvalues": {"eigenvalues": 4},
}


def test_turning_a_knob_compiles_nothing(network):
    """In a memory of its own each time: everything is computed again, by the programs that there are."""
    compiled = {}
    for knob, change in TURNED.items():
        with compilations() as compiled[knob]:
            found = compute_scene(replace(NETWORK, **change))
        assert not identical(found, network), knob
    assert compiled == {knob: [] for knob in TURNED}


# Where the paths begin


def test_a_start_picked_on_the_plane_stays_on_the_surface_that_is_seen(network, memory, computed):
    x, y = 0.4 * network.surface.axes[0][-1], -0.3 * network.surface.axes[1][-1]
    with compilations() as compiled:
        found = compute_scene(replace(NETWORK, start="picked", start_x=x, start_y=y), memory=memory)
    assert computed == {"race": 1, "project_path": 1}
    assert len(compiled) <= 1  # the race over two coordinates, by whichever test is the first to click
    path = found.paths["sgd"]
    np.testing.assert_allclose(path.coordinates[0], (x, y), rtol=1e-5)
    np.testing.assert_allclose(path.distance, 0, atol=1e-5)
    np.testing.assert_allclose(path.loss, found.trajectories["sgd"].loss, rtol=1e-5)
    np.testing.assert_allclose(path.plane_loss, path.loss, rtol=1e-5)
    seen = found.problem.on(found.plane)
    assert path.loss[0] == pytest.approx(at(seen, np.array([x, y], np.float32)), rel=1e-5)
    assert path.loss[-1] < path.loss[0]
    assert found.surface.terms is network.surface.terms
    assert found.explained == pytest.approx(1, abs=1e-6) != pytest.approx(network.explained, rel=0.1)


def test_a_picked_start_may_leave_the_plane(network, memory):
    x = 0.4 * network.surface.axes[0][-1]
    with compilations() as compiled:
        found = compute_scene(replace(NETWORK, start="picked", start_x=x, space="full"), memory=memory)
    assert len(compiled) <= 1  # the point of the plane; the race is the one from the initial point
    path = found.paths["sgd"]
    np.testing.assert_allclose(path.coordinates[0], (x, 0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(path.distance[0], 0, atol=1e-5)
    assert path.distance[-1] > 1e-3


def test_paths_may_go_on_from_the_trained_point(network, memory, computed):
    found = compute_scene(replace(NETWORK, start="trained"), memory=memory)
    assert computed == {"race": 1, "project_path": 1}
    np.testing.assert_allclose(found.paths["sgd"].coordinates[0], 0, atol=1e-6)
    assert found.trajectories["sgd"].loss[0] == network.trajectories["sgd"].loss[-1]
    # The variance is that of the paths that are drawn, not of those that led here.
    assert found.explained == explained_variance(found.plane, [*found.trajectories.values()])
    assert found.explained != pytest.approx(network.explained, rel=0.1)


def test_hubers_paths_begin_on_a_straight_wall_of_the_picture_and_end_at_its_round_bottom():
    """The Hessian of a line under Huber error is a mean of (1, x)(1, x)ᵀ over the residuals below δ alone."""
    opened = catalog.opening_of("huber")
    seen = compute_scene(replace(opened, tolerance=0.1, eigenvalues=1))
    delta = float(opened.objective.settings["delta"])
    inputs, targets = (np.asarray(seen.problem.data[name], float) for name in ("x", "y"))
    for name, path in seen.paths.items():
        assert path.coordinates[0] == pytest.approx([opened.start_x, opened.start_y], abs=1e-5)
        assert np.all(path.distance < 1e-5)
        low, high = np.transpose([axis[[0, -1]] for axis in seen.surface.axes])
        assert np.all((path.coordinates > low) & (path.coordinates < high))
        bent = []
        for at in (0, -1):
            line = jax.tree.map(lambda leaf, at=at: leaf[at], seen.trajectories[name].params["affine"])
            near = np.abs(inputs @ line["kernel"] + line["bias"] - targets) < delta
            bent.append(np.sum(near * (1 + inputs**2)) / len(inputs))
        assert bent[0] < bent[1] / 2
        assert path.loss[0] > 4 * path.loss[-1]
        np.testing.assert_allclose(path.coordinates[-1], 0, atol=1e-2)


def test_a_path_picked_on_a_test_function_begins_at_the_click(bowl, memory, computed):
    with compilations() as compiled:
        found = compute_scene(replace(BOWL, start="picked", start_x=-1.5, start_y=2.0), memory=memory)
    assert compiled == []
    assert computed == {"race": 1, "project_path": 1}
    path = found.paths["sgd"]
    np.testing.assert_array_equal(path.coordinates[0], (-1.5, 2.0))
    np.testing.assert_array_equal(path.distance, 0)
    rate = float(found.recipe.optimizers[0].settings["learning_rate"])
    t = np.arange(7)[:, None]
    np.testing.assert_allclose(path.coordinates, (1 - rate * np.array([1, 4.0])) ** t * (-1.5, 2.0), rtol=1e-12)
    assert found.surface.terms is bowl.surface.terms


# Lines, no optimizers, the other precision, several optimizers


def test_a_line_through_a_test_function_passes_its_minimum(uncurved, computed):
    recipe = Recipe(objective=Choice("rosenbrock"), optimizers=(), dimension=1, tolerance=0.1)
    found = compute_scene(recipe)
    assert computed == {"refine": 1, "spectrum": 1}
    (x,) = found.surface.axes
    np.testing.assert_allclose(found.surface.loss, (1 - x) ** 2 + 100 * (1 - x**2) ** 2, rtol=1e-12, atol=1e-12)
    assert found.labels == ("x",)
    assert found.paths == {}
    assert found.explained is None


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
    found = compute_scene(replace(NETWORK, optimizers=TINY.optimizers, directions=Choice("solutions")))
    reach = max(float(np.ptp(path.coordinates)) for path in found.paths.values())
    for path in found.paths.values():
        np.testing.assert_allclose(path.distance[[0, -1]], 0, atol=1e-5 * reach)
        for k, axis in enumerate(found.surface.axes):
            assert axis[0] < path.coordinates[:, k].min()
            assert axis[-1] > path.coordinates[:, k].max()
    assert found.explained is not None
    assert found.explained > 0.9


def test_t38_a_diverging_run_is_shown_as_far_as_it_went(uncurved):
    rates = (Choice.of("sgd", learning_rate=1e10), Choice.of("momentum", learning_rate=0.1))
    found = compute_scene(replace(BOWL, optimizers=rates))
    assert found.trajectories["sgd"].outcome.kind == "diverged"
    assert found.paths["sgd"].outcome.step == 1
    assert found.trajectories["momentum"].outcome.kind == "finished"
    np.testing.assert_array_equal(found.problem.params, found.trajectories["momentum"].params[-1])


# The recipe is all there is


@pytest.mark.parametrize("recipe", [NETWORK, replace(BOWL, start="picked", start_x=-1.5)], ids=["network", "bowl"])
def test_a_recipe_that_went_through_an_address_gives_the_same_bits(recipe):
    whole = catalog.complete(recipe)
    travelled = catalog.from_query(catalog.to_query(whole))
    assert identical(compute_scene(travelled), compute_scene(Recipe.from_json(whole.to_json())))


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
    seen = Counter()

    def progress(fraction, found):
        missing = found.missing if found is not None else ""
        seen[missing] += 1
        if missing == stage and seen[missing] == call:
            raise Cancelled

    with pytest.raises(Cancelled):
        compute_scene(recipe, memory=memory, progress=progress)
    assert identical(compute_scene(recipe, memory=memory), {NETWORK: network, BOWL: bowl}[recipe])


def test_progress_never_goes_back_and_shows_what_there_is():
    reports: list = []
    compute_scene(NETWORK, progress=lambda fraction, found: reports.append((fraction, found)))
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    scenes = [found for _, found in reports]
    first = next(k for k, found in enumerate(scenes) if found is not None)
    assert all(found is None for found in scenes[:first])
    assert all(isinstance(found, Scene) and found.surface.evaluated.all() for found in scenes[first:])
    missing = list(dict.fromkeys(found.missing for found in scenes[first:]))
    assert missing == ["the optimizers' paths", "a finer surface", "eigenvalues"]


# Wrong input


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


# What is said about it


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
    seen = replace(ridge, recipe=catalog.complete(replace(ridge.recipe, **change)))
    marked = [trace.name for trace in traces(picture(seen)) if "optimum" in (trace.name or "")]
    assert marked == ([] if change else ["known optimum"])
    assert ("Known optimum" in details(seen)) == (not change)
    assert ridge.optimum.value == pytest.approx(at(ridge.problem, catalog.optimum(ridge.recipe, ridge.problem)))
    # What the curves of training are compared with is theirs on every picture.
    assert seen.optimum is ridge.optimum


def test_values_at_the_end_are_those_of_the_split_that_is_named(network, memory):
    """Of the whole split and of the last parameters, whatever the minibatches were."""
    for split in ("train", "test"):
        found = compute_scene(replace(NETWORK, batch_size=3, split=split), memory=memory)
        (run,) = found.trajectories.values()
        with precision(run.params):
            terms = found.problem.terms(jax.tree.map(lambda leaf: leaf[-1], run.params))
        assert float(terms["cross-entropy"]) != pytest.approx(float(run.terms["cross-entropy"][-1]), rel=1e-3)
        said = dict(part.rsplit(" ", 1) for part in details(found)["Terms at the end of sgd"].split(", "))
        assert {name: float(text) for name, text in said.items()} == pytest.approx(
            {name: float(value) for name, value in terms.items()}, rel=1e-4
        )


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("space", ["plane", "full"])
def test_paths_that_stay_in_the_plane_are_said_to(dimension, space, memory, uncurved):
    x = 0.31
    picked = {"start": "picked", "start_x": x, "start_y": -0.17, "space": space, "dimension": dimension}
    found = compute_scene(replace(NETWORK, **picked), memory=memory)
    flat = "plane" if dimension == 2 else "line"
    only = f"in this {flat} only"
    place = "(0.31, -0.17)" if dimension == 2 else "0.31"
    moves = f"{place} and move {only if space == 'plane' else 'in the full space'}"
    assert f"; paths start at {moves}; " in caption(found)
    assert details(found)["Paths start at"] == moves
    (drawn,) = role(picture(found), "path")
    assert drawn.name == (f"sgd, {only}" if space == "plane" else "sgd")
    assert found.explained is not None
    assert (found.explained > 1 - 1e-6) == (space == "plane") == bool(np.all(found.paths["sgd"].distance < 1e-5))


def test_on_a_test_function_a_picked_path_is_the_whole_path(bowl, memory):
    found = compute_scene(replace(BOWL, start="picked", start_x=-1.5, start_y=2.0), memory=memory)
    assert [trace.name for trace in role(picture(found), "path")] == ["sgd"]
    assert "; paths start at (-1.5, 2); float64" in caption(found)
    assert "paths start" not in caption(bowl)


def test_a_mix_is_drawn_said_and_exported_but_not_trained(network):
    trained = dict(network.surface.weights)
    mixed = with_view(network, replace(network.recipe, mix=(("l2", 0.5),)))
    alone = network.surface.reweighted({"l2": 0.5})
    (drawn,), (plain,) = role(picture(mixed), "surface"), role(picture(network), "surface")
    expected = alone.resampled(len(drawn.x)).loss.T
    np.testing.assert_allclose(drawn.z, expected, rtol=1e-5)
    assert np.abs(drawn.z - plain.z).max() > 0.01
    meta = layout(picture(mixed)).meta
    assert meta["weights"] == trained | {"l2": 0.5}
    assert meta["trained"] == trained
    assert "mixed as cross-entropy + 0.5·L2 and trained as cross-entropy," in caption(mixed)
    (before,), (after,) = paths_of(network).values(), paths_of(mixed).values()
    np.testing.assert_allclose(after.plane_loss, before.plane_loss + 0.5 * before.plane_terms["l2"], rtol=1e-6)
    assert "mixed" not in caption(network)
    assert Bundle.from_scene(mixed).surface.weights["l2"] == 0.5


def test_t42_the_caption_states_what_the_picture_depends_on(network, bowl, memory):
    text = caption(network)
    for part in ("Cross-entropy, multilayer perceptron (21 parameters)",
                 "data: Blobs, 20 training examples",
                 "Plane of two filter-normalized random directions through the trained point",
                 f"{network.surface.evaluations:,} evaluations",
                 "seed 0, float32",
                 f"error at most about {network.surface.error:.2g} on 95 % of the area"):  # fmt: skip
        assert part in text
    assert caption(bowl).startswith("bowl (angle 0, condition 4); ")
    test = compute_scene(replace(NETWORK, split="test"), memory=memory)
    assert "data: Blobs, 20 test examples" in caption(test)


@pytest.mark.parametrize(
    ("labels", "center", "text"),
    [
        (
            ("toward sgd's end", "toward the start, at right angles"),
            "trained",
            "start and the two best solutions;",
        ),
        (
            ("toward adam's end", "toward sgd's end, at right angles"),
            "initial",
            "start and the two best solutions;",
        ),
        (
            ("toward the start", "along the largest remaining motion, at right angles"),
            "trained",
            "start and the best solution, along the largest remaining motion;",
        ),
        (
            ("toward sgd before it diverged", "along a random direction, at right angles"),
            "initial",
            "start and sgd before it diverged, since every run diverged;",
        ),
    ],
)
def test_the_caption_names_the_points_of_a_plane_of_solutions(network, labels, center, text):
    recipe = replace(network.recipe, directions=Choice("solutions"))
    said = caption(replace(network, recipe=recipe, labels=labels, center=center))
    assert f". Plane through the {text}" in said


def test_the_caption_says_whose_path_follows_the_gradient_of_no_loss(network, bowl):
    decaying = (Choice.of("adamw", weight_decay=0.1), Choice("sgd"))
    for shown in (network, bowl):
        assert "the gradient of no loss" not in caption(shown)
        said = caption(replace(shown, recipe=replace(shown.recipe, optimizers=decaying)))
        assert said == f"{caption(shown)} {caveat('adamw', {'weight_decay': 0.1})}"


def test_t10_explained_variance_is_never_stated_alone(network, bowl):
    said = details(network)["Share of the paths' variance in this plane"]
    assert f"{network.explained:.1%}" in said
    assert "for comparison: the best plane for a random walk holds 76%" in said
    assert "Share of the paths' variance in this plane" not in details(bowl)


def test_details_state_every_choice(network):
    said = details(network)
    assert said["Terms"] == "1 · cross-entropy + 0 · l1 + 0 · l2"
    assert said["Normalization statistics"] == "none"
    rate = network.recipe.optimizers[0].settings["learning_rate"]
    assert said["Optimizers"] == f"sgd (learning_rate {rate:g})"
    assert said["Training"] == "6 steps, full batch, constant learning rate"
    assert said["Seed and precision"] == "0, float32"
    assert set(said["Error of each term"].split()) > {"cross-entropy", "l1", "l2"}
