"""The catalog: recipes completed, checked and built, over everything that is registered."""

import re
from dataclasses import replace

import jax
import numpy as np
import pytest
from hypothesis import given, settings

from landscapes import Choice, Recipe
from landscapes.directions import DIRECTIONS
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, FUNCTIONS, OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.schedules import SCHEDULES
from landscapes.recipes import catalog
from landscapes.recipes.catalog import build, complete, from_query, to_query
from tests.small_recipes import BOWL, TINY, fitting, recipes, turning


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


def refused(recipe, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        complete(recipe)


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(recipes())
def test_completing_is_idempotent_and_an_address_loses_nothing(recipe):
    complete_recipe = complete(recipe)
    assert complete(complete_recipe) == complete_recipe
    assert complete(from_query(to_query(complete_recipe))) == complete_recipe


# All that descend a loss.
MOVERS = tuple(map(Choice, catalog.optimizers_for("bowl")))


def entries():
    """A recipe around every entry of every registry."""
    for name, dataset in DATASETS.items():
        objective = catalog.trainable_objectives(catalog.objectives_for(name))[0]
        yield name, fitting(objective, data=name)
        assert dataset.title
    for name, entry in MODELS.items():
        data, objective = next(
            (key, served)
            for key, d in DATASETS.items()
            if d.inputs in entry.inputs and d.targets in entry.targets
            for served in catalog.trainable_objectives(catalog.objectives_for(key, name))
        )
        yield name, fitting(objective, data=data, model=name)
    for name in catalog.trainable_objectives(OBJECTIVES):
        yield name, fitting(name)
    for name in FUNCTIONS:
        yield name, replace(BOWL, objective=Choice(name), optimizers=MOVERS)
    for name in OPTIMIZERS:
        yield name, replace(turning(name), optimizers=(Choice(name),))
    for name in SCHEDULES:
        yield name, replace(TINY, schedule=Choice(name))
    for name in DIRECTIONS:
        yield name, replace(turning(name), directions=Choice(name))


ENTRIES = dict(entries())


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_completes_and_says_nothing_that_goes_without_saying(name):
    recipe = ENTRIES[name]
    complete_recipe = complete(recipe)
    assert complete(complete_recipe) == complete_recipe
    assert complete(from_query(to_query(complete_recipe))) == complete_recipe
    named_owners = {key.partition(".")[0] for key in to_query(complete_recipe) if "." in key}
    owners = (recipe.objective, recipe.model, recipe.data, *recipe.optimizers)
    # What the objective opens with goes without saying too, so that anything else is said.
    opening = {} if catalog.is_function(complete_recipe) else catalog.drawn_entry(complete_recipe).opening.settings
    assert named_owners <= {choice.name for choice in owners if choice.knobs} | {
        key.partition(".")[0] for key in opening
    }
    assert catalog.formula(complete_recipe)


def test_every_knob_is_written_out_in_its_own_type():
    objective, seven = Choice.of("cross-entropy", label_smoothing=0), 7.0
    # An integral float is welcome.
    complete_recipe = complete(replace(TINY, objective=objective, extent=2, steps=seven))  # type: ignore[arg-type]
    assert complete_recipe.objective == Choice.of("cross-entropy", label_smoothing=0.0)
    assert type(complete_recipe.objective.settings["label_smoothing"]) is float
    assert type(complete_recipe.extent) is float
    assert type(complete_recipe.steps) is int
    assert set(complete_recipe.model.settings) == set(catalog.knobs_of("mlp"))
    assert dict(complete_recipe.weights) == {"cross-entropy": 1.0, "l1": 0.0, "l2": 0.0}


def test_equal_pictures_are_equal_recipes():
    baseline = Choice.of("momentum", learning_rate=0.1, beta=0.9)
    assert complete(TINY) == complete(replace(TINY, optimizers=(Choice("sgd"), baseline), weights=(("l2", 0.0),)))
    without = replace(TINY, optimizers=(), directions=Choice("gaussian"))
    assert complete(replace(without, center="trained")) == complete(replace(without, center="initial"))


def test_a_test_function_ignores_what_it_has_no_use_for():
    complete_recipe = complete(BOWL)
    other = replace(BOWL, model=Choice("resnet"), data=Choice("wine"), precision="float32", batch_size=7,
                    split="test", directions=Choice("hessian"), weights=(("l2", 3.0),), space="full")  # fmt: skip
    assert complete(other) == complete_recipe
    assert complete_recipe.precision == "float64"
    assert catalog.is_function(complete_recipe)
    assert not catalog.is_function(TINY)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_on_a_test_function_learning_rates_fit_its_scale(name):
    complete_recipe = complete(replace(BOWL, objective=Choice(name), optimizers=MOVERS))
    rates = {choice.name: choice.settings["learning_rate"] for choice in complete_recipe.optimizers}
    low, high = FUNCTIONS[name].box[0]
    assert all(0 < float(rate) <= max(10, 0.05 * (high - low)) for rate in rates.values())
    assert rates["lbfgs"] == 1
    recipe = replace(BOWL, objective=Choice(name), optimizers=(Choice.of("adam", learning_rate=0.77),))
    assert complete(recipe).optimizers[0].settings["learning_rate"] == 0.77


def test_rate_on_a_test_function_is_that_of_its_own_knobs():
    """Gradient descent on a bowl is stable up to 2 over its condition."""
    for condition in (2.0, 40.0):
        bowl = Choice.of("bowl", condition=condition)
        expected = float(f"{FUNCTIONS['bowl'].rate(condition=condition, angle=0.0):.3g}")
        complete_recipe = complete(replace(BOWL, objective=bowl, optimizers=(Choice("sgd"), Choice("momentum"))))
        rates = [choice.settings["learning_rate"] for choice in complete_recipe.optimizers]
        assert rates == pytest.approx([expected, 0.2 * expected], rel=1e-2)
        assert expected < 2 / condition
    assert catalog.default_rate(Choice.of("bowl", condition=40.0), "sgd") != catalog.default_rate(
        Choice("bowl"), "sgd"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model": Choice("mpl")}, "there is no model named 'mpl'; did you mean mlp?"),
        ({"data": Choice("digit")}, "there is no dataset named 'digit'; did you mean digits?"),
        ({"objective": Choice("crossentropy")}, "there is no objective named 'crossentropy'; did you mean cross-"),
        ({"objective": Choice("rosenbrok")}, "there is no objective named 'rosenbrok'; did you mean rosenbrock?"),
        ({"directions": Choice("pca")}, "there is no kind of directions named 'pca'; choose solutions, filter-"),
        ({"directions": Choice("filter")}, "there is no kind of directions named 'filter'; "),
        ({"optimizers": (Choice("adma"),)}, "there is no optimizer named 'adma'; did you mean adam?"),
        ({"schedule": Choice("cosin")}, "there is no schedule named 'cosin'; did you mean cosine?"),
        (
            {"objective": Choice("minimax-gan"), "schedule": Choice("reduce-on-plateau")},
            "reduce-on-plateau reads a loss and a game has no single one; choose another schedule",
        ),
        ({"model": Choice("")}, "there is no model named ''; choose linear, softmax, "),
        ({"model": Choice.of("mlp", hidden=3)}, "mlp has no knob 'hidden'; it has: width, depth, activation"),
        ({"optimizers": (Choice("sgd"), Choice("sgd"))}, "optimizers are named twice in sgd, sgd; name each once"),
        ({"weights": (("l3", 1.0),)}, "cross-entropy has no term 'l3'; it has cross-entropy, l1, l2"),
        ({"weights": (("cross-entropy", 0.0),)}, "all term weights are 0, so there is no loss; give one of them"),
        ({"weights": (("l2", 1e9),)}, "weight.l2 = 1000000000.0 is out of range; give a number from -1e+06 up to"),
        ({"precision": "bfloat16"}, "precision = 'bfloat16' is not one of float32, float64"),
        ({"steps": 0}, "steps = 0 is out of range; give a whole number from 1 up to 20000"),
        ({"steps": 10**9}, "steps = 1000000000 is out of range"),
        ({"dimension": 3}, "dimension = 3 is out of range; give a whole number from 1 up to 2"),
        ({"seed": -1}, "seed = -1 is out of range"),
        ({"tolerance": 0}, "tolerance = 0 is out of range"),
        ({"extent": float("inf")}, "extent = inf is not valid"),
        ({"start": "there"}, "start = 'there' is not one of initial, trained, picked"),
        ({"view": "4d"}, "view = '4d' is not one of 3d, contour"),
        ({"optimizers": (), "directions": Choice("principal")}, "principal directions need a path; choose"),
    ],
    ids=str,
)  # fmt: skip
def test_what_does_not_exist_gets_its_sentence(change, sentence):
    refused(replace(TINY, **change), sentence)


