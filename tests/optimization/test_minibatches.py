"""Minibatches and races: the same examples in the same order for everyone."""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import register_dataclass

from landscapes.optimization import minibatches
from landscapes.optimization.trajectory import Trajectory, descend, race
from landscapes.problem import Problem


def coded(theta, batch):
    """The sum of 2ⁱ over the examples names them all; the gradient is their mean."""
    return {"loss": jnp.mean(batch["x"]) * theta, "code": jnp.sum(batch["code"]) + 0 * theta}


def coded_problem(examples=10) -> Problem:
    data = {"x": np.linspace(-1.0, 2.0, examples), "code": 2.0 ** np.arange(examples)}
    return Problem.from_loss(coded, np.array(0.3), data)


def batches(path: Trajectory) -> list[set[int]]:
    return [{i for i in range(10) if int(code) >> i & 1} for code in path.terms["code"]]


def test_minibatches_are_shuffled_epochs_without_replacement():
    drawn = batches(descend(coded_problem(), "sgd", 300, batch_size=3))
    assert {len(batch) for batch in drawn} == {3}
    left_out = set()
    for epoch in range(100):
        one, two, three = drawn[3 * epoch : 3 * epoch + 3]
        assert len(one | two | three) == 9
        left_out |= set(range(10)) - one - two - three
    assert left_out == set(range(10)), "the remainder differs between epochs"


def test_minibatches_repeat_bit_for_bit_and_differ_between_seeds():
    runs = {seed: descend(coded_problem(), "adam", 40, batch_size=4, key=seed) for seed in (0, 1)}
    again = descend(coded_problem(), "adam", 40, batch_size=4)
    assert np.array_equal(again.params, runs[0].params)
    assert np.array_equal(again.loss, runs[0].loss)
    assert batches(runs[0]) != batches(runs[1])
    assert batches(descend(coded_problem(), "adam", 40, batch_size=4, key=jax.random.key(1))) == batches(runs[1])


def test_segments_that_end_inside_epochs_leave_no_trace(monkeypatch):
    full = descend(coded_problem(), "sgd", 61, batch_size=3, key=2)
    monkeypatch.setattr(minibatches, "MAX_INDICES", 1)  # two epochs at a time, four steps at most
    pieces = descend(coded_problem(), "sgd", 61, batch_size=3, key=2)
    assert batches(pieces) == batches(full)
    assert np.array_equal(pieces.params, full.params)


def test_a_key_of_either_kind_is_its_seed():
    orders = [
        minibatches.minibatches(coded_problem(), 3, key).orders(4, 3).tolist()
        for key in (7, np.int64(7), jax.random.key(7), jax.random.PRNGKey(7))
    ]
    assert orders[0] == orders[1] == orders[2] == orders[3]
    assert orders[0] != minibatches.minibatches(coded_problem(), 3, 8).orders(4, 3).tolist()


def test_both_precisions_see_the_same_batches():
    problem = coded_problem()
    single = replace(
        problem,
        params=np.float32(0.3),
        data=jax.tree.map(partial(np.asarray, dtype=np.float32), problem.data),
        weights={name: np.float32(weight) for name, weight in problem.weights.items()},
    )
    assert batches(descend(single, "sgd", 20, batch_size=3)) == batches(descend(problem, "sgd", 20, batch_size=3))


def test_t37_a_race_shares_start_and_batches():
    field = {"slow": ("sgd", {"learning_rate": 0.01}), "fast": ("sgd", {"learning_rate": 0.1}), "adam": "adam"}
    reports = []
    paths = race(coded_problem(), field, 30, batch_size=4, key=5, progress=lambda *report: reports.append(report))
    assert list(paths) == list(field)
    first = paths["slow"]
    for label, path in paths.items():
        assert path.params[0] == first.params[0]
        assert len(path.loss) == len(first.loss) == 31
        assert batches(path) == batches(first)
        single = descend(coded_problem(), field[label], 30, batch_size=4, key=5)
        assert np.array_equal(single.params, path.params)
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert list(reports[-1][1]) == list(field)


def test_stochastic_objective_draws_once_per_minibatch():
    def noisy(theta, state, batch, key):
        return {"loss": jnp.mean(batch) + theta * 0, "noise": jax.random.normal(key, (), theta.dtype) + 0 * theta}

    @partial(register_dataclass, data_fields=[], meta_fields=[])
    @dataclass(frozen=True)
    class Noisy:
        sense: ClassVar[str] = "minimize"
        players: ClassVar[None] = None
        __call__ = staticmethod(noisy)

    problem = Problem(np.array(0.0), np.ones(6), jax.random.key(3), None, {"loss": 1.0, "noise": 1.0}, Noisy())
    assert len(set(descend(problem, "sgd", 20).terms["noise"])) == 1
    assert len(set(descend(problem, "sgd", 20, batch_size=6).terms["noise"])) == 21


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"optimizer": "adamm"}, "choose one of sgd, "),
        ({"optimizer": ("adam", {"beta": 0.9})}, "adam has no knob 'beta'"),
        ({"optimizer": ("sgd", {"learning_rate": -1.0})}, "out of range; give a number above 0"),
        ({"optimizer": ("sgd", {"learning_rate": float("nan")})}, "not valid; give a number above 0"),
        ({"schedule": "triangle"}, "choose one of constant, "),
        ({"schedule": ("cosine", {"final": 2.0})}, "up to 1"),
        ({"steps": 0}, "whole number from 1 to 100,000"),
        ({"steps": 10**6}, "whole number from 1 to 100,000"),
        ({"batch_size": 11}, "give 1 to 10"),
        ({"batch_size": 0}, "give 1 to 10"),
    ],
)
def test_bad_input_gets_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message) as error:
        descend(coded_problem(), **{"optimizer": "sgd", "steps": 10, **arguments})
    assert "\n" not in str(error.value)


def test_the_end_of_a_run_on_minibatches_is_evaluated_on_all_examples():
    examples = np.array([0.0, 1.0, 5.0, 9.0, 10.0])

    def terms(p, x):
        return {"fit": jnp.mean((p - x) ** 2), "size": p**2}

    problem = Problem.from_loss(terms, np.array(2.0), examples, weights={"fit": 1.0, "size": 0.5})
    path = descend(problem, "sgd", 7, batch_size=2)
    end = float(path.params[-1])
    expected = {"fit": float(np.mean((end - examples) ** 2)), "size": end**2}
    assert path.final_terms == pytest.approx(expected, rel=1e-6)
    assert path.final_loss == pytest.approx(expected["fit"] + 0.5 * expected["size"], rel=1e-6)
    assert abs(path.terms["fit"][-1] - expected["fit"]) > 0.01  # the last entry is of one minibatch
