"""The vectors of each step belong to the paths that are drawn."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes.figures.scene import picture
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import compute_scene
from tests.scenes.small_scenes import NETWORK
from tests.small_recipes import BOWL


@pytest.fixture(autouse=True)
def _without_eigenvalues(uncurved):
    pass


def check_steps(scene, whole):
    """Vectors of the drawn path, and a figure that has all of its steps."""
    assert "steps" not in picture(replace(scene, recipe=replace(scene.recipe, one_step=False))).layout.meta
    (name,) = scene.paths
    path, result = scene.paths[name], scene.steps[name]
    taken = len(path.steps) - 1
    np.testing.assert_allclose(result.coordinates, path.coordinates[:-1], atol=1e-4 * scene.surface.axes[0][-1])
    moves = np.diff(path.coordinates, axis=0)
    np.testing.assert_allclose(result.components["s_t"], moves, atol=1e-4 * np.abs(moves).max())
    assert result.is_whole_space == whole
    data = picture(scene).layout.meta["steps"][name]
    assert data["steps"] == list(range(taken))
    assert len(data["vectors"]["s_t"]) == taken
    assert bool(data["model"])
    return result


def test_steps_of_a_test_function_are_those_of_its_path(memory):
    result = check_steps(compute_scene(replace(BOWL, one_step=True), memory=memory), whole=True)
    np.testing.assert_allclose(result.norms["g_t"], np.linalg.norm(result.components["g_t"], axis=1))


def test_steps_of_a_network_lie_mostly_off_a_random_plane(network, memory):
    scene = compute_scene(replace(NETWORK, one_step=True), memory=memory)
    result = check_steps(scene, whole=False)
    inside = np.linalg.norm(result.components["s_t"], axis=1)
    assert np.all(inside < result.norms["s_t"])
    run = scene.trajectories["sgd"]
    np.testing.assert_allclose(result.norms["g_t"], run.gradient_norm[:-1], rtol=1e-4)
    np.testing.assert_allclose(result.losses_along[:, 1], run.loss[1:], rtol=1e-4)  # at the end of the step


def test_steps_of_a_path_in_the_plane_are_those_of_two_numbers(network, memory):
    x = float(0.4 * network.surface.axes[0][-1])
    check_steps(
        compute_scene(replace(NETWORK, start="picked", start_x=x, one_step=True), memory=memory), whole=True
    )


def test_no_model_is_compared_with_another_surface(network, memory):
    scene = compute_scene(replace(NETWORK, one_step=True), memory=memory)
    drawn = compute_scene(replace(scene.recipe, split="test"), memory=memory)
    assert not picture(drawn).layout.meta["steps"]["sgd"]["model"]


def test_one_step_is_a_setting_of_a_plane_with_paths():
    assert Recipe.from_query(replace(BOWL, one_step=True).query).one_step
    with pytest.raises(ValueError, match="one_step = 'maybe' is neither true nor false"):
        Recipe.from_query("one_step=maybe")
    assert not catalog.complete(replace(BOWL, one_step=True, dimension=1)).one_step
    assert not catalog.complete(replace(BOWL, one_step=True, optimizers=())).one_step
