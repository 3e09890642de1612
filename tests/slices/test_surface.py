"""Surfaces: their grids, their terms, what is not finite and what is not evaluated."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import register_dataclass

from landscapes.plane import span
from landscapes.problem import Problem
from landscapes.slices.refinement import refine
from landscapes.slices.surface import LEVELS, evaluate

X, Y = np.array([-1.0, 0, 2]), np.array([-2.0, -1, 0, 1, 3])


def skewed(p):
    """x² + 10y: no transpose of it is itself."""
    return {"bowl": p[0] ** 2, "slope": 10 * p[1]}


def holed(p):
    """−1 − y, but NaN where x < 0 and −∞ at x = 0."""
    return jnp.where(p[0] > 0, -1 - p[1], jnp.where(p[0] < 0, jnp.nan, -jnp.inf))


def on(problem, dim=2):
    return span(problem.params, jnp.eye(len(problem.params))[:dim])


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def problem(request):
    return Problem.from_loss(skewed, np.zeros(2, request.param))


def test_t14_t16_a_grid_is_neither_transposed_nor_square(problem):
    surface = evaluate(problem, on(problem), (X, Y))
    assert surface.loss.shape == (3, 5)
    np.testing.assert_array_equal(surface.loss, X[:, None] ** 2 + 10 * Y)
    np.testing.assert_array_equal(surface.terms["slope"], 10 * np.broadcast_to(Y, (3, 5)))
    assert surface.loss.dtype == problem.params.dtype
    assert surface.axes[0].dtype == np.float64
    assert surface.evaluated.all()
    assert surface.evaluations == 15 + 15  # as many checks as nodes, up to 64


def test_t14_swapping_the_directions_transposes_the_grid(problem):
    plane = on(problem)
    swapped = replace(plane, basis=plane.basis[::-1])
    np.testing.assert_array_equal(evaluate(problem, plane, (X, Y)).loss, evaluate(problem, swapped, (Y, X)).loss.T)


def test_scaling_a_direction_rescales_its_axis(problem):
    """Planes are orthonormal: a direction c times as long is the same axis, and c shows in `scale` alone."""
    long = span(problem.params, jnp.array([[4.0, 0], [0, 0.5]]))
    np.testing.assert_array_equal(long.scale, [4, 0.5])
    np.testing.assert_array_equal(
        evaluate(problem, long, (X, Y)).loss, evaluate(problem, on(problem), (X, Y)).loss
    )


def test_t15_the_centre_is_the_loss_at_the_origin():
    def loss(p):
        return {"a": jnp.sum(jnp.sin(p["w"] @ p["w"].T)), "b": jnp.sum(p["v"] ** 2)}

    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        params = {"w": rng.normal(size=(3, 4)).astype(dtype), "v": rng.normal(size=5).astype(dtype)}
        problem = Problem.from_loss(loss, params)
        with jax.enable_x64(dtype == np.float64):
            directions = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=(2, *leaf.shape))), params)
            point = problem.terms(problem.params)
        surface = next(iter(refine(problem, span(params, directions), 0.7)))
        middle = tuple(len(axis) // 2 for axis in surface.axes)
        assert [axis[i] for axis, i in zip(surface.axes, middle, strict=True)] == [0, 0]
        for name, grid in surface.terms.items():
            np.testing.assert_allclose(grid[middle], point[name], rtol=1e-6)


def test_a_line_has_one_axis(problem):
    surface = evaluate(problem, on(problem, 1), (X,))
    np.testing.assert_array_equal(surface.loss, X**2)
    assert surface.resampled(5).loss.shape == (5,)


def test_t30_what_is_not_finite_is_kept_and_counted_and_changes_nothing_elsewhere(problem):
    problem = replace(Problem.from_loss(holed, problem.params))
    surface = evaluate(problem, on(problem), (X, Y))
    assert np.isnan(surface.loss[0]).all()
    assert np.all(surface.loss[1] == -np.inf)
    np.testing.assert_array_equal(surface.loss[2], -1 - Y)
    assert surface.nonfinite == 10
    assert surface.evaluated.all()
    assert surface.sense == "minimize"


def test_t31_no_value_means_not_evaluated(problem):
    """NaN, zero, negative and infinite values are all results; only `evaluated` says what is still to come."""
    problem = Problem.from_loss(holed, problem.params)
    wide = (np.linspace(-1, 1, 100), np.linspace(-3, 2, 100))
    observed_values = []
    full = evaluate(
        problem, on(problem), wide, progress=lambda fraction, partial: observed_values.append((fraction, partial))
    )
    assert observed_values[-1][0] == 1
    assert all(a < b for (a, _), (b, _) in pairwise(observed_values))
    assert len(observed_values) > 1
    for fraction, partial_ in observed_values:
        done = partial_.evaluated
        np.testing.assert_array_equal(partial_.loss[done], full.loss[done])
        assert np.isnan(partial_.loss[~done]).all()
        assert partial_.nonfinite == np.count_nonzero(~np.isfinite(full.loss[done]))
        assert partial_.evaluations == round(fraction * full.evaluations)
        assert partial_.error == np.inf


def test_a_resampled_surface_keeps_its_holes_and_what_is_to_come(problem):
    problem = Problem.from_loss(holed, problem.params)
    surface = evaluate(problem, on(problem), (np.linspace(-1, 1, 9), Y))
    shown = surface.resampled(33)
    np.testing.assert_array_equal(np.isnan(shown.loss[:, 0]), shown.axes[0] < 0.25)
    np.testing.assert_allclose(shown.loss[-1], -1 - shown.axes[1], rtol=1e-6)
    assert shown.evaluated.all()
    assert (shown.evaluations, shown.errors) == (surface.evaluations, surface.errors)
    missing = surface.evaluated.copy()
    missing[-1, -1] = False
    assert not replace(surface, evaluated=missing).resampled(33).evaluated[-2:, -2:].any()


def test_weights_mix_the_terms_and_their_errors_afterwards(problem):
    surface = evaluate(problem, on(problem), (X, Y))
    surface = replace(surface, errors={"bowl": 0.5, "slope": 0.25})
    mixed = surface.reweighted({"slope": -2.0})
    np.testing.assert_array_equal(mixed.loss, X[:, None] ** 2 - 20 * Y)
    assert mixed.error == 0.5 + 2 * 0.25
    assert mixed.terms is surface.terms
    lost = replace(surface, terms={**surface.terms, "bowl": np.full((3, 5), np.nan)})
    np.testing.assert_array_equal(lost.reweighted({"bowl": 0.0}).terms["slope"], surface.terms["slope"])
    assert np.isfinite(lost.reweighted({"bowl": 0.0}).loss).all()


def test_results_are_read_only(problem):
    axis = X.copy()
    surface = evaluate(problem, on(problem), (axis, Y))
    axis[0] = 7
    assert surface.axes[0][0] == -1
    for array in (*surface.axes, *surface.terms.values(), surface.evaluated, surface.loss):
        assert not array.flags.writeable


@partial(register_dataclass, data_fields=[], meta_fields=["players", "sense"])
@dataclass(frozen=True)
class Reward:
    players: tuple | None = None
    sense: str = "maximize"

    def __call__(self, params, state, batch, key):
        noise = jax.random.normal(key, ())
        return {"return": -jnp.sum(params**2) + noise, "count": jnp.sum(params > 0)}


def rewarding(**kind):
    return Problem(jnp.zeros(2), None, jax.random.key(3), None, {"return": 1.0}, Reward(**kind))


def test_t28_t29_randomness_is_the_same_at_every_point():
    """Common random numbers: noise shifts a surface and never roughens it."""
    problem = rewarding()
    surface = evaluate(problem, on(problem), (X, Y))
    shift = surface.loss + X[:, None] ** 2 + Y**2
    np.testing.assert_allclose(shift, shift[0, 0], atol=1e-5)
    assert shift[0, 0] != 0
    np.testing.assert_array_equal(surface.loss, evaluate(problem, on(problem), (X, Y)).loss)


def test_the_sense_and_whole_numbers_are_carried():
    surface = evaluate(rewarding(), on(rewarding()), (X, Y))
    assert surface.sense == "maximize"
    np.testing.assert_array_equal(surface.terms["count"], (X[:, None] > 0) * 1.0 + (Y > 0))


def test_a_game_has_terms_and_no_loss():
    problem = rewarding(players=(("a", ()), ("b", ())))
    surface = evaluate(problem, on(problem), (X, Y))
    assert set(surface.terms) == {"return", "count"}
    for ask in (lambda: surface.loss, lambda: surface.error):
        with pytest.raises(ValueError, match="a game has no single loss to draw; choose one of the terms"):
            ask()


def test_t17_half_precision_is_refused(problem):
    half = Problem.from_loss(skewed, jnp.zeros(2, jnp.bfloat16))
    with pytest.raises(ValueError, match="cast the parameters to float32"):
        evaluate(half, on(half), (X, Y))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda p, plane: evaluate(p, plane, (X,)), "give one array for each"),
        (lambda p, plane: evaluate(p, plane, (X, Y[::-1])), "must increase"),
        (lambda p, plane: evaluate(p, plane, (np.arange(1000.0), np.arange(1000.0))), "at most 512 × 512"),
        (lambda p, plane: refine(p, plane, 0.0), "half-width above 0"),
        (lambda p, plane: refine(p, plane, ((0.0, 1.0),)), "for each"),
        (lambda p, plane: refine(p, plane, 1.0, tolerance=0.0), "positive number"),
        (lambda p, plane: refine(p, plane, 1.0, tolerance=float("nan")), "positive number"),
        (lambda p, plane: refine(p, plane, 1.0, max_level=50), "choose one of 9, 17"),
        (lambda p, plane: evaluate(p, plane, (X, Y)).resampled(1), "at least 2"),
        (lambda p, plane: evaluate(p, plane, (X, Y)).resampled(1000), "at most 512 × 512"),
        (lambda p, plane: evaluate(p, plane, (X, Y)).reweighted({"bowels": 1.0}), "the terms are: bowl, slope"),
        (lambda p, plane: evaluate(p, plane, (X, Y)).reweighted({"bowl": float("nan")}), "finite number"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(problem, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(problem, on(problem))


def test_levels_are_nested():
    assert all(fine == 2 * coarse - 1 for coarse, fine in pairwise(LEVELS))
