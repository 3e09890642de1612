"""A behavior cannot be changed."""

import pytest

from landscapes.objectives import Behavior, shows_nothing


def test_inputs_of_a_behavior_are_read_only():
    inputs = {"x": [1.0]}
    behavior = Behavior(lambda *_: None, inputs)
    inputs["y"] = [2.0]
    assert list(behavior.inputs) == ["x"]
    with pytest.raises(TypeError):
        behavior.inputs["z"] = 1  # type: ignore[index]


def test_nothing_to_show_is_none():
    assert shows_nothing(None, None, "train") is None
