"""The compared networks."""

from functools import partial

import jax
from flax import nnx

from landscapes import Choice, Recipe
from landscapes.lessons import LESSONS
from landscapes.models import MODELS
from landscapes.recipes import catalog


def test_skips_compares_networks_of_equal_size():
    recipe = LESSONS["skips"].recipe
    left, right = (catalog.complete(one or recipe).model for one in (recipe, recipe.neighbour()))
    assert (left.settings["residual"], right.settings["residual"]) == (True, False)
    assert left.settings["depth"] == right.settings["depth"] == 12
    sizes = [jax.eval_shape(partial(parameters, choice)) for choice in (left, right)]
    assert sizes[0] == sizes[1]


def parameters(choice):
    return nnx.to_pure_dict(nnx.state(MODELS[choice.name].build((64,), 10, nnx.Rngs(0), **choice.settings)))


def test_convex_compares_softmax_regression_and_mlp():
    recipe = LESSONS["convex"].recipe
    neighbour = catalog.complete(recipe.neighbour() or recipe)
    assert (recipe.model.name, neighbour.model.name) == ("softmax", "mlp")
    assert neighbour.data == catalog.complete(recipe).data == catalog.complete(Recipe(data=Choice("digits"))).data
    assert neighbour.objective.name == "cross-entropy"
