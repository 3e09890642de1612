"""Many points in one pass over the batches: what they share is computed once a batch."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from landscapes import Problem, evaluate
from landscapes.evaluation import streaming
from landscapes.evaluation.streaming import FIRST_POINTS, MEASURED_BATCHES, streamed_program

SIZES = (4, 4, 4, 4, 4, 4, 4, 4, 4, 2)
POINTS = np.random.default_rng(0).normal(size=(665, 2))


@dataclass
class Clock:
    """Seconds that pass only in the program below."""

    now: float = 0.0

    def perf_counter(self):
        return self.now


def streamed(monkeypatch, preparation, point, sizes=SIZES):
    """The parts of a streamed evaluation of Σᵢ xᵢ·b, whose batches take so long, and the points of each batch."""
    clock, counts = Clock(), []
    monkeypatch.setattr(streaming, "time", clock)

    def points_program(one, plane):
        clock.now += preparation

        def run(points):
            counts.append(len(points))
            for first in range(0, len(points), 100):
                part = points[first : first + 100]
                clock.now += point * len(part)
                yield slice(first, first + len(part)), {"loss": one.data * part.sum(axis=1)}

        return run

    source = SimpleNamespace(sizes=sizes, examples=sum(sizes), batch=float)
    objective = SimpleNamespace(loss=None, source=source)
    problem = Problem.from_loss(lambda p: p[0] + p[1], np.zeros(2))
    object.__setattr__(problem, "objective", objective)
    plane: Any = SimpleNamespace(origin=np.zeros(2))
    parts = list(streamed_program(points_program, problem, plane)(POINTS))
    weighted = sum(size * index for index, size in enumerate(sizes)) / sum(sizes)
    values = np.full(len(POINTS), np.nan)
    for part, terms in parts:
        if terms:
            values[part] = terms["loss"]
    np.testing.assert_allclose(values, weighted * POINTS.sum(axis=1), rtol=1e-12)
    return parts, counts


def test_costly_preparation_happens_once_a_batch(monkeypatch):
    parts, counts = streamed(monkeypatch, preparation=1.0, point=0.01)
    assert counts[:MEASURED_BATCHES] == [9] * MEASURED_BATCHES  # about FIRST_POINTS, to learn the times
    assert counts[MEASURED_BATCHES:] == [len(POINTS)] * len(SIZES)
    assert sum(bool(terms) for _, terms in parts) == 1


def test_work_under_way_is_reported_between_batches(monkeypatch):
    parts, _ = streamed(monkeypatch, preparation=1.0, point=0.01)
    under_way = [part.stop for part, terms in parts if not terms]
    assert under_way[MEASURED_BATCHES:] == sorted(under_way[MEASURED_BATCHES:])
    assert 0.8 * len(POINTS) < max(under_way) < len(POINTS)


def test_slow_points_come_in_many_passes(monkeypatch):
    parts, counts = streamed(monkeypatch, preparation=0.0, point=1.0)
    assert counts[0] <= FIRST_POINTS + 1
    assert max(counts[len(SIZES) :]) == 1
    assert sum(bool(terms) for _, terms in parts) > len(POINTS) / 2


@pytest.mark.parametrize("sizes", [(3,), (4, 1)])
def test_few_batches_are_not_begun_again(sizes, monkeypatch):
    _, counts = streamed(monkeypatch, preparation=1.0, point=0.01, sizes=sizes)
    assert counts == [9] * len(sizes) + [len(POINTS) - 9] * len(sizes)


def test_evaluation_over_batches_reports_and_is_cancelled_within_a_pass():
    reads = []

    def loader():
        for number in range(20):
            reads.append(number)
            yield np.full((3, 1), number, np.float32)

    problem = Problem.from_loss(lambda p, x: (x.mean() * p[0] + p[1]) ** 2, np.ones(2, np.float32), batches=loader)
    reads.clear()
    axes, reports = (np.linspace(-1, 1, 5), np.linspace(0, 1, 5)), []

    def progress(fraction, partial):
        reports.append((fraction, int(partial.evaluated.sum()), partial.terms["loss"].shape))
        if fraction > 0.02:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(problem, problem.plane("coordinates"), axes, progress=progress)
    assert reports[0] == (0.0, 0, (5, 5))
    assert reports[-1][1] == 0
    assert len(reads) < 20
