"""The Dirac-GAN, against its eigenvalues."""

import jax
import numpy as np
import pytest

from landscapes.games.game_jacobian import jacobian
from landscapes.games.step_stability import unit_circle
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.scenes.placement import run_race


def test_stability_of_dirac_gan_is_as_stated():
    recipe = catalog.complete(LESSONS["duel"].recipe)
    second = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert (dict(recipe.weights)["R1"], dict(second.weights)["R1"]) == (0, 1)
    states = {}
    for side, shown in (("left", recipe), ("right", second)):
        problem = catalog.build(shown)
        game_jacobian = jacobian(problem, catalog.optimum(shown, problem))
        tests = {
            choice.name: unit_circle(game_jacobian, choice.name, choice.settings) for choice in shown.optimizers
        }
        states |= {(side, name): test for name, test in tests.items()}
    growth = states["left", "simultaneous"].radius - 1
    assert f"{growth:.1%}".replace("%", " %") in " ".join(LESSONS["duel"].sentences)
    assert states["left", "simultaneous"].state == "diverges"
    assert states["left", "alternating"].state == "undetermined"
    assert states["left", "alternating"].radius == pytest.approx(1, abs=1e-12)
    assert states["right", "simultaneous"].state == states["right", "alternating"].state == "converges"


def test_duel_paths_spiral_out_circle_and_settle():
    recipe = catalog.complete(LESSONS["duel"].recipe)
    second = catalog.complete(catalog.neighbour(recipe) or recipe)
    distances = {}
    for side, shown in (("left", recipe), ("right", second)):
        problem = catalog.build(shown)
        center = np.concatenate([np.ravel(x) for x in jax.tree.leaves(catalog.optimum(shown, problem))])
        for name, run in run_race(shown, problem, None).items():
            leaves = [np.reshape(x, (len(run.steps), -1)) for x in jax.tree.leaves(run.params)]
            distances[side, name] = np.linalg.norm(np.concatenate(leaves, axis=1) - center, axis=1)
    outward = distances["left", "simultaneous"]
    assert np.all(np.diff(outward) > 0)
    circling = distances["left", "alternating"]
    turns = np.split(circling, [len(circling) // 2])  # neither half leaves the ring of the other
    assert turns[0].max() == pytest.approx(turns[1].max(), rel=0.05)
    assert turns[0].min() == pytest.approx(turns[1].min(), rel=0.05)
    for name in ("simultaneous", "alternating"):
        assert distances["right", name][-1] < 0.1 * distances["right", name][0]
