"""Plausible mistakes at figures, recipes, scenes and exports are answered by one sentence."""

# Types are wrong on purpose.
# pyright: reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

import pytest

import landscapes
from landscapes import Choice, Recipe, descend, figures, refine
from landscapes.exports import EXPORTS, Bundle
from landscapes.recipes import catalog
from landscapes.scenes import caption, compute_scene
from tests.figures.scenes import asymmetric, curve, path
from tests.test_arguments import PLANE, P

MISTAKES = {
    "figure of refine()": (
        lambda: figures.surface(refine(P, PLANE, 1.0)),
        "surface = a generator is not valid; give a Surface, such as the last one of refine",
    ),
    "figure's paths as a list": (
        lambda: figures.contour(asymmetric(), [path()]),
        "paths = a list is not valid; give a mapping by label, such as {'name': …} of Projection",
    ),
    "figure of trajectories": (
        lambda: figures.surface(asymmetric(), {"adam": descend(P, "sgd", 1)}),
        "paths = a dict is not valid; give by label a Projection, as project_path",
    ),
    "one label": (lambda: figures.surface(asymmetric(), labels=["x"]), "does not name two axes; give two texts"),
    "theme": (lambda: figures.line(curve(), theme="blue"), "theme = 'blue' is neither 'light' nor 'dark'"),
    "viewpoint": (
        lambda: figures.surface(asymmetric(), viewpoint=99),
        "viewpoint = 99 is not valid; give a whole number from 0",
    ),
    "bound": (lambda: figures.contour(asymmetric(), bounds="zz"), "there is no term 'zz'; the terms are"),
    "minimum": (lambda: figures.surface(asymmetric(), minima=[(1.0,)]), "is no point of this picture; give 2"),
    "bound of a history": (
        lambda: figures.history({"a": descend(P, "sgd", 1)}, bounds="zz"),
        "there is no term 'zz'; the terms are: fit, size",
    ),
    "sense of a history": (
        lambda: figures.history({}, sense="up"),
        "sense = 'up' is not valid; give 'minimize' or 'maximize'",
    ),
    "labels to style": (lambda: figures.styles(3), "labels = 3 is not valid; give a list"),
    "theme of a template": (lambda: figures.template("blue"), "'blue' is neither 'light' nor 'dark'"),
    "history of one path": (lambda: figures.history(descend(P, "sgd", 1)), "give a mapping by label"),
    "recipe": (lambda: catalog.complete({"steps": 3}), "recipe = a dict is not valid; give a Recipe, such as"),
    "recipe to build": (lambda: catalog.build(None), "recipe = None is not valid; give a Recipe"),
    "name for a choice": (
        lambda: Recipe(objective="ridge"),
        "objective = 'ridge' is not valid; give a Choice, such",
    ),
    "names for choices": (
        lambda: Recipe(optimizers="adam"),
        "optimizers = 'adam' is not valid; give a list of Choice",
    ),
    "choice for choices": (lambda: Recipe(optimizers=Choice("adam")), "give a list of Choice"),
    "names among choices": (
        lambda: Recipe(optimizers=("adam",)),
        "optimizers = a tuple is not valid; give in a list a",
    ),
    "nameless choice": (lambda: Choice(None), "name = None is not valid; give text"),
    "JSON of a recipe": (lambda: Recipe.from_json(None), "text = None is not valid; give text"),
    "address": (lambda: Recipe.from_query(None), "query = None is not valid; give text or a mapping by label"),
    "scene": (lambda: compute_scene(None), "recipe = None is not valid; give a Recipe"),
    "caption": (lambda: caption(asymmetric()), "scene = a Surface is not valid; give a Scene, as compute_scene"),
    "export": (lambda: EXPORTS["csv"].encode(None), "bundle = None is not valid; give a Bundle, such as"),
    "bundle": (lambda: Bundle.from_scene(None), "scene = None is not valid; give a Scene"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_answered_by_one_sentence(name):
    call, sentence = MISTAKES[name]
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_figures_are_no_modules_of_the_top():
    """`from landscapes import surface` once gave a module, which nobody can call."""
    for name in figures.__all__:
        assert name == "Scale" or not hasattr(landscapes, name) or callable(getattr(landscapes, name))
