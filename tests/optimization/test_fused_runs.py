"""Runs that share compiled calls are the runs that each of them is alone."""

import numpy as np

from landscapes import Problem, descend, race
from landscapes.optimization import fused_runs as heats

ENTRIES = {
    "slow": ("sgd", {"learning_rate": 1e-4}),
    "absurd": ("sgd", {"learning_rate": 1e3}),  # diverges within a call that goes on to the next
    "adam": "adam",
    "momentum": ("momentum", {"learning_rate": 1e-4}),
}


def rosenbrock(xy):
    return (1 - xy[0]) ** 2 + 100 * (xy[1] - xy[0] ** 2) ** 2


def test_runs_in_one_call_are_those_of_each_alone(monkeypatch):
    monkeypatch.setattr(heats, "COLUMNS", 100)  # so that calls end within a run
    problem = Problem.from_loss(rosenbrock, np.array([-1.2, 1.0]))
    seen = []
    together = race(problem, ENTRIES, 130, progress=lambda fraction, paths: seen.append((fraction, list(paths))))
    for label, entry in ENTRIES.items():
        alone, path = descend(problem, entry, 130), together[label]
        assert path.outcome == alone.outcome
        np.testing.assert_array_equal(path.steps, alone.steps)
        np.testing.assert_allclose(path.params, alone.params, rtol=1e-9)
        np.testing.assert_allclose(path.loss, alone.loss, rtol=1e-9)
        np.testing.assert_allclose(path.gradient_norm, alone.gradient_norm, rtol=1e-9)
    assert together["absurd"].outcome.kind == "diverged"
    fractions, labels = zip(*seen, strict=True)
    assert list(fractions) == sorted(fractions)
    assert fractions[-1] == 1
    assert labels[-1] == list(ENTRIES)