def pairs():
    for data in DATASETS:
        for model in MODELS:
            for objective in OBJECTIVES:
                fits = model in catalog.models_for(data) and objective in catalog.objectives_for(data, model)
                yield data, model, objective, fits


def test_every_pairing_completes_or_gets_a_sentence_that_names_what_fits():
    wrong = 0
    for number, (data, model, objective, fits) in enumerate(pairs()):
        # Of the pairings that do not fit, one in 19, which is no divisor of the number of models or of objectives.
        if OBJECTIVES[objective].gradient == "none" or (not fits and number % 19):
            continue
        recipe = Recipe(objective=Choice(objective), model=Choice(model), data=Choice(data))
        if fits:
            complete(recipe)
            continue
        wrong += 1
        with pytest.raises(ValueError, match=f"({data} has|{model} is an?) .*; choose .") as error:
            complete(recipe)
        assert str(error.value).startswith((objective, model))
    assert wrong > 1000


def test_wrong_pairings_by_name():
    diabetes = replace(TINY, data=Choice("diabetes"))
    refused(diabetes, "cross-entropy needs class labels, but diabetes has real targets; choose squared-error")
    refused(
        replace(TINY, model=Choice("convnet")), "convnet needs image inputs, but iris has vector inputs; choose"
    )
    refused(
        replace(diabetes, objective=Choice("huber"), model=Choice("softmax")),
        "softmax predicts classes, but diabetes has values; choose linear",
    )


