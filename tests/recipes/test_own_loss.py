"""A loss that the user writes: its terms, the data and models that it fits, and its settings."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe


def recipe(data="sine", model="linear", **knobs):
    return Recipe(objective=Choice.of("own-loss", **knobs), data=Choice(data), model=Choice(model))


def values_and_outputs(chosen, entry_name="own-loss"):
    problem = catalog.build(chosen)
    params = jax.tree.map(lambda leaf: leaf + 0.3, problem.params)
    outputs = problem.objective.forward(params, problem.state, problem.data["x"])
    return problem.terms(params), np.asarray(outputs, np.float64), np.asarray(problem.data["y"]), params


def test_own_loss_is_the_mean_over_examples_and_outputs():
    terms, f, y, _ = values_and_outputs(recipe(text="a*(f-y)^4 + log(cosh(f-y))", a=0.25))
    expected = 0.25 * (f - y) ** 4 + np.log(np.cosh(f - y))
    np.testing.assert_allclose(terms["own-loss"], expected.mean(), rtol=1e-5)
    np.testing.assert_allclose(terms["squared-error"], ((f - y) ** 2).sum(axis=-1).mean(), rtol=1e-5)


def test_class_labels_are_plus_and_minus_one():
    terms, f, labels, _ = values_and_outputs(recipe("iris", "softmax", text="max(0, 1-y*f)"))
    y = np.where(np.arange(3) == labels[:, None], 1.0, -1.0)
    np.testing.assert_allclose(terms["own-loss"], np.maximum(0, 1 - y * f).mean(), rtol=1e-5)


@pytest.mark.parametrize(
    ("own", "entry", "data", "model"),
    [
        ("(f-y)^2", "squared-error", "sine", "linear"),
        ("abs(f-y)", "absolute-error", "sine", "linear"),
        ("where(abs(f-y) <= 1, (f-y)^2/2, abs(f-y) - 1/2)", "huber", "sine", "linear"),
    ],
)
def test_written_losses_equal_built_in_ones(own, entry, data, model):
    """With one output the mean over outputs is their sum."""
    ours = catalog.build(recipe(data, model, text=own))
    theirs = catalog.build(Recipe(objective=Choice(entry), data=Choice(data), model=Choice(model)))
    params = jax.tree.map(lambda leaf: leaf + 0.3, ours.params)
    direction = jax.tree.map(
        lambda leaf: jnp.sin(jnp.arange(leaf.size, dtype=leaf.dtype)).reshape(leaf.shape), params
    )

    @jax.jit
    def derivatives(problem):
        gradient, product = jax.jvp(jax.grad(problem.loss), (params,), (direction,))
        return problem.loss(params), gradient, product

    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-4, atol=1e-5),
                 derivatives(ours), derivatives(theirs))  # fmt: skip


def test_own_loss_fits_every_dataset_of_its_kinds():
    fits = set(catalog.datasets_for("own-loss"))
    assert fits >= {"iris", "moons", "digits", "diabetes", "sine", "counts"}
    targets = {DATASETS[name].targets for name in fits}
    assert targets == {"classes", "values", "counts"}
    same = {name for name in DATASETS if "squared-error" in catalog.objectives_for(name)}
    assert fits >= same
    for data in ("iris", "sine", "counts"):
        for model in catalog.models_for(data, "own-loss"):
            assert catalog.complete(recipe(data, model)).model.name == model


def test_own_loss_stands_beside_other_terms():
    chosen = Recipe(
        objective=Choice.of("own-loss", text="(f-y)^4"),
        data=Choice("sine"),
        model=Choice("linear"),
        weights=(("l2", 0.5), ("squared-error", 2.0)),
    )
    problem = catalog.build(chosen)
    params = jax.tree.map(lambda leaf: leaf + 0.3, problem.params)
    terms = problem.terms(params)
    expected = terms["own-loss"] + 2 * terms["squared-error"] + 0.5 * terms["l2"]
    np.testing.assert_allclose(problem.loss(params), expected, rtol=1e-6)
    complete_recipe = catalog.complete(chosen)
    assert catalog.height(complete_recipe) == "training own loss + 2·squared error + 0.5·L2"
    assert catalog.formula(complete_recipe).startswith(
        r"Your own loss $\frac1{nk}\sum_{i,j} \left(f - y\right)^{4}$"
    )
    assert catalog.complete(catalog.from_query(catalog.to_query(complete_recipe))) == complete_recipe
    assert catalog.complete(Recipe.from_json(complete_recipe.to_json())) == complete_recipe


def test_cross_entropy_stands_beside_own_loss_on_class_labels():
    chosen = catalog.complete(
        Recipe(
            objective=Choice.of("own-loss", text="max(0, 1-y*f)"),
            data=Choice("iris"),
            model=Choice("softmax"),
            weights=(("cross-entropy", 0.75), ("l2", 0.5)),
        )
    )
    terms, f, labels, params = values_and_outputs(chosen)
    shifted = f - f.max(axis=1, keepdims=True)
    expected = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(f)), labels]
    np.testing.assert_allclose(terms["cross-entropy"], expected.mean(), rtol=1e-5)
    total = terms["own-loss"] + 0.75 * terms["cross-entropy"] + 0.5 * terms["l2"]
    np.testing.assert_allclose(catalog.build(chosen).loss(params), total, rtol=1e-6)
    assert catalog.height(chosen) == "training own loss + 0.75·cross-entropy + 0.5·L2"
    assert catalog.complete(catalog.from_query(catalog.to_query(chosen))) == chosen


def test_cross_entropy_is_no_term_of_targets_that_are_no_classes():
    assert "cross-entropy" in catalog.heights("own-loss", "iris")
    assert "cross-entropy" not in catalog.heights("own-loss", "sine")
    classes = catalog.complete(replace(recipe("iris", "softmax"), weights=(("cross-entropy", 2.0),)))
    values = catalog.with_data(classes, Choice("sine"))
    terms, *_ = values_and_outputs(values)
    assert set(terms) == {name for name, _ in values.weights} == {"own-loss", "squared-error", "l1", "l2"}
    with pytest.raises(ValueError, match="own-loss has no term 'cross-entropy'; it has own-loss, squared-error"):
        catalog.complete(replace(recipe(), weights=(("cross-entropy", 2.0),)))


def test_own_loss_drawn_over_another_objective_has_the_terms_of_its_data():
    for data, model, trained in (("iris", "softmax", "hinge"), ("sine", "linear", "squared-error")):
        chosen = catalog.complete(
            Recipe(objective=Choice(trained), data=Choice(data), model=Choice(model), drawn=Choice("own-loss"))
        )
        drawn = catalog.drawn_problem(chosen, catalog.build(chosen))
        assert set(drawn.weights) == set(drawn.terms(drawn.params))
        assert ("cross-entropy" in drawn.weights) == (data == "iris")
        assert catalog.height(chosen) == "training own loss"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("y^2", "the formula does not contain f; write one such as f^2"),
        ("(f-y", "a parenthesis is not closed; add )"),
        ("f*text", "text is taken; choose another name"),
    ],
)
def test_faults_of_a_loss_are_named(text, fault):
    result, faults = catalog.read_address({"objective": ["own-loss"], "own-loss.text": [text]})
    assert faults == [fault]
    assert result.objective.settings["text"] == "log(cosh(f-y))"


def test_own_loss_is_drawn_over_what_another_objective_trains():
    chosen = catalog.complete(
        Recipe(
            data=Choice("iris"), model=Choice("softmax"), drawn=Choice.of("own-loss", text="max(0, c-y*f)", c=0.5)
        )
    )
    assert chosen.drawn.settings == {"text": "max(0, c-y*f)", "c": 0.5}
    problem = catalog.build(chosen)
    drawn = catalog.drawn_problem(chosen, problem)
    f = np.asarray(problem.objective.forward(problem.params, problem.state, problem.data["x"]))
    y = np.where(np.arange(3) == np.asarray(problem.data["y"])[:, None], 1.0, -1.0)
    np.testing.assert_allclose(drawn.loss(problem.params), np.maximum(0, 0.5 - y * f).mean(), rtol=1e-5)
    assert OBJECTIVES["own-loss"].weights["own-loss"] == 1
