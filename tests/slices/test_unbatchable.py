"""A loss that JAX cannot batch is evaluated one point at a time, with the numbers of one that it can."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.extend.core import Primitive
from jax.interpreters import ad, mlir

from landscapes import Problem, evaluate, refine, span, spectrum
from landscapes.curvature.critical_point_search import critical_points
from landscapes.optimization.multistart import race_from

START = np.array([0.3, -0.2, 0.5], np.float32)
PLANE = span(START, np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -2.0]], np.float32))
AXES = (np.linspace(-1, 1, 5), np.linspace(-0.5, 2, 4))

copy = Primitive("copy_without_batching_rule")
copy.def_impl(lambda x: x)
copy.def_abstract_eval(lambda x: x)
mlir.register_lowering(copy, mlir.lower_fun(lambda x: x, multiple_results=False))
ad.deflinear2(copy, lambda ct, x: [copy.bind(ct)])


def bumps(p):
    return jnp.cos(p[0]) + 2 * jnp.sin(p[1] * p[2]) + p[1] ** 2 + 0.1 * jnp.sum(p**4)


def unbatchable(p):
    return bumps(copy.bind(p))


def simulated(p):
    return jax.pure_callback(lambda p: np.float32(bumps(np.asarray(p))), jax.ShapeDtypeStruct((), p.dtype), p)


PLAIN, OWN, CALLED = (Problem.from_loss(loss, START) for loss in (bumps, unbatchable, simulated))


def test_jax_cannot_batch_these_losses():
    for loss in (unbatchable, simulated):
        with pytest.raises(NotImplementedError):
            jax.vmap(loss)(jnp.stack([START, START]))


@pytest.mark.parametrize("problem", [OWN, CALLED], ids=["primitive", "callback"])
def test_surface_without_batching_rule_has_the_same_values(problem):
    expected = evaluate(PLAIN, PLANE, AXES)
    result = evaluate(problem, PLANE, AXES)
    np.testing.assert_allclose(result.loss, expected.loss, rtol=1e-5, atol=1e-5)
    assert result.evaluations == expected.evaluations
    assert next(refine(problem, PLANE, 1.0)).loss.shape == (9, 9)


def test_curvature_and_many_starts_need_no_batching_rule():
    expected, result = (spectrum(problem, 0) for problem in (PLAIN, OWN))
    np.testing.assert_allclose(result.eigenvalues, expected.eigenvalues, atol=1e-5)
    starts = np.array([[0.1, 0.2, 0.3], [1.0, -1.0, 0.5], [2.0, 0.0, -1.0]], np.float32)
    ends = [race_from(problem, {"a": optax.sgd(0.1)}, starts, 5)["a"].loss for problem in (PLAIN, OWN)]
    np.testing.assert_allclose(ends[1], ends[0], rtol=1e-5)
    points = [critical_points(problem, 0.8, key=0, starts=16).points for problem in (PLAIN, OWN)]
    np.testing.assert_allclose(points[1], points[0], atol=1e-6)
    assert len(points[0])
