"""Objectives bound to a function."""

import jax
import numpy as np

from landscapes.recipes.binding import Forward, FunctionOfTwo, ModelUnderObjective


def _apply(graph, params, state, *inputs, **static):
    return graph, params, state, inputs, static


def _terms(forward, params, state, batch, key, *, rate, kind):
    return {"value": rate * forward(params, state, batch), "kind": kind}


def test_a_model_is_called_with_its_graph_and_with_the_statistics_of_batches_only_in_training():
    plain, trained = (Forward(_apply, "graph", train) for train in (False, True))
    assert plain(1, 2, 3) == ("graph", 1, 2, (3,), {"method": "__call__"})
    assert trained(1, 2, 3, method="decode")[-1] == {"method": "decode", "train": True}
    assert hash(plain) == hash(Forward(_apply, "graph"))
    assert plain != trained


def test_numeric_knobs_are_leaves_and_others_are_static():
    shares = (("first", (("value", 1.0), ("kind", -1.0))),)
    forward = Forward(lambda graph, params, state, x, **static: params * x, "graph")
    bound = ModelUnderObjective(_terms, forward, (("kind", "l2"),), "minimize", {"rate": 10.0}, shares)
    assert jax.tree.leaves(bound) == [10.0]
    assert bound(2.0, None, 3.0, None) == {"value": 60.0, "kind": "l2"}
    assert bound.of(lambda params, state, x: x, 2.0, None, 3.0, None)["value"] == 30.0
    assert bound.players == {"first": {"value": 1.0, "kind": -1.0}}
    assert ModelUnderObjective(_terms, forward, (), "maximize", {}).players is None


def test_a_test_function_has_one_term():
    bound = FunctionOfTwo(lambda xy, *, power, b: b * xy[0] ** power, (("power", 2),), {"b": 5.0})
    assert bound(np.array([3.0, 0.0]), None, None, None) == {"value": 45.0}
    assert (bound.sense, bound.players, jax.tree.leaves(bound)) == ("minimize", None, [5.0])
