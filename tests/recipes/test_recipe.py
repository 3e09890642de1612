"""Recipes: to JSON, to a query string and back, and a sentence for whatever cannot be read."""

import json
import re
from dataclasses import FrozenInstanceError, fields, replace
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings

from landscapes import Choice, Recipe
from landscapes.recipes.catalog import complete, from_query, neighbour, to_query
from landscapes.recipes.settings import SETTINGS
from tests.small_recipes import BOWL, TINY, recipes

MANY = settings(deadline=None, derandomize=True, database=None, max_examples=60)


# There and back


@MANY
@given(recipes())
def test_a_recipe_survives_json_and_the_address_bit_for_bit(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_query(recipe.query) == recipe
    assert Recipe.from_query("?" + recipe.query) == recipe
    assert Recipe.from_query(recipe.to_query()) == recipe
    assert hash(Recipe.from_query(recipe.query)) == hash(recipe)


@MANY
@given(recipes())
def test_a_complete_recipe_survives_too_and_so_does_what_its_address_says(recipe):
    complete_recipe = complete(recipe)
    for travelled in (
        Recipe.from_json(complete_recipe.to_json()),
        Recipe.from_query(complete_recipe.query),
        from_query(to_query(complete_recipe)),
    ):
        assert complete(travelled) == complete_recipe


def test_the_first_page_has_an_empty_address():
    assert Recipe().query == ""
    assert Recipe.from_query("") == Recipe.from_query({}) == Recipe()
    assert Recipe.from_json("{}") == Recipe()


def test_an_address_reads_like_what_it_says():
    recipe = replace(
        TINY,
        optimizers=(Choice("sgd"), Choice.of("adam", learning_rate=0.5)),
        weights=(("l2", 0.01),),
        beside=(("split", "test"),),
    )
    assert parse_qs(recipe.query) == {
        "mlp.width": ["3"],
        "mlp.depth": ["1"],
        "data": ["iris"],
        "iris.examples": ["20"],
        "optimizers": ["sgd", "adam"],
        "adam.learning_rate": ["0.5"],
        "weight.l2": ["0.01"],
        "steps": ["6"],
        "tolerance": ["0.1"],
        "eigenvalues": ["2"],
        "beside": ["split:test"],
    }


def test_an_address_says_what_differs_from_its_base():
    """Other weights, fewer and further ones; knobs and optimizers of the base as well."""
    base = replace(TINY, weights=(("l1", 0.5), ("l2", 0.01)), beside=(("split", "test"),), seed=3)
    other = replace(base, weights=(("kl", 0.0), ("l1", 0.25), ("l2", 0.01)), beside=(), seed=0)
    assert other.to_query(base) == {"weight.kl": ["0.0"], "weight.l1": ["0.25"], "beside": [""], "seed": ["0"]}
    assert base.to_query(base) == {}
    read = Recipe.from_query(other.to_query(base), base=base)
    assert read == other


def test_a_recipe_without_optimizers_stays_without():
    recipe = replace(Recipe(), optimizers=())
    assert Recipe.from_query(recipe.query).optimizers == ()
    assert Recipe.from_json(recipe.to_json()).optimizers == ()


def test_the_order_of_the_optimizers_is_kept_and_that_of_knobs_does_not_matter():
    recipe = Recipe.from_query("optimizers=sgd&optimizers=adam")
    assert [choice.name for choice in recipe.optimizers] == ["sgd", "adam"]
    assert Choice.of("mlp", width=3, depth=2) == Choice.of("mlp", depth=2, width=3)
    assert hash(Choice.of("mlp", width=3, depth=2)) == hash(Choice.of("mlp", depth=2, width=3))


def test_recipes_are_keys_and_cannot_change():
    assert len({Recipe(), Recipe(), replace(Recipe(), seed=1)}) == 2
    with pytest.raises(FrozenInstanceError):
        Recipe().seed = 3  # type: ignore[misc]  # what must fail
    assert Choice.of("adam", b1=0.5).settings == {"b1": 0.5}


def test_every_field_is_written_out_in_json():
    assert set(json.loads(Recipe().to_json())) == {spec.name for spec in fields(Recipe)}


def test_keys_that_belong_to_nothing_are_left_alone():
    assert Recipe.from_query("utm_source=mail&lesson=ravine&nobody.knob=3&seed=4") == Recipe(seed=4)


def test_the_last_of_several_values_counts():
    assert Recipe.from_query("seed=1&seed=2&mlp.width=3&mlp.width=4") == Recipe(
        seed=2, model=Choice.of("mlp", width=4)
    )


# What cannot be read


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("steps=many", "steps = 'many' is not a number; give a number such as 0.01"),
        ("steps=", "steps = '' is not a number"),
        ("steps=2.5", "steps = 2.5 is not a whole number; give one such as 200"),
        ("seed=nan", "seed = nan is not a whole number; give one such as 0"),
        ("seed=inf", "seed = inf is not a whole number"),
        ("seed=1e300", "seed = 1e300 is not a whole number"),
        ("weight.l2=much", "l2 = 'much' is not a number"),
        ("weight.l2=true", "l2 = 'True' is not a number"),
        ("beside=test", "beside = 'test' is not a setting; write it as key:value, such as split:test"),
    ],
)
def test_an_address_that_cannot_be_read_gets_its_sentence(query, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        Recipe.from_query(query)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("mlp.name=3", "mlp has no knob 'name'"),
        ("mlp.cls=3", "mlp has no knob 'cls'"),
        ("mlp.width=" + "9" * 400, "mlp: width = '9999999999999999999999999999999999999999' is not a number"),
        ("mlp.width=1e400", "mlp: width = inf is not valid; give a whole number from 1 up to 1024"),
        ("mlp.width=-3", "mlp: width = -3 is out of range; give a whole number from 1 up to 1024"),
        ("mlp.width=3.5", "mlp: width = 3.5 is not valid"),
        ("mlp.width=true", "mlp: width = 'True' is not a number"),
        ("mlp.width=nan", "mlp: width = nan is not valid"),
        ("adam.learning_rate=-1", "adam: learning_rate = -1 is out of range; give a number above 0"),
        ("weight.l2=nan", "weight.l2 = nan is not valid"),
        ("weight.l2=-inf", "weight.l2 = -inf is not valid"),
        ("extent=nan", "extent = nan is not valid; give a number from 0.001 up to 1000"),
        ("extent=-1", "extent = -1.0 is out of range"),
        ("start_x=1e300", "start_x = 1e+300 is out of range"),
        ("optimizers=", "solutions directions need a path; choose at least one optimizer"),
    ],
)
def test_absurd_values_of_an_address_are_refused_when_it_is_completed(query, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        complete(Recipe.from_query(query))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a recipe: Expecting value: line 1 column 1 (char 0); give JSON as the export writes it"),
        ("[]", "not a recipe: list is unknown; it has batch_size"),
        ('{"colour": "red"}', "not a recipe: colour is unknown; it has batch_size"),
        ("[" * 100_000, "not a recipe: "),
        ('{"seed": ' + "9" * 5000 + "}", "not a recipe: "),
        ('{"seed": ' + "9" * 400 + "}", "seed = '9999999999999999999999999999999999999999' is not a number"),
        ('{"seed": NaN}', "seed = nan is not a whole number"),
        ('{"seed": null}', "seed = 'None' is not a number"),
        ('{"seed": true}', "seed = 'True' is not a number"),
        ('{"model": 7}', "model must be a name, or a name with knobs; found 7"),
        ('{"model": {"knobs": {}}}', "model must be a name, or a name with knobs"),
        ('{"model": {"name": "mlp", "knobs": 3}}', "model must be a name, or a name with knobs"),
        ('{"model": {"name": "mlp", "knobs": {"width": [3]}}}', "mlp.width = [3] is no value of a knob"),
        ('{"model": {"name": "mlp", "knobs": {"width": null}}}', "mlp.width = None is no value of a knob"),
        ('{"optimizers": "adam"}', "optimizers must be a list; found 'adam'"),
        ('{"optimizers": [["adam"]]}', "optimizers must be a name, or a name with knobs; found ['adam']"),
        ('{"weights": [1]}', "weights must give each term its weight, as {term: number}; found [1]"),
        ('{"weights": {"l2": "x"}}', "l2 = 'x' is not a number"),
        ('{"beside": 3}', "beside must list [key, value] pairs; found 3"),
        ('{"beside": [["split"]]}', "beside must list [key, value] pairs; found [['split']]"),
    ],
    ids=lambda text: text[:40],
)
def test_json_that_is_no_recipe_gets_its_sentence(text, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        Recipe.from_json(text)


def test_json_takes_names_without_knobs():
    recipe = Recipe.from_json(
        '{"model": "softmax", "optimizers": ["sgd", {"name": "adam", "knobs": {"b1": 0.5}}]}'
    )
    assert recipe.model == Choice("softmax")
    assert recipe.optimizers == (Choice("sgd"), Choice.of("adam", b1=0.5))


# The picture beside it


def test_a_recipe_with_nothing_beside_it_has_no_neighbour():
    assert Recipe().neighbour() is None


@pytest.mark.parametrize(
    ("beside", "change"),
    [
        ((("split", "test"),), {"split": "test"}),
        ((("model", "softmax"),), {"model": Choice("softmax")}),
        ((("mlp.depth", "4"),), {"model": Choice.of("mlp", width=3, depth=4)}),
        ((("model", "mlp"), ("mlp.depth", "2")), {"model": Choice.of("mlp", width=3, depth=2)}),
        ((("optimizers", "adam+lion"),), {"optimizers": (Choice("adam"), Choice("lion"))}),
        ((("optimizers", ""),), {"optimizers": ()}),
        ((("start_x", "1e+16"),), {"start_x": 1e16}),
        ((("weight.l2", "0.5"),), {"weights": (("l2", 0.5),)}),
        ((("seed", "3"), ("extent", "2")), {"seed": 3, "extent": 2.0}),
    ],
    ids=str,
)
def test_the_neighbour_differs_in_what_stands_beside_and_in_nothing_else(beside, change):
    neighbour = replace(TINY, beside=beside).neighbour()
    assert neighbour == replace(TINY, **change)


def test_the_neighbours_setting_must_exist():
    with pytest.raises(ValueError, match="beside names 'colour', which is no setting; it has batch_size, beh"):
        replace(TINY, beside=(("colour", "red"),)).neighbour()
    with pytest.raises(ValueError, match="steps = 'few' is not a number"):
        replace(TINY, beside=(("steps", "few"),)).neighbour()


# A mix is of the sum that is seen


def test_a_mix_keeps_what_differs_from_training_and_is_of_a_sum_only():
    mixed = complete(replace(TINY, weights=(("l2", 0.5),), mix=(("l2", 0.5), ("l1", 0.25))))
    assert mixed.mix == (("l1", 0.25),)
    assert to_query(mixed)["mix.l1"] == ["0.25"]
    assert complete(replace(mixed, term="l2")).mix == ()
    assert complete(replace(BOWL, mix=(("l2", 0.5),))).mix == ()


def test_a_mix_names_terms_of_what_is_drawn():
    with pytest.raises(ValueError, match="cross-entropy has no term 'l3'; it has "):
        complete(replace(TINY, mix=(("l3", 0.5),)))
    with pytest.raises(ValueError, match=r"mix\.l2 = inf"):
        complete(replace(TINY, mix=(("l2", float("inf")),)))


def test_the_neighbour_is_mixed_alike_where_it_has_the_same_terms():
    mixed = complete(replace(TINY, mix=(("l2", 0.5),), beside=(("split", "test"),)))
    same, other = neighbour(mixed), neighbour(replace(mixed, beside=(("drawn", "squared-error"),)))
    assert same is not None
    assert same.mix == mixed.mix
    assert other is not None
    assert other.mix == ()


# Settings and fields are the same list


def test_every_plain_field_has_a_range_and_its_own_default():
    plain = {spec.name: spec.default for spec in fields(Recipe) if isinstance(spec.default, str | int | float)}
    assert {name: knob.default for name, knob in SETTINGS.items()} == plain
    for knob in SETTINGS.values():
        assert knob.check(knob.default) == knob.default
        assert knob.doc