def test_what_an_objective_opens_beside_itself_can_be_taken_away_by_address():
    opened = catalog.complete(catalog.from_query("objective=ppo"))
    assert opened.beside == (("term", "return"),)
    assert "beside" not in catalog.to_query(opened)
    single = replace(opened, beside=())
    assert catalog.to_query(single)["beside"] == [""]
    assert catalog.complete(catalog.from_query(catalog.to_query(single))) == single
    assert catalog.complete(catalog.from_query("objective=ppo&beside=")).beside == ()


def place(recipe):
    return {name: getattr(recipe, name) for name in catalog.PLACE_SETTINGS}


def others(name):
    """Data, or a model, with which the objective does not open."""
    opened = catalog.opening_of(name)
    data = [data for data in catalog.datasets_for(name) if data != opened.data.name]
    models = [model for model in catalog.models_for(opened.data.name, name) if model != opened.model.name]
    return [("data", one) for one in data[:1]] + [("model", one) for one in models[:1]]


PLACED = [name for name in catalog.trainable_objectives(OBJECTIVES) if OBJECTIVES[name].opening.place]


@pytest.mark.parametrize(("name", "key", "other"), [(name, *change) for name in PLACED for change in others(name)])
def test_where_an_objective_opens_holds_for_its_own_data_and_model_alone(name, key, other):
    opened = catalog.opening_of(name)
    assert place(opened) != place(Recipe())
    settings = OBJECTIVES[name].opening.place
    assert set(place(opened)) >= {text.partition(".")[0] for text in settings} - set(DIRECTIONS)
    elsewhere = catalog.from_query({"objective": name, key: other})
    assert place(elsewhere) == place(Recipe())
    assert place(catalog.keep_place(replace(opened, **{key: Choice(other)}), opened)) == place(Recipe())
    assert place(catalog.keep_place(opened, elsewhere)) == place(opened)
    # What the viewer has chosen stays.
    chosen = replace(opened, extent=3.0, beside=((key, other),))
    assert place(catalog.neighbour(chosen)) == {**place(Recipe()), "extent": 3.0}


@pytest.mark.parametrize("model", MODELS)
def test_a_start_that_no_seed_changes_is_known(model):
    objective = next(
        name
        for name in catalog.trainable_objectives(OBJECTIVES)
        if any(model in catalog.models_for(data, name) for data in catalog.datasets_for(name))
    )
    data = next(data for data in catalog.datasets_for(objective) if model in catalog.models_for(data, objective))
    recipe = fitting(objective, data, model)
    spreads = [{"spread": 0.0}, {"spread": 0.5}] if "spread" in catalog.knobs_of(model) else [{}]
    for knobs in spreads:
        complete_recipe = complete(replace(recipe, model=Choice.of(model, **recipe.model.settings | knobs)))
        one, other = (flat(build(replace(complete_recipe, seed=seed)).params) for seed in (0, 1))
        assert catalog.has_one_start(complete_recipe) == np.array_equal(one, other)
        assert catalog.dimension(complete_recipe) == len(one)


def test_titles_within_a_sentence_lose_their_capital_but_names_keep_it():
    titles = (
        "Error rate",
        "Softmax regression (linear classifier)",
        "XOR",
        "Huber error",
        "RLHF objective (reward)",
        "Barlow Twins",
        "Brier score",
        "Deep Sets",
    )
    assert [catalog.in_sentence(title) for title in titles] == [
        "error rate", "softmax regression", "XOR", "Huber error", "RLHF objective", "Barlow Twins", "Brier score",
        "Deep Sets",
    ]  # fmt: skip
