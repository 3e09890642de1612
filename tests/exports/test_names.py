"""Files and documents are named for what they show."""

from landscapes.exports.names import file_stem, title_of
from landscapes.recipes.recipe import Choice, Recipe


def test_network_is_named_by_objective_model_data_and_directions():
    assert file_stem(Recipe()) == "cross-entropy_mlp_digits_solutions"
    assert title_of(Recipe()) == "cross-entropy, mlp, digits, solutions"
    assert file_stem(Recipe(term="l2")) == "cross-entropy_l2_mlp_digits_solutions"


def test_function_is_named_by_itself():
    assert file_stem(Recipe(objective=Choice("rosenbrock"))) == "rosenbrock"


def test_drawn_objective_names_the_file():
    assert file_stem(Recipe(drawn=Choice("zero-one"))).startswith("zero-one_mlp")


def test_results_without_recipe_are_named_by_their_height():
    assert file_stem(None, "my loss / ρ ≤ 3") == "my-loss-3"
    assert file_stem(None) == "results"
    assert len(file_stem(None, "x" * 500)) == 120
