"""Another objective, data or model: what fits is kept, and what had to change is said with its reason."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest

from landscapes import Choice, Recipe
from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog

# Nothing here is as it opens.
CHOSEN = catalog.read_address(
    "data=moons&moons.noise=0.3&model=mlp&mlp.width=5&optimizers=sgd&optimizers=adam&adam.learning_rate=0.03"
    "&sgd.learning_rate=0.02&steps=90"
    "&seed=3&view=contour&scale=log&schedule=cosine&precision=float64&batch_size=7&weight.l2=0.25&split=test"
    "&extent=2&beside=split:train"
)[0]


def differing(one: Recipe, other: Recipe) -> set[str]:
    return {spec.name for spec in fields(Recipe) if getattr(one, spec.name) != getattr(other, spec.name)}


@pytest.mark.parametrize("name", ["squared-error", "absolute-error", "huber", "hinge", "focal", "dropout"])
def test_an_objective_that_fits_the_data_and_the_model_keeps_all_settings(name):
    after = catalog.with_objective(CHOSEN, Choice(name))
    assert differing(CHOSEN, after) == {"objective", "weights"}
    assert dict(after.weights)["l2"] == 0.25
    assert dict(after.weights)[name] == 1
    assert catalog.explain(CHOSEN, after, "objective") == ""


def test_data_that_cannot_serve_are_named_with_the_reason_and_the_rest_stays():
    after = catalog.with_objective(CHOSEN, Choice("ridge"))
    assert (after.data.name, after.model) == ("diabetes", CHOSEN.model)
    assert differing(CHOSEN, after) == {"objective", "weights", "data"}
    assert catalog.explain(CHOSEN, after, "objective") == (
        "Data changed from Two moons to Diabetes, because Ridge regression needs real targets. "
        "It opens with its own term weights."  # the weight of l2 was the viewer's
    )


def test_a_model_that_cannot_serve_is_named_with_the_reason():
    before = catalog.complete(replace(CHOSEN, model=Choice("softmax")))
    after = catalog.with_objective(before, Choice("dropout"))
    assert (after.data, after.model.name, after.steps) == (before.data, "mlp", 90)
    assert (
        "model changed from Softmax regression to Multilayer perceptron, because Cross-entropy under dropout "
        in (catalog.explain(before, after, "objective").replace("Model", "model"))
    )
    squared = catalog.complete(replace(before, objective=Choice("squared-error"), weights=()))
    after = catalog.with_data(squared, Choice("diabetes"))
    assert (after.model.name, after.optimizers, after.seed) == ("mlp", squared.optimizers, 3)
    assert catalog.explain(squared, after, "data") == (
        "Model changed from Softmax regression to Multilayer perceptron, "
        "because Softmax regression does not predict the values of Diabetes."
    )


def test_what_nobody_has_chosen_becomes_what_the_new_problem_opens_with():
    before = catalog.complete(catalog.opening_of("cross-entropy"))
    after = catalog.with_objective(before, Choice("rlhf"))
    opened = catalog.complete(catalog.opening_of("rlhf"))
    assert (after.optimizers, after.steps, after.beside) == (opened.optimizers, opened.steps, opened.beside)
    assert "It opens with its own optimizers" in catalog.explain(before, after, "objective")
    chosen = catalog.complete(replace(before, optimizers=(Choice("lion"),), steps=50, eigenvalues=2))
    after = catalog.with_objective(chosen, Choice("rlhf"))
    assert ([one.name for one in after.optimizers], after.steps, after.eigenvalues) == (["lion"], 50, 2)


@pytest.mark.parametrize("name", ["classify-reconstruct", "lasso"])
def test_under_a_model_that_cannot_serve_the_rest_opens_anew_too(name):
    before = catalog.with_model(catalog.complete(catalog.opening_of("cross-entropy")), Choice("softmax"))
    after = catalog.with_objective(before, Choice(name))
    assert after.model.name not in (before.model.name, "none")
    assert after == catalog.complete(catalog.opening_of(name))


def test_a_game_takes_no_optimizers_directions_or_surface_of_one_loss():
    before = catalog.complete(
        replace(CHOSEN, optimizers=(Choice("lbfgs"),), directions=Choice("hessian"), drawn=Choice("error-rate"))
    )
    after = catalog.with_objective(before, Choice("minimax-gan"))
    text = catalog.explain(before, after, "objective")
    for part in (
        "optimizers changed from lbfgs to",
        "directions changed from Hessian",
        "surface changed from Error",
    ):
        assert part in text
    assert "because a game needs optimizers that move its players;" in text
    assert "because a game does not have them;" in text
    back = catalog.with_objective(after, Choice("cross-entropy"))
    assert set(catalog.optimizers_for("cross-entropy")) >= {one.name for one in back.optimizers}
    text = catalog.explain(after, back, "objective")
    assert "because some of them move the players of a game" in text
    assert "because only games have them" in text


@pytest.mark.parametrize(
    ("before", "change", "reason"),
    [
        (
            "schedule=reduce-on-plateau",
            ("objective", "minimax-gan"),
            "changed from reduce-on-plateau to constant, because a game has no single loss",
        ),
        ("data=diabetes&objective=huber&model=linear", ("objective", "hinge"), "Hinge loss needs class labels"),
        ("drawn=error-rate", ("objective", "listnet"), "it cannot be drawn over what ListNet trains"),
    ],
)
def test_reason_is_that_of_the_new_objective_and_not_of_the_old_one(before, change, reason):
    complete = catalog.read_address(before)[0]
    after = catalog.with_objective(complete, Choice(change[1]))
    assert reason in catalog.explain(complete, after, change[0])


def test_a_weight_with_the_wrong_sign_for_the_new_objective_is_not_carried():
    before = catalog.read_address("objective=rlhf&weight.kl=-0.7&weight.true-reward=0.5")[0]
    after = catalog.with_objective(before, Choice("dpo"))
    assert dict(after.weights) == {"dpo": 1.0, "kl": -0.7, "true-reward": 0.5}
    positive = catalog.complete(replace(after, weights=(("dpo", 1.0), ("kl", 0.4), ("true-reward", 0.5))))
    back = catalog.with_objective(positive, Choice("rlhf"))
    assert dict(back.weights) == {"reward": 1.0, "kl": -0.1, "true-reward": 0.5}


def test_a_family_opens_with_the_objective_that_asks_for_the_fewest_changes():
    regularized = [name for name, entry in OBJECTIVES.items() if entry.page.family == "Regularized"]
    assert catalog.nearest_objective(CHOSEN, regularized) == "dropout"
    linear = catalog.read_address("objective=squared-error&data=diabetes&model=linear")[0]
    assert catalog.nearest_objective(linear, regularized) == "ridge"
    softmax = catalog.read_address("data=moons&model=softmax")[0]
    assert catalog.nearest_objective(softmax, regularized) == "sharpness-aware"


# The fields of a recipe, by the words with which the line names them.
FIELDS = {
    "data": ["data"],
    "model": ["model"],
    "optimizers": ["optimizers"],
    "directions": ["directions"],
    "surface": ["drawn"],
    "height": ["term"],
    "second picture": ["beside"],
    "steps": ["steps"],
    "learning-rate schedule": ["schedule"],
    "batch size": ["batch_size"],
    "precision": ["precision"],
    "centre": ["center"],
    "zoom": ["extent"],
    "start": ["start", "start_x", "start_y"],
    "examples shown": ["split"],
    "accuracy": ["tolerance"],
    "picture": ["view", "dimension"],
    "scale": ["scale"],
    "one step": ["one_step"],
    "what the model does": ["behavior"],
    "space of the paths": ["space"],
    "number of eigenvalues": ["eigenvalues"],
    "draws of the noise": ["draws"],
    "seed": ["seed"],
    "term weights": ["weights"],
    "optimizers' settings": ["optimizers"],
}


def told(text: str) -> set[str]:
    """What a line names as changed."""
    own = re.findall(r"[Ii]t opens with its own (.*?)\.", text)
    named = re.findall(r"(?:^|[;.] )(\w[\w' -]*?) changed (?:from|to)", text)
    return {word.strip().lower() for word in [*named, *re.split(r", | and ", "".join(own))] if word}


def check_line(before: Recipe, after: Recipe, changed: str) -> None:
    """The line names what differs between two recipes, and nothing else."""
    differ = differing(before, after) - {changed}
    words = told(catalog.explain(before, after, changed)) - {"objective"}
    assert words <= {*FIELDS}, words
    assert all(differ & {*FIELDS[word]} for word in words), (words, differ)
    untold = differ - {field for word in words for field in FIELDS[word]}
    # A new objective names its own terms, and a game shows the loss of a player. What the viewer had set is told.
    usual = OBJECTIVES[before.objective.name].weights
    if all(dict(after.weights).get(term) == weight for term, weight in before.weights if weight != usual[term]):
        untold -= {"weights"}
    if not before.term:
        untold -= {"term"}
    assert not untold, (before.objective.name, after.objective.name, after.data.name, after.model.name)


def changed_settings(recipe: Recipe) -> Recipe:
    """The recipe with what a viewer can set besides its objective, data and model."""
    terms = OBJECTIVES[recipe.objective.name].weights
    weights = tuple((term, 2.5 * weight) for term, weight in terms.items())
    seen = {"view": "contour", "scale": "log", "dimension": 1, "draws": 4, "extent": 3.0, "tolerance": 0.01}
    start = {"start": "picked", "start_x": 1.5, "start_y": -0.5, "space": "full", "seed": 3}
    run = {"weights": weights, "steps": 77, "batch_size": 16, "precision": "float64", "eigenvalues": 2}
    return catalog.repair(replace(recipe, **seen, **start, **run))[0]


@pytest.mark.parametrize("change", [lambda recipe: catalog.repair(recipe)[0], changed_settings])
def test_the_line_names_every_change_of_a_choice_and_no_other(change):
    names = catalog.trainable_objectives(OBJECTIVES)
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        before = change(catalog.opening_of(name))
        check_line(before, catalog.with_objective(before, Choice(following)), "objective")
        for data in catalog.datasets_for(name)[-2:]:
            check_line(before, catalog.with_data(before, Choice(data)), "data")
        for model in catalog.models_for(before.data.name, name)[-2:]:
            check_line(before, catalog.with_model(before, Choice(model)), "model")


@pytest.mark.parametrize("name", catalog.trainable_objectives(OBJECTIVES))
def test_every_change_of_objective_gives_a_complete_recipe_and_says_what_else_it_changed(name):
    for before in (
        CHOSEN,
        catalog.complete(catalog.opening_of("minimax-gan")),
        catalog.complete(catalog.opening_of("rlhf")),
    ):
        after = catalog.with_objective(before, Choice(name))
        assert catalog.complete(after) == after
        assert after.objective.name == name
        assert after.seed == before.seed
        check_line(before, after, "objective")


def test_what_the_surface_shows_stays_where_it_still_can_be_shown():
    """A term of the drawn objective, which the trained ones have not."""
    before = catalog.complete(replace(CHOSEN, drawn=Choice("brier"), term="calibration-error", beside=()))
    after = catalog.with_objective(before, Choice("hinge"))
    assert (after.drawn.name, after.term) == ("brier", "calibration-error")
    own = catalog.complete(replace(CHOSEN, term="cross-entropy", beside=()))
    assert catalog.with_objective(own, Choice("hinge")).term == ""
    shared = catalog.complete(replace(CHOSEN, term="l2", beside=()))
    assert catalog.with_objective(shared, Choice("hinge")).term == "l2"
