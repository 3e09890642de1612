"""What sections share: obstacles with their remedies, and their part of the progress."""

from dataclasses import replace

import pytest

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.views.sections.section import (
    curvature_obstacle,
    optimizers_to_add,
    single_loss_obstacle,
    step_progress,
)
from tests.small_recipes import TINY, fitting


def test_progress_of_a_step_is_a_part_of_the_whole():
    reports: list[tuple[float, object, str]] = []
    report = step_progress(
        lambda fraction, partial=None, note="": reports.append((fraction, partial, note)), 0.2, 0.6, "x"
    )
    for fraction in (0.0, 0.5, 1.0):
        report(fraction, "a partial result")
    assert reports == [(pytest.approx(at), None, "x") for at in (0.2, 0.4, 0.6)]


def test_what_has_no_second_derivatives_says_why_and_what_helps():
    assert curvature_obstacle(catalog.complete(TINY), {}) is None
    drawn = catalog.complete(replace(TINY, drawn=Choice("error-rate")))
    obstacle = curvature_obstacle(drawn, {})
    assert obstacle is not None
    assert obstacle.reason.endswith("is piecewise constant, and its second derivatives are 0")
    assert (obstacle.remedy, obstacle.settings) == ("Show the trained objective", {"drawn": "same"})


def test_a_game_has_neither_a_hessian_nor_a_single_loss():
    game = catalog.complete(fitting("minimax-gan"))
    for obstacle, words in (
        (curvature_obstacle, "a game has no Hessian"),
        (single_loss_obstacle, "no single loss"),
    ):
        result = obstacle(game, {})
        assert result is not None
        assert words in result.reason
        assert result.remedy == ""
    assert single_loss_obstacle(catalog.complete(TINY), {}) is None


def test_a_button_adds_optimizers_that_are_not_there():
    recipe = catalog.complete(replace(TINY, optimizers=(Choice("sgd"),)))
    label, settings = optimizers_to_add(recipe, 3)
    names = settings["optimizers"]
    assert (names[0], len(names), len({*names})) == ("sgd", 3, 3)
    assert label.startswith("Add ")
    assert label.count(" and ") == 1
    assert optimizers_to_add(recipe, 2)[1]["optimizers"] == names[:2]
