"""What the model does belongs to the parameters of the drawn paths, and to the picked point of the plane."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes.scenes.behaviors import MAX_SHOWN_STEPS, shown_indices
from landscapes.scenes.scene import compute_scene
from tests.scenes.small_scenes import NETWORK

SHOWN = replace(NETWORK, behavior=True)


@pytest.fixture(scope="module")
def scene_of(memory):
    def computed(**changes):
        return compute_scene(replace(SHOWN, **changes), memory=memory, eigenvalues=False)

    return computed


def predicted_classes(scene, params):
    outputs = scene.problem.objective.forward(params, scene.problem.state, scene.problem.data["x"])
    return np.argmax(np.asarray(outputs), axis=1)


def test_displays_are_those_of_the_path_and_not_of_its_projection(scene_of):
    scene = scene_of()
    result = scene.behaviors
    assert result.kind == "regions"
    np.testing.assert_array_equal(result.steps["sgd"], scene.trajectories["sgd"].steps)
    for row in (0, 6):
        params = jax.tree.map(lambda leaf, row=row: leaf[row], scene.trajectories["sgd"].params)
        np.testing.assert_array_equal(result.displays["sgd"].predicted[row], predicted_classes(scene, params))
    assert result.point is None
    assert scene_of(behavior=False).behaviors is None


def test_a_picked_point_shows_the_model_of_the_plane(scene_of):
    x, y = (float(share * axis[-1]) for share, axis in zip((0.9, -0.4), scene_of().surface.axes, strict=True))
    scene = scene_of(start="picked", start_x=x, start_y=y)
    result = scene.behaviors
    assert (result.place, result.coordinates) == ("picked", (x, y))
    params = scene.plane.point(np.array([x, y], np.float32))
    np.testing.assert_array_equal(result.point.predicted[0], predicted_classes(scene, params))
    assert result.displays["sgd"].wrong[0] == result.point.wrong[0]  # where the path begins


def test_without_paths_the_center_is_shown(scene_of):
    scene = scene_of(optimizers=())
    assert scene.behaviors.place == "center"
    np.testing.assert_array_equal(
        scene.behaviors.point.predicted[0], predicted_classes(scene, scene.problem.params)
    )


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (7, 7), (201, MAX_SHOWN_STEPS)])
def test_shown_steps_have_both_ends(count, shown):
    at = shown_indices(count)
    assert len(at) == shown
    assert (at[0], at[-1]) == (0, count - 1)
    assert np.ptp(np.diff(at, prepend=-1)) <= 4
