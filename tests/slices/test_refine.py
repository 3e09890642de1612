"""Refinement: where it stops, what it costs, and whether its errors are true."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.evaluation.batching import points_program
from landscapes.plane import span
from landscapes.problem import Problem
from landscapes.recipes.catalog import build
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.slices.spline import at_points
from landscapes.slices.surface import evaluate, refine
from objectives import FUNCTIONS


def over(problem, dim=2):
    with jax.enable_x64(problem.params.dtype == jnp.float64):
        return span(problem.params, jnp.eye(len(problem.params))[:dim])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dim", [1, 2])
def test_levels_are_the_grids_evaluated_at_once(dtype, dim):
    def loss(p):
        return {"wave": jnp.sin(3 * p[0]) * jnp.cos(p[1]), "bowl": p[0] ** 2 + 10 * p[1]}

    problem = Problem.from_loss(loss, np.zeros(2, dtype))
    count = 0
    for level in refine(problem, over(problem, dim), ((-1, 2), (-3, 1))[:dim], tolerance=1e-5):
        whole = evaluate(problem, over(problem, dim), level.axes)
        for name, grid in level.terms.items():
            np.testing.assert_allclose(grid, whole.terms[name], rtol=0, atol=4 * np.finfo(dtype).eps)
        assert level.evaluated.all()
        assert level.evaluations == level.loss.size + 64
        assert level.errors == pytest.approx(whole.errors, rel=1e-4, abs=1e-6)
        count += 1
    assert count > 2


def test_no_point_is_evaluated_twice(monkeypatch):
    """The nodes of all levels and the checks, each once."""
    asked = []

    def watched(problem, plane):
        run = points_program(problem, plane)
        return lambda points: asked.extend(map(tuple, points)) or run(points)

    monkeypatch.setattr("landscapes.slices.surface.points_program", watched)
    problem = Problem.from_loss(lambda p: jnp.sin(5 * p[0]) + p[1], np.zeros(2))
    *_, last = refine(problem, over(problem), 1.0, max_level=33)
    assert len(asked) == len(set(asked)) == last.evaluations == 33**2 + 64


def test_a_surface_of_one_bend_stops_at_once_and_one_of_many_does_not():
    bowl = Problem.from_loss(lambda p: p[0] ** 2 - p[1] ** 2, np.zeros(2))
    assert [len(s.axes[0]) for s in refine(bowl, over(bowl), 3.0)] == [9]
    flat = Problem.from_loss(lambda p: 0 * p[0] + 7, np.zeros(2))
    assert [len(s.axes[0]) for s in refine(flat, over(flat), 3.0)] == [9]


def test_a_periodic_function_does_not_fool_nested_grids():
    """Rastrigin at ±8 is a paraboloid on every node of 9² and 17²."""
    problem = Problem.from_loss(FUNCTIONS["rastrigin"].f, np.zeros(2))
    levels = list(refine(problem, over(problem), 8.0))
    for level in levels[:2]:
        assert level.error > 0.2 * np.ptp(level.loss)
    assert len(levels[-1].axes[0]) > 65


def test_a_hole_is_refined_around_and_not_for_ever():
    def loss(p):
        return jnp.where(p[0] > 0.5, jnp.nan, jnp.sin(2 * p[0]) + p[1] ** 2)

    problem = Problem.from_loss(loss, np.zeros(2))
    *_, last = refine(problem, over(problem), 1.0)
    assert len(last.axes[0]) <= 33
    assert last.nonfinite == np.count_nonzero(last.axes[0] > 0.5) * len(last.axes[1])
    nothing = Problem.from_loss(lambda p: jnp.nan * p[0], np.zeros(2))
    (only,) = refine(nothing, over(nothing), 1.0)
    assert (only.nonfinite, only.error) == (81, np.inf)


@pytest.mark.parametrize(("dtype", "largest"), [(np.float32, 88.0), (np.float64, 709.0)])
def test_an_overflow_is_a_hole_and_no_warning(dtype, largest):
    """eˣ up to the last number that it fits in, and past it: the spline may overshoot, and nothing complains."""
    problem = Problem.from_loss(lambda p: jnp.exp(p[0]) - jnp.exp(p[0] + p[1]), np.zeros(2, dtype))
    *_, last = refine(problem, over(problem), ((-1.0, 1.1 * largest), (-1.0, 1.0)), max_level=33)
    assert last.nonfinite > 0
    past = last.axes[0] > largest + 2
    assert past.any()
    assert not np.isfinite(last.loss[past]).any()
    assert np.isfinite(last.loss[last.axes[0] < largest - 2]).all()
    assert last.error > 0
    assert last.resampled(50).loss.shape == (50, 50)


def network(model, **knobs):
    problem = build(Recipe(model=Choice.of(model, **knobs), data=Choice.of("digits")))
    rng = np.random.default_rng(0)
    directions = jax.tree.map(
        lambda leaf: jnp.asarray(rng.normal(size=(2, *leaf.shape)), leaf.dtype), problem.params
    )
    scaled = jax.tree.map(lambda d, leaf: d * (jnp.std(leaf) + 1e-3), directions, problem.params)
    return problem, span(problem.params, scaled)


def surfaces():
    """(name, problem, plane, extent): every test function over its usual box, and networks on digits."""
    for name, function in FUNCTIONS.items():
        box = np.array(function.box)
        problem = Problem.from_loss(function.f, box.mean(axis=1))
        yield name, problem, over(problem), tuple(map(tuple, (box.T - box.mean(axis=1)).T.tolist()))
    for label, model, knobs in (
        ("digits relu", "mlp", {"activation": "relu"}),
        ("digits tanh", "mlp", {"activation": "tanh"}),
        ("digits softmax", "softmax", {}),
    ):
        problem, plane = network(model, **knobs)
        yield label, problem, plane, [(-float(s), float(s)) for s in plane.scale]


def test_the_estimate_bounds_the_error_and_is_not_far_above_it():
    """At 1,000 uniform points: bounds 95 % of the surfaces, and its median is at most 20 times the truth."""
    rng = np.random.default_rng(0)
    figures = {}
    for name, problem, plane, extent in surfaces():
        *_, last = refine(problem, plane, extent, max_level=129)
        points = np.stack([rng.uniform(low, high, 1000) for low, high in extent], axis=1)
        pieces = [values for _, values in points_program(problem, plane)(points)]
        for term, grid in last.terms.items():
            true = np.abs(
                at_points(last.axes, grid, points) - np.concatenate([piece[term] for piece in pieces])
            ).max()
            figures[f"{name} {term}"] = (len(last.axes[0]), last.errors[term], true, np.ptp(grid))
    ratios = np.array([estimate / true for _, estimate, true, _ in figures.values()])
    told = "\n".join(f"{n:32s} {c:4d} {e / r:.1e} {t / r:.1e}" for n, (c, e, t, r) in figures.items())
    told += f"\nbounded {np.mean(ratios >= 1):.1%} of {len(ratios)}, median ratio {np.median(ratios):.1f}"
    print(told)
    assert np.mean(ratios >= 1) >= 0.95, told
    assert np.median(ratios) <= 20, told
