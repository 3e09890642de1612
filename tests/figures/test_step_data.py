"""What the stage gets of each step: plain numbers, up to the step at which two computations of a run part."""

import json
from dataclasses import replace

import numpy as np
import pytest

from landscapes.figures.step_data import gains, rounded, step_data
from landscapes.optimization.explained_optimizer import SHARES_OF_STEP
from tests.browser.stage_scene import steps_of_walks, walks


def test_data_are_those_of_the_drawn_steps():
    steps, path = steps_of_walks()["momentum"], walks(0.0, 2)["momentum"]
    result = step_data({"momentum": steps}, {"momentum": path}, side=10.0, model=True)["momentum"]
    assert json.loads(json.dumps(result)) == result
    assert result["steps"] == path.steps[:-1].tolist()  # no step begins at the end
    assert result["vectors"]["s_t"][7] == pytest.approx(steps.components["s_t"][7], rel=1e-4)
    assert result["norms"]["g_t"][7] == pytest.approx(steps.norms["g_t"][7], rel=1e-4)
    assert result["arrows"]["g_t"] == {"role": "gradient", "base": "", "sign": -1}
    assert result["along"][7][0] == result["loss"][7] == steps.loss[7]
    assert result["knobs"] == {r"\beta": 0.9}
    assert not step_data({"momentum": steps}, {"momentum": path}, side=10.0, model=False)["momentum"]["model"]
    assert result["linear"] == ""
    own = step_data({"momentum": steps}, {"momentum": path}, side=10.0, model=True, own_axes=True)["momentum"]
    assert own["linear"] == "v_t"


def test_steps_end_where_the_path_that_is_drawn_is_another():
    steps, path = steps_of_walks()["momentum"], walks(0.0, 2)["momentum"]
    coordinates = path.coordinates.copy()
    coordinates[30:] += 0.5
    shifted = replace(path, coordinates=coordinates)
    result = step_data({"momentum": steps}, {"momentum": shifted}, side=10.0, model=True)["momentum"]
    assert result["steps"] == list(range(30))
    assert len(result["vectors"]["g_t"]) == 30


def test_values_that_are_not_finite_are_none():
    assert rounded(np.array([[1.23456789, np.nan], [np.inf, -2.0]])) == [[1.2346, None], [None, -2.0]]


def test_gains_are_those_of_the_loss_and_of_the_model():
    steps = steps_of_walks()["sgd"]
    count = len(steps.loss)
    along = np.linspace(1.0, 4.0, count * len(SHARES_OF_STEP)).reshape(count, -1)
    numbers = {"slope": np.full(count, -0.5), "curvature": np.full(count, 0.2)}
    known = replace(steps, loss=np.full(count, 3.0), losses_along=along, numbers=numbers)
    result = gains(known)
    np.testing.assert_allclose(result["actual"], 3.0 - along[:, SHARES_OF_STEP.index(1.0)])
    np.testing.assert_allclose(result["predicted"], 0.4)
    np.testing.assert_allclose(gains(known, "maximize")["actual"], -result["actual"])
    np.testing.assert_allclose(result["rounding"][0], 24 * np.finfo(float).eps)
    coarse = replace(known, loss=known.loss.astype(np.float32))
    assert gains(coarse)["rounding"][0] > 1e6 * result["rounding"][0]
    assert "predicted" not in gains(replace(known, numbers={}))
    game = replace(known, loss=np.full(count, np.nan), losses_along=np.full_like(along, np.nan))
    assert np.isnan(gains(game)["actual"]).all()
