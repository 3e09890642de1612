"""Precision: float64 parameters stay float64, and products are in full precision."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem, Recipe, span
from landscapes.precision import dtype_of, precision
from landscapes.recipes.catalog import build
from tests import problems


def test_float64_is_kept_without_a_global_switch():
    assert not jax.config.values["jax_enable_x64"]
    problem = problems.rosenbrock()
    plane = span(problem.params, jax.tree.map(lambda leaf: np.asarray(leaf)[None] + 1, problem.params))
    results = {
        "loss": problem.loss(problem.params),
        "terms": problem.terms(problem.params),
        "field": problem.field(problem.params),
        "point": plane.point(np.array([0.1])),
        "project": plane.project(problem.params),
        "seen": problem.on(plane).loss(np.array([0.1])),
    }
    for name, result in results.items():
        assert dtype_of(result) == np.float64, name
    assert dtype_of(problems.rosenbrock(np.float32).loss(problems.rosenbrock(np.float32).params)) == np.float32
    assert not jax.config.values["jax_enable_x64"]


def test_float64_is_more_than_a_label():
    """1 + 1e-12 is not 1."""
    problem = Problem.from_loss(lambda p: p - 1, np.float64(1.0))
    plane = span(problem.params, np.ones(1))
    assert 0.9e-12 < float(problem.loss(np.float64(1 + 1e-12))) < 1.1e-12
    assert 0.9e-12 < float(problem.loss(plane.point(np.array([1e-12])))) < 1.1e-12


def test_products_are_in_full_precision_on_every_device():
    """An accelerator would otherwise round the factors to 10 bits: one part in 3,000 of a product, seen on one."""
    problem = build(Recipe())
    highest = (jax.lax.Precision.HIGHEST,) * 2
    for call in (problem.loss, problem.terms, problem.field):
        products = list(_products(jax.make_jaxpr(call)(problem.params).jaxpr))
        assert products
        assert all(eqn.params["precision"] == highest for eqn in products)
    with precision(problem.params):
        (product,) = _products(jax.make_jaxpr(jnp.matmul)(jnp.ones((2, 2)), jnp.ones((2, 2))).jaxpr)
    assert product.params["precision"] == highest


def _products(jaxpr):
    for eqn in jaxpr.eqns:
        for inner in jax.tree.leaves(eqn.params, is_leaf=lambda value: hasattr(value, "jaxpr")):
            if hasattr(inner, "jaxpr"):
                yield from _products(inner.jaxpr)
        if eqn.primitive.name == "dot_general":
            yield eqn
