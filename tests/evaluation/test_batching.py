"""How points are evaluated: batches, segments, memory, devices, and nothing compiled twice."""

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial, register_dataclass

from landscapes.evaluation import batching, memory
from landscapes.evaluation.batching import Cost, batch_size, cost, points_program
from landscapes.plane import span
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.slices.refinement import refine
from landscapes.slices.surface import evaluate
from tests.compiled import compilations

TRACES = []


@partial(register_dataclass, data_fields=["knob"], meta_fields=["name"])
@dataclass(frozen=True)
class Network:
    """A two-layer network with a numeric knob, which counts how often it is traced."""

    name: str
    knob: Any
    sense = "minimize"
    players = None

    def __call__(self, params, state, batch, key):
        TRACES.append(self.name)
        out = jnp.tanh(batch["x"] @ params["a"]) @ params["b"]
        return {"fit": jnp.mean((out - batch["y"]) ** 2), "size": self.knob * jnp.sum(params["a"] ** 2)}


def network(seed=0, examples=50, weight=1.0, dtype: Any = np.float32):
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return jnp.asarray(rng.normal(size=shape), dtype)

    with jax.enable_x64(dtype == np.float64):
        return Problem(
            params={"a": draw(3, 4), "b": draw(4, 2)},
            data={"x": draw(examples, 3), "y": draw(examples, 2)},
            key=jax.random.key(seed),
            state=None,
            weights={"fit": 1.0, "size": weight},
            objective=Network("two layers", jnp.asarray(0.5 + seed, dtype)),
        )


def plane(problem, seed=0):
    rng = np.random.default_rng(seed)
    return span(
        problem.params, jax.tree.map(lambda p: jnp.asarray(rng.normal(size=(2, *p.shape))), problem.params)
    )


def test_batch_follows_cost():
    x = jnp.zeros((500, 64))
    image = jnp.zeros((1, 8, 8, 1))

    def dense(c):
        return jnp.sum(jnp.tanh(x @ (jnp.ones((64, 32)) * c[0])))

    def convolution(c):
        return jnp.sum(jax.lax.conv(image, jnp.ones((1, 8, 3, 3)) * c[0], (1, 1), "SAME"))

    def scanned(c):
        return jax.lax.scan(lambda s, _: (s @ jnp.ones((9, 9)), None), jnp.ones((9, 9)) * c[0], None, 7)[0]

    def tiny(c):
        return c[0] ** 2 + c[1]

    def counted(f):
        return cost(jax.make_jaxpr(jax.jit(f))(jnp.zeros(2)).jaxpr)

    assert counted(dense).flops == 2 * 500 * 64 * 32
    assert 2 * 4 * 500 * 32 <= counted(dense).bytes < 4 * 4 * 500 * 32
    assert counted(scanned).flops == 7 * 2 * 9**3
    assert counted(convolution).has_convolution
    assert batch_size(counted(convolution)) == 1
    assert batch_size(counted(tiny)) == batching.MAX_BATCH
    assert 1 < batch_size(counted(dense)) < 256
    # An accelerator takes 256 MiB of work, and eight times as many points of a tiny function.
    assert [batch_size(Cost(1.0, 2.0**20, False), platform) for platform in ("cpu", "gpu")] == [16, 256]
    assert batch_size(counted(tiny), "gpu") == 8 * batching.MAX_BATCH
    assert batch_size(counted(convolution), "gpu") == 1
    assert batch_size(Cost(0, 1e9, False)) == 1


@pytest.mark.parametrize("count", [1, 4095, 4097, 70_001])
def test_points_come_back_in_order_and_once(count, monkeypatch):
    ticks = iter(np.arange(10_000) * 0.2)  # every call takes two tenths of a second
    monkeypatch.setattr(batching.time, "perf_counter", lambda: next(ticks))
    problem = Problem.from_loss(lambda p: p[0] - 2 * p[1], np.zeros(2, np.float32))
    run = points_program(problem, span(problem.params, jnp.eye(2)))
    points = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    result, end, sizes = np.full(count, np.nan), 0, []
    for part, values in run(points):
        assert part.start == end
        result[part], end = values["loss"], part.stop
        sizes.append(part.stop - part.start)
    assert end == count
    np.testing.assert_allclose(result, points[:, 0] - 2 * points[:, 1], rtol=1e-5, atol=1e-6)
    assert max(sizes) <= batching.MAX_BATCH  # slow calls do not grow


