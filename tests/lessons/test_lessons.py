"""Lessons: each opens, each says what is true, and each has a permalink."""

import math
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import numpy as np
import pytest
from flax import nnx
from jax.flatten_util import ravel_pytree

from landscapes import Choice, Recipe, descend
from landscapes.games.jacobian import jacobian
from landscapes.games.step_stability import unit_circle
from landscapes.lessons import LESSONS
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.recipes import catalog
from models import MODELS
from objectives import FUNCTIONS


@pytest.mark.parametrize("name", LESSONS)
def test_a_lessons_recipe_completes_and_so_does_its_neighbours(name):
    recipe = LESSONS[name].recipe
    whole = catalog.complete(recipe)
    assert catalog.complete(catalog.from_query(catalog.to_query(whole))) == whole
    for said in (recipe, whole):
        neighbour = said.neighbour()
        assert (neighbour is None) == (not recipe.beside)
        if neighbour is not None:
            assert catalog.complete(neighbour) != whole
            assert neighbour.beside == ()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_survives_its_address(name):
    recipe = LESSONS[name].recipe
    assert Recipe.from_query(recipe.query) == recipe
    assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_a_title_three_sentences_and_a_question(name):
    lesson = LESSONS[name]
    assert name.replace("-", "").isalnum()  # its permalink is its name
    assert len(lesson.sentences) == 3
    assert all(sentence.endswith(".") for sentence in lesson.sentences)
    assert lesson.question.endswith("?")
    assert not lesson.title.endswith(".")


def test_lessons_differ():
    recipes = [catalog.complete(lesson.recipe) for lesson in LESSONS.values()]
    assert len(set(recipes)) == len(recipes)
    assert len({lesson.title for lesson in LESSONS.values()}) == len(LESSONS)


def test_the_ravine_runs_at_the_rates_it_speaks_of():
    """Optimal rates on a quadratic with eigenvalues μ = 1 and L = 100: η = 2/(L+μ) contracts by (κ−1)/(κ+1);
    heavy ball with √β = (√κ−1)/(√κ+1) and η = ((1+√β)/√L)² contracts by √β."""
    lesson = LESSONS["ravine"]
    recipe = catalog.complete(lesson.recipe)
    assert recipe.objective.settings["condition"] == 100
    settings = {choice.name: choice.settings for choice in recipe.optimizers}
    root = (math.sqrt(100) - 1) / (math.sqrt(100) + 1)
    assert settings["sgd"]["learning_rate"] == pytest.approx(2 / 101, rel=1e-15)
    assert settings["momentum"]["beta"] == pytest.approx(root**2, rel=1e-15)
    assert settings["momentum"]["learning_rate"] == pytest.approx(((1 + root) / 10) ** 2, rel=1e-15)
    assert recipe.steps > math.log(10) / -math.log(99 / 101)  # the question's answer is on the page
    text = " ".join(lesson.sentences)
    assert f"{99 / 101:.3f}" in text
    assert f"{root:.3f}" in text


def test_momentum_swings_wider_at_first_and_is_faster_in_the_ravine():
    recipe = catalog.complete(LESSONS["ravine"].recipe)
    swings, ends = [], []
    for choice in recipe.optimizers:
        start: Any = np.array([recipe.start_x, recipe.start_y])
        at_start: Any = start
        rate, beta = (float(choice.settings.get(name, 0.0)) for name in ("learning_rate", "beta"))
        widths = []
        for _ in range(recipe.steps):  # heavy ball on ½(x² + 100y²), and gradient descent for β = 0
            start, at_start = start - rate * np.array([1, 100]) * start + beta * (start - at_start), start
            widths.append(abs(start[1]))
        swings.append(max(widths[:5]))
        ends.append(np.linalg.norm(start))
    assert swings[1] > 2 * abs(recipe.start_y) > swings[0]
    assert ends[1] < 1e-3 * ends[0]


def test_the_skips_lesson_compares_networks_of_the_same_size():
    recipe = LESSONS["skips"].recipe
    left, right = (catalog.complete(one or recipe).model for one in (recipe, recipe.neighbour()))
    assert (left.settings["residual"], right.settings["residual"]) == (True, False)
    assert left.settings["depth"] == right.settings["depth"] == 12
    sizes = [jax.eval_shape(partial(parameters, choice)) for choice in (left, right)]
    assert sizes[0] == sizes[1]


