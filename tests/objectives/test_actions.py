"""What a policy shows: its own probabilities, each in the cell that its state is."""

import jax.numpy as jnp
import numpy as np

from landscapes.objectives import DATASETS
from landscapes.objectives.actions import GRID, actions
from landscapes.objectives.cartpole import TILT
from landscapes.objectives.environments import WORLD


def shown(forward, name):
    dataset = DATASETS[name]
    behavior = actions(dataset, dataset.load(0), "train")
    assert behavior is not None
    inputs = {key: jnp.asarray(array) for key, array in behavior.inputs.items()}
    return behavior.show(forward, None, None, inputs, None), behavior


def test_moves_of_a_state_are_those_of_its_cell():
    """The states are the free cells of the map, row by row."""
    table = np.arange(36.0).reshape(9, 4) % 7
    result, behavior = shown(lambda params, state, x: x @ table, "gridworld")
    np.testing.assert_allclose(
        result.probabilities, np.exp(table) / np.exp(table).sum(1, keepdims=True), rtol=1e-5
    )
    assert behavior.drawn["world"] == list(WORLD)
    assert sum(mark in ".S" for row in WORLD for mark in row) == len(result.probabilities)
    data = DATASETS["gridworld"].load(0)
    cells = [mark for row in WORLD for mark in row if mark in ".S"]
    assert cells.index("S") == int(np.argmax(data.train["start"]))


def test_arms_have_their_probabilities_and_rewards():
    result, behavior = shown(lambda params, state, x: jnp.log(jnp.array([[1.0, 2.0, 5.0]])), "bandit")
    np.testing.assert_allclose(result.probabilities, [0.125, 0.25, 0.625], rtol=1e-6)
    np.testing.assert_allclose(behavior.drawn["rewards"], [1, 0.5, 0])


def test_pushes_have_the_velocity_in_rows():
    def forward(params, state, x):
        return jnp.stack([jnp.zeros(len(x)), 10 * x[:, 2] + 3 * x[:, 3]], axis=1)

    result, _ = shown(forward, "cartpole")
    angle, spin = TILT * (2 * 5 / (GRID - 1) - 1), 2.0 * (2 * 30 / (GRID - 1) - 1)
    difference = 10 * angle + 3 * spin
    assert result.classes[30, 5] == (difference > 0)
    probability = 1 / (1 + np.exp(-difference))
    np.testing.assert_allclose(result.margin[30, 5], abs(2 * probability - 1), atol=1e-5)
