"""The Dirac-GAN, against its eigenvalues."""

import pytest

from landscapes.games.jacobian import jacobian
from landscapes.games.step_stability import unit_circle
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_stability_of_dirac_gan_is_as_stated():
    recipe = catalog.complete(LESSONS["duel"].recipe)
    beside = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert (dict(recipe.weights)["R1"], dict(beside.weights)["R1"]) == (0, 1)
    states = {}
    for side, shown in (("left", recipe), ("right", beside)):
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
