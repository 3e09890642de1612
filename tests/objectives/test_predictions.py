"""What a predictor shows is what the model itself predicts at these parameters."""

from functools import partial

import jax
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.predictions import GRID, MAX_DRAWN_POINTS, predictions
from landscapes.recipes import catalog
from tests.small_recipes import fitting


def display(objective, data, model, split="train"):
    """The display at the initial parameters, the behavior, and the model as a function of its inputs."""
    recipe = catalog.complete(fitting(objective, data, model))
    problem = catalog.build(recipe)
    behavior = OBJECTIVES[objective].behavior(DATASETS[data], catalog.load(recipe.data, recipe.seed), split)
    assert behavior is not None
    forward = partial(problem.objective.forward, problem.params, problem.state)
    show = jax.jit(
        lambda inputs: behavior.show(problem.objective.forward, problem.params, problem.state, inputs, problem.key)
    )
    compiled = jax.jit(forward)
    return show(dict(behavior.inputs)), behavior, lambda x: np.asarray(compiled(np.asarray(x, np.float32)))


def test_regions_are_the_classes_of_the_points_of_the_grid():
    """Three blobs and a box that is not square, so that no axis and no class can be exchanged."""
    output, behavior, model = display("cross-entropy", "blobs", "softmax")
    (x0, x1), (y0, y1) = behavior.drawn["box"]
    assert x1 - x0 != pytest.approx(y1 - y0, rel=1e-3)
    for row, column in ((0, 0), (3, 31), (39, 12)):
        at = [[x0 + (x1 - x0) * column / (GRID - 1), y0 + (y1 - y0) * row / (GRID - 1)]]
        second, first = np.sort(model(at)[0])[-2:]
        assert output.classes[row, column] == np.argmax(model(at)[0])
        assert output.margin[row, column] == pytest.approx(np.tanh((first - second) / 2), abs=1e-5)
    x, y = behavior.inputs["x"], behavior.inputs["y"]
    predicted = np.argmax(model(x), axis=1)
    np.testing.assert_array_equal(output.predicted, predicted)
    assert output.wrong == np.sum(predicted != y)
    assert np.all((behavior.drawn["points"] > [x0, y0]) & (behavior.drawn["points"] < [x1, y1]))


def test_every_example_counts_and_the_first_ones_are_drawn():
    data = DATASETS["moons"].load(0, examples=MAX_DRAWN_POINTS + 7)
    behavior = predictions(DATASETS["moons"], data, "train")
    assert behavior is not None

    def outputs(params, state, x):
        return np.stack([np.zeros(len(x)), np.ones(len(x))], axis=1)  # class 1 everywhere

    output = behavior.show(outputs, None, None, behavior.inputs, None)
    assert len(output.predicted) == len(behavior.drawn["labels"]) == MAX_DRAWN_POINTS
    assert output.wrong == np.sum(data.train["y"] == 0)
    assert len(DATASETS["disc"].load(0).train["x"]) < MAX_DRAWN_POINTS  # the whole picture is drawn


def test_images_have_their_own_predicted_classes():
    output, behavior, model = display("hinge", "digits-images", "softmax", "test")
    predicted = np.argmax(model(behavior.inputs["x"]), axis=1)
    np.testing.assert_array_equal(output.predicted, predicted[: len(output.predicted)])
    assert output.wrong == np.sum(predicted != behavior.inputs["y"])
    assert behavior.drawn["images"].shape == (40, 8, 8)
    np.testing.assert_array_equal(behavior.drawn["images"][3], behavior.inputs["x"][3, :, :, 0])


def test_confusion_has_the_true_class_in_its_rows():
    output, behavior, model = display("cross-entropy", "iris", "softmax")
    predicted, y = np.argmax(model(behavior.inputs["x"]), axis=1), behavior.inputs["y"]
    expected = [[np.sum((y == truth) & (predicted == other)) for other in range(3)] for truth in range(3)]
    np.testing.assert_array_equal(output.counts, expected)


@pytest.mark.parametrize(("objective", "link"), [("ridge", lambda f: f), ("poisson", np.exp)])
def test_predictions_stand_against_their_targets(objective, link):
    data = {"ridge": "diabetes", "poisson": "counts"}[objective]
    output, behavior, model = display(objective, data, "linear")
    np.testing.assert_allclose(output.predicted, link(model(behavior.inputs["x"])[:, 0]), rtol=1e-5)
    assert len(behavior.drawn["targets"]) == len(output.predicted)


def test_a_fit_is_the_model_along_its_input():
    output, behavior, model = display("squared-error", "sine", "mlp")
    (low, high), _ = behavior.drawn["box"]
    at = np.linspace(low, high, len(output.curve))[[5, 80], None]
    np.testing.assert_allclose(output.curve[np.array([5, 80])], model(at)[:, 0], rtol=1e-4, atol=1e-6)


def test_two_heads_show_their_classifier():
    output, behavior, _ = display("classify-reconstruct", "blobs", "classifier-decoder")
    recipe = catalog.complete(fitting("classify-reconstruct", "blobs", "classifier-decoder"))
    problem = catalog.build(recipe)
    outputs, _ = problem.objective.forward(problem.params, problem.state, behavior.inputs["x"])
    np.testing.assert_array_equal(output.predicted, np.argmax(outputs, axis=1))
