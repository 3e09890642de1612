"""Steps of a scene are computed once for each recipe that they depend on."""

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.scenes.scene import compute_scene
from tests.compiled import compilations
from tests.scenes.small_scenes import NETWORK, at, eigenvalues, identical
from tests.small_recipes import BOWL


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
    scene = compute_scene(replace(NETWORK, **change), memory=memory)
    assert not computed
    assert identical(scene, network)


@pytest.mark.parametrize("change", [{"extent": 2.0}, {"tolerance": 0.05}], ids=str)
def test_a_wider_or_finer_picture_only_evaluates(change, network, memory, computed):
    scene = compute_scene(replace(NETWORK, **change), memory=memory)
    assert computed == {"refine": 1}
    assert scene.trajectories["sgd"] is network.trajectories["sgd"]
    width = [np.ptp(s.surface.axes[0]) for s in (scene, network)]
    assert width[0] == pytest.approx(change.get("extent", 1.0) * width[1])


def test_other_directions_do_not_train_again(network, memory, computed):
    scene = compute_scene(replace(NETWORK, directions=Choice("gaussian")), memory=memory)
    assert computed == {"directed_plane": 1, "refine": 1, "project_path": 1}
    assert scene.spectrum is network.spectrum


def test_more_eigenvalues_are_all_that_is_computed(network, memory, computed):
    scene = compute_scene(replace(NETWORK, eigenvalues=3), memory=memory)
    assert computed == {"spectrum": 1}
    np.testing.assert_allclose(eigenvalues(scene)[[0, -1]], eigenvalues(network)[[0, -1]])


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


def test_another_objective_is_drawn_on_the_plane_of_the_training_run(network, memory, computed):
    """Its paths have its own values, and not the trained ones from the memory."""
    other = compute_scene(replace(NETWORK, drawn=Choice("error-rate")), memory=memory)
    assert computed == {"refine": 1, "project_path": 1}
    assert other.plane is network.plane
    assert other.trajectories["sgd"] is network.trajectories["sgd"]
    middle, value = len(other.surface.axes[0]) // 2, at(other.problem, other.problem.params)
    assert other.surface.loss[middle, middle] == other.paths["sgd"].loss[-1] == pytest.approx(value, rel=1e-6)
    assert value != pytest.approx(float(network.paths["sgd"].loss[-1]), rel=1e-2)


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


def test_turning_a_knob_compiles_nothing_and_takes_nothing_stale_from_the_memory(network):
    """In a memory of its own each time: everything is computed again, by the programs that there are. In a memory
    that all changes share, the same numbers are found or computed."""
    shared: dict[str, Any] = {}
    # The network's initial parameters may be cached from another file, whose programs were dropped.
    catalog.build(replace(NETWORK, seed=1))
    compiled = {}
    for knob, change in TURNED.items():
        with compilations() as compiled[knob]:
            scene = compute_scene(replace(NETWORK, **change))
        assert not identical(scene, network), knob
        assert identical(compute_scene(replace(NETWORK, **change), memory=shared), scene), knob
    assert compiled == {knob: [] for knob in TURNED}
