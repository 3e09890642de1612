"""Drawn paths: from the initial point, a picked point or the trained one."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes import Choice
from landscapes.directions import explained_variance
from landscapes.figures.scene import picture
from landscapes.recipes import catalog
from landscapes.scenes.captions import caption
from landscapes.scenes.drawn_paths import drawn_paths
from landscapes.scenes.placement import place_picture
from landscapes.scenes.scene import compute_scene
from tests.compiled import compilations
from tests.figures.scenes import role
from tests.scenes.small_scenes import NETWORK, at
from tests.small_recipes import BOWL, TINY


def test_a_start_picked_on_the_plane_stays_on_the_surface_that_is_seen(network, memory, computed):
    x, y = 0.4 * network.surface.axes[0][-1], -0.3 * network.surface.axes[1][-1]
    with compilations() as compiled:
        scene = compute_scene(replace(NETWORK, start="picked", start_x=x, start_y=y), memory=memory)
    assert computed == {"race": 1, "project_path": 1}
    assert len(compiled) <= 1  # the race over two coordinates, by whichever test is the first to click
    path = scene.paths["sgd"]
    np.testing.assert_allclose(path.coordinates[0], (x, y), rtol=1e-5)
    np.testing.assert_allclose(path.distance, 0, atol=1e-5)
    np.testing.assert_allclose(path.loss, scene.trajectories["sgd"].loss, rtol=1e-5)
    np.testing.assert_allclose(path.plane_loss, path.loss, rtol=1e-5)
    observed_values = scene.problem.on(scene.plane)
    assert path.loss[0] == pytest.approx(at(observed_values, np.array([x, y], np.float32)), rel=1e-5)
    assert path.loss[-1] < path.loss[0]
    assert scene.surface.terms is network.surface.terms
    assert scene.explained == pytest.approx(1, abs=1e-6) != pytest.approx(network.explained, rel=0.1)


def test_a_picked_start_may_leave_the_plane(network, memory):
    x = 0.4 * network.surface.axes[0][-1]
    with compilations() as compiled:
        scene = compute_scene(replace(NETWORK, start="picked", start_x=x, space="full"), memory=memory)
    assert len(compiled) <= 1  # the point of the plane; the race is the one from the initial point
    path = scene.paths["sgd"]
    np.testing.assert_allclose(path.coordinates[0], (x, 0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(path.distance[0], 0, atol=1e-5)
    assert path.distance[-1] > 1e-3


def test_paths_may_go_on_from_the_trained_point(network, memory, computed):
    scene = compute_scene(replace(NETWORK, start="trained"), memory=memory)
    assert computed == {"race": 1, "project_path": 1}
    np.testing.assert_allclose(scene.paths["sgd"].coordinates[0], 0, atol=1e-6)
    assert scene.trajectories["sgd"].loss[0] == network.trajectories["sgd"].loss[-1]
    # The variance is that of the paths that are drawn, not of those that led here.
    assert scene.explained == explained_variance(scene.plane, [*scene.trajectories.values()])
    assert scene.explained != pytest.approx(network.explained, rel=0.1)


def test_hubers_paths_begin_on_a_straight_wall_of_the_picture_and_end_at_its_round_bottom():
    """The Hessian of a line under Huber error is a mean of (1, x)(1, x)ᵀ over the residuals below δ alone."""
    opened = catalog.opening_of("huber")
    scene = compute_scene(replace(opened, tolerance=0.1, eigenvalues=1))
    delta = float(opened.objective.settings["delta"])
    inputs, targets = (np.asarray(scene.problem.data[name], float) for name in ("x", "y"))
    for name, path in scene.paths.items():
        assert path.coordinates[0] == pytest.approx([opened.start_x, opened.start_y], abs=1e-5)
        assert np.all(path.distance < 1e-5)
        low, high = np.transpose([axis[[0, -1]] for axis in scene.surface.axes])
        assert np.all((path.coordinates > low) & (path.coordinates < high))
        bent = []
        for end in (0, -1):
            line = jax.tree.map(lambda leaf, end=end: leaf[end], scene.trajectories[name].params["affine"])
            near = np.abs(inputs @ line["kernel"] + line["bias"] - targets) < delta
            bent.append(np.sum(near * (1 + inputs**2)) / len(inputs))
        assert bent[0] < bent[1] / 2
        assert path.loss[0] > 4 * path.loss[-1]
        np.testing.assert_allclose(path.coordinates[-1], 0, atol=1e-2)


def test_a_path_picked_on_a_test_function_begins_at_the_click(bowl, memory, computed):
    with compilations() as compiled:
        scene = compute_scene(replace(BOWL, start="picked", start_x=-1.5, start_y=2.0), memory=memory)
    assert compiled == []
    assert computed == {"race": 1, "project_path": 1}
    path = scene.paths["sgd"]
    np.testing.assert_array_equal(path.coordinates[0], (-1.5, 2.0))
    np.testing.assert_array_equal(path.distance, 0)
    rate = float(scene.recipe.optimizers[0].settings["learning_rate"])
    t = np.arange(7)[:, None]
    np.testing.assert_allclose(path.coordinates, (1 - rate * np.array([1, 4.0])) ** t * (-1.5, 2.0), rtol=1e-12)
    assert scene.surface.terms is bowl.surface.terms


def test_on_a_test_function_a_picked_path_is_the_whole_path(bowl, memory):
    scene = compute_scene(replace(BOWL, start="picked", start_x=-1.5, start_y=2.0), memory=memory)
    assert [trace.name for trace in role(picture(scene), "path")] == ["sgd"]
    assert "; paths start at (−1.5, 2); float64" in caption(scene)
    assert "paths start" not in caption(bowl)


PICKED = {
    "start": "picked",
    "start_x": 0.2,
    "start_y": -0.1,
    "directions": Choice("gaussian"),
    "center": "initial",
}


@pytest.mark.parametrize("space", ["plane", "full"])
def test_a_path_from_a_picked_start_trains_on_the_training_examples_whatever_is_shown(space):
    runs, paths, kept = [], [], {}
    for split in ("train", "test"):
        recipe = catalog.complete(
            replace(TINY, optimizers=TINY.optimizers[:1], split=split, space=space, **PICKED)
        )
        place = place_picture(recipe, memory=kept)
        start = catalog.build(replace(recipe, split="train"))
        run, path = drawn_paths(recipe, start, place.problem, place.plane, {}, lambda *_: None)
        runs.append(run["sgd"].loss)
        paths.append(path["sgd"])
    np.testing.assert_allclose(runs[1], runs[0], rtol=1e-6)
    np.testing.assert_allclose(paths[1].coordinates, paths[0].coordinates, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(paths[0].loss, runs[0], rtol=1e-5)
    assert np.max(np.abs(paths[1].loss - paths[0].loss)) > 1e-3, "the test loss is another"
