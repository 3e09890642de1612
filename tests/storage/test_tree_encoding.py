"""Results as JSON with arrays beside it: what comes back for each kind of tree."""

import io
import json
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.optimization.trajectory import Trajectory
from landscapes.storage import SavedResults, encode_results, load
from landscapes.storage.tree_encoding import decode, encode
from tests.storage.test_saved_results import RUN, same


class Pair(NamedTuple):
    first: Any
    second: Any


@jax.tree_util.register_pytree_with_keys_class
class Module:
    def __init__(self, weight):
        self.weight = weight

    def tree_flatten_with_keys(self):
        return [(jax.tree_util.GetAttrKey("weight"), self.weight)], None

    @classmethod
    def tree_unflatten(cls, structure, children):
        return cls(*children)


def test_trees_of_other_types_become_dicts_by_name():
    params = Module({"kernel": np.ones((3, 2), jnp.bfloat16), "bias": Pair(np.ones(3), None)})
    result = load(io.BytesIO(encode_results(SavedResults(trajectories={"a": replace(RUN, params=params)}))))
    weight = result.trajectories["a"].params["weight"]
    assert weight["kernel"].dtype == jnp.bfloat16
    np.testing.assert_array_equal(weight["kernel"].astype(float), 1)
    assert same(weight["bias"], (np.ones(3), None))


def test_checkpoints_become_stacked_leaves():
    run = Trajectory.of([{"w": np.full(2, k, np.float32)} for k in range(3)])
    result = load(io.BytesIO(encode_results(SavedResults(trajectories={"a": run}))))
    np.testing.assert_array_equal(result.trajectories["a"].params["w"], [[0, 0], [1, 1], [2, 2]])


def test_arrays_of_one_name_are_kept_apart():
    arrays: dict[str, np.ndarray] = {}
    tree = {"a/b": np.arange(3), "a": {"b": np.arange(4.0)}, "n": [True, 2, None, "x"]}
    node = json.loads(json.dumps(encode(tree, "p", arrays)))
    assert sorted(arrays) == ["p/a%2Fb", "p/a/b"]
    assert same(decode(node, arrays), tree)


def test_a_leaf_of_another_type_is_named():
    with pytest.raises(ValueError, match="p/w/1 holds a object; give arrays or numbers"):
        encode({"w": [1.0, object()]}, "p", {})


def test_arrays_of_one_name_and_of_names_with_escapes_are_kept_apart():
    arrays: dict[str, np.ndarray] = {}
    nodes = [encode(np.full(2, float(k)), "x", arrays) for k in range(4)]
    assert [decode(node, arrays)[0] for node in nodes] == [0, 1, 2, 3]
    assert len(arrays) == 4
    arrays = {}
    tree = {"a/b": np.zeros(1), "a%2Fb": np.ones(1), "a\\b": np.full(1, 2.0)}
    node = encode(tree, "", arrays)
    assert set(arrays) == {"a%2Fb", "a%252Fb", "a%5Cb"}
    assert {name: float(value[0]) for name, value in decode(node, arrays).items()} == {
        "a/b": 0, "a%2Fb": 1, "a\\b": 2
    }  # fmt: skip