def parameters(choice):
    return nnx.to_pure_dict(nnx.state(MODELS[choice.name].build((64,), 10, nnx.Rngs(0), **choice.settings)))


def test_the_convexity_lesson_compares_the_models_it_names():
    recipe = LESSONS["convex"].recipe
    neighbour = catalog.complete(recipe.neighbour() or recipe)
    assert (recipe.model.name, neighbour.model.name) == ("softmax", "mlp")
    assert neighbour.data == catalog.complete(recipe).data == catalog.complete(Recipe(data=Choice("digits"))).data
    assert neighbour.objective.name == "cross-entropy"


def test_the_plateau_lesson_reaches_half_the_return_in_less_than_half_the_steps():
    lesson, steps = LESSONS["plateau"], []
    for recipe in (lesson.recipe, lesson.recipe.neighbour()):
        whole = catalog.complete(recipe or lesson.recipe)
        (sgd,) = whole.optimizers
        run = descend(catalog.build(whole), (sgd.name, sgd.settings), whole.steps)
        assert run.terms["return"][0] < 0.01
        steps.append(int(np.argmax(run.terms["return"] > 0.5)))
    assert 0 < steps[1] < steps[0] / 2
    assert "less than half as many steps" in lesson.sentences[1]
    weights = np.exp(np.array([1, 0.5, 0]) / 0.2)
    assert run.terms["return"][-1] == pytest.approx(weights @ [1, 0.5, 0] / weights.sum(), abs=5e-3)


def test_the_surrogate_lesson_ends_where_the_surrogate_is_flat_and_the_return_is_not():
    whole = catalog.complete(LESSONS["surrogate"].recipe)
    adam = whole.optimizers[0]
    run = descend(catalog.build(whole), (adam.name, adam.settings), whole.steps)
    assert run.gradient_norm[-1] == 0
    assert run.loss[0] == pytest.approx(run.terms["return"][0], abs=1e-6)
    assert run.terms["return"][-1] > run.loss[-1] + 0.1
    # It was still rising along the path when the surrogate no longer did.
    flat = int(np.argmax(run.gradient_norm == 0))
    assert run.terms["return"][flat] > run.terms["return"][flat - 5]


def test_the_collapse_lesson_starts_at_a_saddle_that_every_path_leaves_for_probabilistic_pca():
    recipe = catalog.complete(LESSONS["collapsed"].recipe)
    text = " ".join(LESSONS["collapsed"].sentences)
    problem = catalog.build(recipe)
    middle, unravel = ravel_pytree(jax.tree.map(np.zeros_like, problem.params))
    loss = partial(lambda problem, flat: problem.loss(unravel(flat)), problem)
    value, slope, bent = jax.jit(lambda flat: (loss(flat), jax.grad(loss)(flat), jax.hessian(loss)(flat)))(middle)
    np.testing.assert_allclose(slope, 0, atol=1e-5)
    assert f"{value:.3f} nats" in text
    assert f"{np.linalg.eigvalsh(bent)[0]:.2f}".replace("-", "−") in text
    assert np.linalg.norm(ravel_pytree(problem.params)[0]) < 0.05
    for choice in recipe.optimizers:
        run = descend(problem, (choice.name, choice.settings), recipe.steps)
        assert run.loss[-1] < 2.15
        assert run.terms["gap"][-1] < 0.02
    best = catalog.optimum(recipe, problem)
    assert f"{loss(ravel_pytree(best)[0]):.3f} nats" in text


def test_the_beta_lesson_joins_the_valleys_where_z_says_nothing():
    recipe = LESSONS["beta"].recipe
    found = []
    for one in (recipe, recipe.neighbour() or recipe):
        best = catalog.optimum(catalog.complete(one), catalog.build(one))
        assert best is not None
        found.append(abs(float(best["decoder"]["kernel"][0, 0])))
    assert found == pytest.approx([math.sqrt(3), 0], abs=1e-5)
    twice = replace(recipe, weights=(("kl", 2.0),))
    best = catalog.optimum(catalog.complete(twice), catalog.build(twice))
    assert best is not None
    assert abs(float(best["decoder"]["kernel"][0, 0])) == pytest.approx(math.sqrt(2), abs=1e-5)


