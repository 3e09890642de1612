"""A behavior cannot be changed, and shows the examples that it is asked for."""

import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES, Behavior, shows_nothing
from landscapes.recipes import catalog
from tests.small_recipes import small

# Fields of the plane or of time, and pictures that are drawn by a generator: no example is in them.
WITHOUT_EXAMPLES = {"pinn-heat", "pinn-convection", "wasserstein-gan"}


def arrays(behavior):
    return {
        f"{part}.{name}": each for part in ("inputs", "drawn") for name, each in getattr(behavior, part).items()
    }


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_behavior_shows_the_split_that_it_is_asked_for(name):
    entry, data = OBJECTIVES[name], catalog.opening_of(name).data.name
    dataset = DATASETS[data]
    loaded = dataset.load(3, **small(data).settings)
    train, test = (entry.behavior(dataset, loaded, split) for split in ("train", "test"))
    if train is None or test is None:
        assert train is test
        return
    one, other = arrays(train), arrays(test)
    assert one.keys() == other.keys()
    differs = any(not np.array_equal(np.asarray(one[key]), np.asarray(other[key])) for key in one)
    assert differs == (not dataset.whole and name not in WITHOUT_EXAMPLES)
    if train.is_on_examples:
        for behavior, split in ((train, "train"), (test, "train" if dataset.whole else "test")):
            np.testing.assert_array_equal(behavior.inputs["x"], getattr(loaded, split)["x"])


def test_scores_of_completions_say_what_they_are():
    data = DATASETS["preferences"].load(0, length=2, examples=5)
    drawn = {
        name: OBJECTIVES[name].behavior(DATASETS["preferences"], data, "train")
        for name in ("dpo", "bradley-terry")
    }
    named = {
        name: (behavior.drawn["name"], behavior.drawn["whose"]) for name, behavior in drawn.items() if behavior
    }
    assert named == {"dpo": ("log π/π_ref", "policy"), "bradley-terry": ("learned reward", "reference policy")}


def test_inputs_of_a_behavior_are_read_only():
    inputs = {"x": [1.0]}
    behavior = Behavior(lambda *_: None, inputs)
    inputs["y"] = [2.0]
    assert list(behavior.inputs) == ["x"]
    with pytest.raises(TypeError):
        behavior.inputs["z"] = 1  # type: ignore[index]


def test_nothing_to_show_is_none():
    assert shows_nothing(None, None, "train") is None
