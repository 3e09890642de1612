"""Every lesson: its texts, its recipe and its addresses."""

import pytest

from landscapes import Recipe
from landscapes.lessons import LESSONS
from landscapes.objectives import FUNCTIONS, OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.recipes import catalog


@pytest.mark.parametrize("name", LESSONS)
def test_recipe_and_its_neighbour_complete(name):
    recipe = LESSONS[name].recipe
    complete = catalog.complete(recipe)
    assert catalog.complete(catalog.from_query(catalog.to_query(complete))) == complete
    # That of a complete recipe with another objective leaves out the weights of terms, which it may not have.
    for neighbour in (recipe.neighbour(), catalog.neighbour(complete)):
        assert (neighbour is None) == (not recipe.beside)
        if neighbour is not None:
            assert catalog.complete(neighbour) != complete
            assert neighbour.beside == ()


@pytest.mark.parametrize("name", LESSONS)
def test_recipe_survives_query_and_json(name):
    recipe = LESSONS[name].recipe
    assert Recipe.from_query(recipe.query) == recipe
    assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_has_title_three_sentences_and_question(name):
    lesson = LESSONS[name]
    assert name.replace("-", "").isalnum()  # the name is part of the permalink
    assert len(lesson.sentences) == 3
    assert all(sentence.endswith(".") for sentence in lesson.sentences)
    assert lesson.question.endswith("?")
    assert not lesson.title.endswith(".")


def test_lessons_differ():
    recipes = [catalog.complete(lesson.recipe) for lesson in LESSONS.values()]
    assert len(set(recipes)) == len(recipes)
    assert len({lesson.title for lesson in LESSONS.values()}) == len(LESSONS)


def test_optimizers_exist_and_starts_lie_in_boxes():
    for lesson in LESSONS.values():
        assert all(choice.name in OPTIMIZERS for choice in lesson.recipe.optimizers)
        if lesson.recipe.objective.name in FUNCTIONS:
            (x_low, x_high), (y_low, y_high) = FUNCTIONS[lesson.recipe.objective.name].box
            assert x_low <= lesson.recipe.start_x <= x_high
            assert y_low <= lesson.recipe.start_y <= y_high


def test_every_objective_is_met_in_a_lesson_or_a_change_of_one():
    met = set()
    for lesson in LESSONS.values():
        for left in (lesson.recipe, *map(lesson.varied, lesson.next)):
            for recipe in (left, left.neighbour() or left):
                met |= {recipe.objective.name, recipe.drawn.name}
    assert set(OBJECTIVES) - met == {"own-loss"}  # the one that a viewer writes