def test_the_context_lesson_has_a_table_at_its_bound_and_a_transformer_below_it():
    recipe = LESSONS["context"].recipe
    table, transformer = (catalog.complete(one or recipe) for one in (recipe, recipe.neighbour()))
    assert (table.model.name, transformer.model.name) == ("bigram", "transformer")
    bound = catalog.references(table)["best bigram, H(next | this)"]
    assert catalog.references(transformer)["best bigram, H(next | this)"] == bound
    ends = []
    for whole, steps in ((table, table.steps), (transformer, 80)):
        adam = whole.optimizers[0]
        assert adam.name == "adam"
        ends.append(descend(catalog.build(whole), (adam.name, adam.settings), steps).loss[-1])
    assert bound < ends[0] < bound + 0.01
    assert ends[1] < bound - 0.2
    assert f"{bound:.2f} nats" in " ".join(LESSONS["context"].sentences)


def test_alignment_alone_makes_all_embeddings_one():
    recipe = catalog.complete(LESSONS["apart"].recipe)
    beside = catalog.complete(catalog.neighbour(recipe) or recipe)
    others = math.log(2 * int(recipe.data.settings["examples"]) - 1)
    assert list(catalog.references(recipe).values()) == [others]
    (adam,), tau = recipe.optimizers, float(recipe.objective.settings["temperature"])
    left, right = (
        descend(catalog.training(catalog.build(one)), (adam.name, adam.settings), one.steps).terms
        for one in (recipe, beside)
    )
    # One embedding for all: every product of two is 1.
    assert right["alignment"][-1] == pytest.approx(-1 / tau, abs=1e-3)
    assert right["uniformity"][-1] == pytest.approx(1 / tau + others, abs=1e-3)
    total = left["alignment"][-1] + left["uniformity"][-1]
    text = " ".join(LESSONS["apart"].sentences)
    assert f"−1/τ = −{1 / tau:g}." in text
    assert f"ln 199 = {others:.2f}" in text
    assert f"ends at {total:.2f}," in text
    assert total < others


def test_masks_that_never_change_are_learned_by_heart_and_others_are_not():
    recipe = catalog.complete(LESSONS["byheart"].recipe)
    beside = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert (recipe.drawn, beside.drawn.name) == (catalog.SAME, "cross-entropy")
    (adam,), text = recipe.optimizers, " ".join(LESSONS["byheart"].sentences)
    masked = catalog.training(catalog.build(recipe))
    run = descend(masked, (adam.name, adam.settings), recipe.steps)
    end = jax.tree.map(lambda leaf: leaf[-1], run.params)
    assert run.loss[-1] < 0.001
    assert "below 0.001 nats" in text
    plain = catalog.build(replace(recipe, objective=Choice("cross-entropy"), weights=(), beside=()))
    assert f"ends at {float(plain.loss(end)):.2f} nats" in text
    loss = jax.jit(lambda key: replace(masked, key=key).loss(end))
    np.testing.assert_allclose(loss(masked.key), run.loss[-1], rtol=1e-3)
    others = np.mean([loss(jax.random.key(draw)) for draw in range(100, 120)])
    assert others > 3 * math.log(10)


def test_lessons_name_only_what_exists():
    for lesson in LESSONS.values():
        assert all(choice.name in OPTIMIZERS for choice in lesson.recipe.optimizers)
        if lesson.recipe.objective.name in FUNCTIONS:
            (x_low, x_high), (y_low, y_high) = FUNCTIONS[lesson.recipe.objective.name].box
            assert x_low <= lesson.recipe.start_x <= x_high
            assert y_low <= lesson.recipe.start_y <= y_high


def test_the_duel_grows_turns_and_rests_as_it_says():
    recipe = catalog.complete(LESSONS["duel"].recipe)
    beside = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert (dict(recipe.weights)["R1"], dict(beside.weights)["R1"]) == (0, 1)
    states = {}
    for side, shown in (("left", recipe), ("right", beside)):
        problem = catalog.build(shown)
        found = jacobian(problem, catalog.optimum(shown, problem))
        tests = {choice.name: unit_circle(found, choice.name, choice.settings) for choice in shown.optimizers}
        states |= {(side, name): test for name, test in tests.items()}
    growth = states["left", "simultaneous"].radius - 1
    assert f"{growth:.1%}".replace("%", " %") in " ".join(LESSONS["duel"].sentences)
    assert states["left", "simultaneous"].state == "diverges"
    assert states["left", "alternating"].state == "undetermined"
    assert states["left", "alternating"].radius == pytest.approx(1, abs=1e-12)
    assert states["right", "simultaneous"].state == states["right", "alternating"].state == "converges"
