"""Objectives over other parameters."""

from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial

from landscapes import Problem, span
from landscapes.precision import precision
from landscapes.reparametrization import OnPlane, Reparametrized


def test_an_objective_on_a_plane_is_that_of_the_point():
    problem = Problem.from_loss(lambda p: p[0] ** 2 + 10 * p[1], np.array([1.0, 2.0]))
    plane = span(problem.params, np.array([[0.0, 1.0], [1.0, 0.0]]))
    with precision(problem.params):
        (value,) = OnPlane(problem.objective, plane)(
            jnp.array([0.5, 2.0]), problem.state, problem.data, None
        ).values()
    np.testing.assert_allclose(value, 3.0**2 + 10 * 2.5)


def test_sense_and_players_are_those_of_the_objective():
    def terms(params, state, batch, key):
        return {"value": params + batch}

    game: Any = SimpleNamespace(sense="maximize", players={"first": {"value": 1.0}})
    objective = type("Objective", (), {"__call__": staticmethod(terms), **vars(game)})()
    shifted = Reparametrized(objective, Partial(lambda u: 2 * u))
    assert (shifted.sense, shifted.players) == ("maximize", game.players)
    assert shifted(3.0, None, 1.0, None) == {"value": 7.0}
    assert (OnPlane(objective, None).sense, OnPlane(objective, None).players) == ("maximize", game.players)
