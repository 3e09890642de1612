"""What a solution is shown beside: the exact one, at the objective's own knobs."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES, solutions

SPLITS = ("train", "test")


@pytest.mark.parametrize(("name", "data"), [("pinn-oscillator", "interval"), ("pinn-convection", "space-time")])
def test_display_is_that_of_the_network_beside_the_exact_solution(name, data):
    knobs = {"frequency": 20.0, "damping": 0.2} if data == "interval" else {"speed": 3.0}
    exact = solutions.oscillation if data == "interval" else solutions.travelling_wave
    dataset = DATASETS[data]
    behavior_of: Any = OBJECTIVES[name].behavior
    behavior = behavior_of(dataset, dataset.load(0), "train")
    x = jnp.asarray(behavior.inputs["x"])
    display = behavior.show(lambda params, state, x: x[:, :1], {}, {}, {"x": x}, None, **knobs)
    np.testing.assert_array_equal(np.ravel(display.network), x[:, 0])
    np.testing.assert_allclose(np.ravel(display.exact), exact(x, **knobs), rtol=1e-6)
    if data == "interval":
        np.testing.assert_allclose(x[:, 0], np.linspace(0, 1, len(x)), rtol=1e-6)
        # The points of the split that is drawn.
        load, drawn = dataset.load(0), {split: behavior_of(dataset, dataset.load(0), split) for split in SPLITS}
        for split, own in drawn.items():
            np.testing.assert_array_equal(own.drawn["points"], getattr(load, split)["x"][:200, 0])
    # One function for all pictures, so that it is compiled once.
    assert behavior_of(dataset, dataset.load(1), "test").show is behavior.show


def test_rows_of_a_map_are_places_and_columns_times():
    dataset = DATASETS["space-time"]
    behavior_of: Any = OBJECTIVES["pinn-heat"].behavior
    behavior = behavior_of(dataset, dataset.load(0), "train")
    x = behavior.inputs["x"].reshape(solutions.SPACE_POINTS, solutions.TIME_POINTS, 2)
    np.testing.assert_allclose(x[[0, -1], 0, 0], [0, 2 * np.pi], rtol=1e-6)
    np.testing.assert_allclose(x[0, [0, -1], 1], [0, 1])
    assert np.all(np.ptp(x[..., 0], axis=1) == 0)
    assert np.all(np.ptp(x[..., 1], axis=0) == 0)
