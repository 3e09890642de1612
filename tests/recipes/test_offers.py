"""What fits together."""

import pytest

from landscapes import Choice, Recipe
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes.catalog import offers


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_data_models_and_objectives_offer_each_other(objective):
    data = offers.datasets_for(objective)
    assert data
    for name in data:
        models = offers.models_for(name, objective)
        assert models
        for model in models:
            assert objective in offers.objectives_for(name, model)
            assert DATASETS[name].inputs in MODELS[model].inputs


def test_other_objectives_of_the_same_outputs_can_be_drawn():
    result = offers.drawable_objectives("cross-entropy", Choice("moons"), "mlp")
    assert {"hinge", "error-rate", "dropout"} <= {*result}
    assert "cross-entropy" not in result
    assert not [name for name in result if OBJECTIVES[name].players]


def test_a_game_is_drawn_for_each_player():
    game = next(name for name in OBJECTIVES if offers.is_game(name))
    players = offers.players(Recipe(objective=Choice(game)))
    assert offers.heights(game, "none")[: len(players)] == list(players)
    assert "" not in offers.heights(game, "none")
    assert offers.heights("cross-entropy", "digits") == ["", *OBJECTIVES["cross-entropy"].weights]
    assert offers.players(Recipe()) == ()
    assert offers.directions_for(game)[0] == "players"
    assert "players" not in offers.directions_for("cross-entropy")
    assert not {"hessian"} & {*offers.directions_for(game)}


def test_knobs_are_found_by_name_in_every_registry():
    assert next(iter(offers.knobs_of("adam"))) == "learning_rate"
    assert "width" in offers.knobs_of("mlp")
    assert offers.knobs_of("nothing of this name") == {}