def test_fast_calls_grow_to_one(monkeypatch):
    ticks = iter(np.arange(10_000) * 1e-6)
    monkeypatch.setattr(batching.time, "perf_counter", lambda: next(ticks))
    problem = Problem.from_loss(lambda p: p[0], np.zeros(1, np.float32))
    run = points_program(problem, span(problem.params, jnp.eye(1)))
    assert [part.stop for part, _ in run(np.zeros((65_000, 1)))] == [512, 16_896, 65_000]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_surface_is_the_problem_at_each_point(dtype):
    """Hoisted and batched against one plain call at each point of the plane."""
    problem = network(dtype=dtype)
    over = plane(problem)
    x, y = np.linspace(-2, 2, 4), np.linspace(-1, 3, 3)
    surface = evaluate(problem, over, (x, y))
    for i, a in enumerate(x):
        for j, b in enumerate(y):
            with precision(over.origin):
                terms = problem.terms(over.point(jnp.array([a, b], dtype)))
            for name, value in terms.items():
                np.testing.assert_allclose(surface.terms[name][i, j], value, rtol=40 * np.finfo(dtype).eps)


def test_terms_must_be_numbers():
    for bad in (lambda c: {"vector": c}, lambda c: c[0], lambda c: {}):
        with pytest.raises(ValueError, match="average the examples"):
            next(batching._segments(Partial(bad), 2, np.dtype(np.float32), None))


def test_what_only_changes_numbers_traces_and_compiles_nothing():
    """Seeds, data, knobs, weights, planes, extents, axes and levels share one program."""
    problems = [network(seed, examples=37, weight=0.1 * seed) for seed in range(4)]
    planes = [plane(problem, seed) for seed, problem in enumerate(problems)]
    with compilations() as first:
        evaluate(problems[0], planes[0], ([0.0, 1], [0.0, 1]))
    assert first
    traced = len(TRACES)
    with compilations() as compiled:
        for seed, (problem, over) in enumerate(zip(problems, planes, strict=True)):
            evaluate(problem, over, (np.arange(3.0 + seed), np.arange(5.0)))
            levels = list(refine(replace(problem, weights={"fit": 2.0}), over, 0.1 * (seed + 1)))
            levels[-1].reweighted({"fit": 3.0}).resampled(40)
    assert len(TRACES) == traced
    assert compiled == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cancelling_leaves_nothing_behind(dtype):
    class Cancelled(Exception):
        pass

    def cancel(fraction, partial_):
        assert not jax.config.read("jax_enable_x64")
        if fraction > 0.3:
            raise Cancelled

    problem = network(dtype=dtype)
    over = plane(problem)
    axes = (np.linspace(-1, 1, 50), np.linspace(-1, 1, 40))
    for start in (
        lambda: evaluate(problem, over, axes, progress=cancel),
        lambda: list(refine(problem, over, 1.0, progress=cancel)),
    ):
        with pytest.raises(Cancelled):
            start()
        assert not jax.config.read("jax_enable_x64")
        assert jnp.zeros(1).dtype == jnp.float32
    assert evaluate(problem, over, axes).evaluated.all()


def test_the_callers_precision_is_untouched_between_levels():
    problem = network(dtype=np.float64)
    for level in refine(problem, plane(problem), 1.0, max_level=17):
        assert level.loss.dtype == np.float64
        assert not jax.config.read("jax_enable_x64")


def test_too_large_problems_are_refused_with_a_remedy(monkeypatch):
    def heavy(params, data):
        return jnp.mean((jnp.sin(data["x"] @ params) @ params.T) ** 2)

    def problem(examples):
        x = np.random.default_rng(0).normal(size=(examples, 8)).astype(np.float32)
        return Problem.from_loss(heavy, np.ones((8, 16), np.float32), {"x": x})

    monkeypatch.setattr(batching, "batch_size", lambda *_: 2)
    monkeypatch.setattr(batching, "available_memory", lambda device=None: 1e6)
    large = problem(20_000)
    over = span(large.params, jnp.asarray(np.random.default_rng(1).normal(size=(2, 8, 16))))
    axes = ([-1.0, 0, 1], [0.0, 1])
    with pytest.raises(
        ValueError, match=r"one point needs .* use at most ([\d,]+) of the 20,000 examples"
    ) as raised:
        evaluate(large, over, axes)
    fits = int(str(raised.value).split("at most ")[1].split(" of")[0].replace(",", ""))
    assert 1_000 < fits < 20_000
    evaluate(problem(fits), over, axes)
    monkeypatch.setattr(batching, "available_memory", lambda device=None: 10.0)
    bare = Problem.from_loss(jnp.sum, np.ones(3))
    with pytest.raises(ValueError, match="use a model of at most"):
        evaluate(bare, span(bare.params, jnp.eye(3)[:1]), axes[:1])


def test_available_memory_is_what_the_system_tells(tmp_path):
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < memory.available_memory() < physical
    assert memory._container(tmp_path) == np.inf
    for name, text in (("max", "1000"), ("current", "800"), ("stat", "anon 600\ninactive_file 50\n")):
        (tmp_path / f"memory.{name}").write_text(text)
    assert memory._container(tmp_path) == 250
