"""Checks of the parts of a recipe, with what takes the place of a wrong part."""

import pytest

from landscapes import Choice
from landscapes.objectives import OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.recipes import catalog
from landscapes.recipes.catalog import fitting


@pytest.mark.parametrize(("term", "side"), [(1.0, "above"), (-1.0, "below")])
def test_a_weight_of_a_fixed_sign_is_asked_for_on_its_side(monkeypatch, term, side):
    objective, name = next(
        (objective, name)
        for objective, entry in OBJECTIVES.items()
        for name, sign in entry.signs.items()
        if sign == term
    )
    faults: list[str] = []
    wrong, data = -2 * term, catalog.datasets_for(objective)[0]
    result = dict(fitting.term_weights(((name, wrong),), objective, data, faults))
    assert faults == [f"weight.{name} = {wrong:g} is on the wrong side of 0; give a number {side} 0"]
    assert result[name] == OBJECTIVES[objective].weights[name]


def test_weights_stay_in_the_order_of_their_objective():
    faults: list[str] = []
    result = fitting.term_weights((("l2", 0.5), ("l1", 0.25)), "cross-entropy", "digits", faults)
    assert [term for term, _ in result] == list(OBJECTIVES["cross-entropy"].weights)
    assert (dict(result)["l2"], dict(result)["l1"], faults) == (0.5, 0.25, [])
    fitting.term_weights((("l3", 0.5), ("l2", float("inf"))), "cross-entropy", "digits", faults)
    assert len(faults) == 2
    assert "cross-entropy has no term 'l3'" in faults[0] + faults[1]


def test_a_wrong_name_gives_way_and_a_right_one_keeps_its_knobs():
    faults: list[str] = []
    otherwise = Choice("sgd")
    assert fitting.registered("optimizer", OPTIMIZERS, Choice("adm"), otherwise, faults).name == "sgd"
    assert faults == ["there is no optimizer named 'adm'; did you mean adam?"]
    result = fitting.registered("optimizer", OPTIMIZERS, Choice.of("adam", b1=0.5), otherwise, [])
    assert (result.name, result.settings["b1"]) == ("adam", 0.5)
    assert "learning_rate" in result.settings
    known = OPTIMIZERS | {"same": None}
    assert fitting.registered("objective", known, fitting.SAME, otherwise, []) == fitting.SAME


def test_directions_of_a_game_need_a_game():
    assert fitting.directions_mismatch("cross-entropy", "gaussian") == ""
    reason = fitting.directions_mismatch("cross-entropy", "players")
    assert reason.startswith("players directions are those of a game, and cross-entropy is none; choose ")
