"""The recipes that the pages open with."""

from landscapes.lessons import LESSONS
from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.views.opening_recipes import opening_recipes


def test_every_page_lesson_function_and_objective_is_there_once():
    result = opening_recipes()
    assert len(set(result.values())) == len(result)
    for name in (*catalog.ALL_FUNCTIONS, *OBJECTIVES):
        opening = catalog.computed(catalog.repair(catalog.opening_of(name))[0])
        assert opening in result.values()
    for lesson in LESSONS.values():
        assert catalog.computed(catalog.complete(lesson.recipe)) in result.values()
