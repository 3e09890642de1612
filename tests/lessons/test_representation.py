"""The lesson on twins: its two starts are on either side of what decides on collapse."""

import numpy as np

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_starts_lie_on_either_side_of_the_limit_of_collapse():
    left = catalog.complete(LESSONS["twins"].recipe)
    right = catalog.complete(catalog.neighbour(left) or left)
    for recipe, collapses in ((left, False), (right, True)):
        p, w = (float(recipe.model.settings[knob]) for knob in ("predictor", "weight"))
        problem = catalog.build(recipe)

        def loss(a, problem=problem):
            encoder, predictor = {"kernel": np.ones((1, 1))}, np.ones((1, 1))
            target = {"encoder": {"kernel": np.full((1, 1), a)}}
            params = {"online": {"encoder": encoder, "predictor": predictor}, "target": target}
            return float(problem.terms(params)["online-loss"])

        # With w = p = 1 the online loss is ½(s − 2ac + a²s), s and c the moments of the two views.
        s = 2 * loss(0.0)
        c = s - loss(1.0)
        assert (p**2 - w**2 > (c / s) ** 2) == collapses
