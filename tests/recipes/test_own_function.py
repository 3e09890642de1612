"""A formula as a test function: its settings, its start and learning rate, and what is compiled for it."""

import re
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.curvature import critical_points
from landscapes.recipes import catalog
from landscapes.recipes.catalog import own_function
from landscapes.recipes.catalog.own_function import BOX, DEFAULT_TEXT, function_of_text
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.captions import caption
from landscapes.scenes.scene import compute_scene
from tests.compiled import compilations

WELLS = Choice.of("formula", text="(x^2-1)^2 + a*y^2 + b*x", a=0.7, b=0.0, x_low=-2.0, x_high=3.0, y_low=-1.0)


def recipe(**knobs):
    return Recipe(objective=Choice.of("formula", **knobs), optimizers=(Choice("sgd"),), steps=30, tolerance=0.1)


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"a": 100.0},
        {"text": "where(x>0 and y<1, x+y, 0)", "x_low": -5.0, "y_high": 0.25},
        {"text": "λ_1·x² − sin(b*y)/2", "b": -3.5, "λ_1": 1e-3},
        {"text": "1e3*x", "y_low": -1e6},
    ],
    ids=str,
)
def test_formulas_survive_address_and_file(knobs):
    complete_recipe = catalog.complete(recipe(**knobs))
    assert hash(complete_recipe) == hash(replace(complete_recipe))
    assert catalog.complete(catalog.from_query(catalog.to_query(complete_recipe))) == complete_recipe
    assert catalog.complete(Recipe.from_query(complete_recipe.query)) == complete_recipe
    assert Recipe.from_json(complete_recipe.to_json()) == complete_recipe
    result, faults = catalog.read_address(catalog.to_query(complete_recipe))
    assert (result, faults) == (complete_recipe, [])
    defaults = {"text": DEFAULT_TEXT, **BOX} | ({} if "text" in knobs else {"a": 1.0})
    assert complete_recipe.objective.settings == defaults | knobs


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("formula.text=2x", "write * between 2 and x"),
        ("formula.text=" + "x" * 401, "the formula has 401 characters; shorten it to 400"),
        ("formula.text=y_low*x", "y_low is taken; choose another name"),
        ("formula.c=3", "formula has no knob 'c'; it has: text, x_low, x_high, y_low, y_high, a"),
        ("formula.a=1e9", "formula: a = 1000000000.0 is out of range; give a number from -1e+06 up to 1e+06"),
        ("formula.x_low=2", "x_low = 2 is not below x_high = 2; give a lower x_low"),
        ("formula.y_high=nan", "formula: y_high = nan is not valid; give a number from -1e+06 up to 1e+06"),
    ],
)
def test_faults_of_a_formula_are_named_and_repaired(query, fault):
    result, faults = catalog.read_address(f"objective=formula&{query}")
    assert faults == [fault]
    assert result == catalog.complete(result)
    with pytest.raises(ValueError, match=re.escape(fault)):
        catalog.complete(catalog.from_query(f"objective=formula&{query}"))


def test_free_names_are_knobs():
    knobs = catalog.knobs_of(Choice.of("formula", text="c*x + k_1*y"))
    assert list(knobs) == ["text", *BOX, "c", "k_1"]
    assert knobs["c"].default == 1.0


@pytest.mark.parametrize(
    "text",
    ["(1-x)^2 + 100*(y-x^2)^2", "log(x) + y^2 - log(x)^2/4", "sqrt(1+x^2+3*y^2)", "x - 3*y", "sin(20*x) + y^2",
     "1/(x-0.4)^2 + y^2", "abs(x) + exp(4*y)", "1e-7*(x^2 + y^4)"],
)  # fmt: skip
def test_gradient_descent_starts_on_a_slope_and_descends(text):
    choice = Choice.of("formula", text=text)
    problem, rate = catalog.build(recipe(text=text)), catalog.default_rate(choice, "sgd")
    (x_low, x_high), (y_low, y_high) = catalog.box(catalog.complete(recipe(text=text)))

    def step(params, _):
        gradient = problem.field(params)
        return params - rate * gradient, (problem.loss(params), jnp.linalg.norm(gradient))

    with jax.enable_x64(True):
        result = jax.jit(lambda params: jax.lax.scan(step, params, length=8)[1])(problem.params)
    losses, slopes = map(np.asarray, result)
    x, y = np.asarray(problem.params)
    assert x_low < x < x_high
    assert y_low < y < y_high
    assert slopes[0] > 0
    assert np.all(np.diff(losses) < 0)


def test_formula_without_a_slope_has_a_start():
    problem = catalog.build(recipe(text="x - x"))
    assert np.all(np.isfinite(problem.params))


def test_moving_a_slider_compiles_nothing():
    first, other = (catalog.complete(replace(recipe(), objective=each)) for each in (
        WELLS, Choice.of("formula", **{**WELLS.settings, "a": 2.5, "b": -0.3, "x_low": -1.0})
    ))  # fmt: skip
    text = WELLS.settings["text"]
    assert function_of_text(str(text)) is function_of_text(str(text))
    compute_scene(first)
    with compilations() as result:
        scene = compute_scene(other)
    assert not result
    assert caption(scene).startswith("f(x, y) = (x^2-1)^2 + a*y^2 + b*x with a = 2.5, b = −0.3; ")
    assert catalog.formula(other) == r"Your own function $\left(x^{2} - 1\right)^{2} + a\,y^{2} + b\,x$"
    x, y = scene.surface.axes
    assert (x[0], x[-1], y[0], y[-1]) == pytest.approx((-1, 3, -1, 2))
    expected = (x[:, None] ** 2 - 1) ** 2 + 2.5 * y**2 - 0.3 * x[:, None]
    np.testing.assert_allclose(scene.surface.loss, expected, rtol=1e-9, atol=1e-9)


def test_programs_of_old_formulas_are_dropped(monkeypatch):
    cleared = []
    monkeypatch.setattr(jax, "clear_caches", lambda: cleared.append(True))
    monkeypatch.setattr(own_function, "MAX_COMPILED_TEXTS", 3)
    monkeypatch.setattr(own_function, "_compiled", set())
    for text in ("x", "y", "x+y", "x", "y"):
        catalog.build(recipe(text=text))
    assert not cleared
    for text in ("x*y", "x", "y", "x*y"):
        catalog.build(recipe(text=text))
    assert len(cleared) == 1


def test_critical_points_of_a_formula_are_all_found():
    problem = catalog.build(replace(recipe(), objective=WELLS))
    points = critical_points(problem, [(-2.0, 3.0), (-1.0, 2.0)], key=0, starts=64)
    assert points.kinds == ("minimum", "minimum", "saddle")
    np.testing.assert_allclose(sorted(map(tuple, points.points)), [(-1, 0), (0, 0), (1, 0)], atol=1e-9)
    np.testing.assert_allclose(points.eigenvalues[-1], [-4, 1.4], rtol=1e-9)
    assert points.morse is not None
    assert points.morse.is_complete


def test_the_rate_of_a_formula_is_set_by_the_curvature_below_its_start():
    """x² + y² has curvature 2, and 400 more beyond x = 1.5, where it is above its start (−1.2, 0.8)."""
    choice = Choice.of("formula", text="x^2 + y^2 + 200*max(0, x - 1.5)^2")
    rate = own_function.own_function(choice).rate()
    assert own_function.own_function(choice).start == pytest.approx((-1.1875, 0.8125))
    assert rate == pytest.approx(0.4 / np.hypot(2.375, 1.625), rel=1e-6)  # a tenth of the box, below 1/2
