"""Sections that cannot show a recipe: their reasons, and the buttons that remove the obstacle."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from landscapes.recipes import catalog
from landscapes.views.controls import toolbar
from landscapes.views.sections import PAGES, SECTIONS
from tests.views.pages import MAIN, SMALL, warnings

RECIPES = {
    "network": SMALL,
    "minibatches": f"{SMALL}&batch_size=9",
    "alone": f"{SMALL.replace('&optimizers=adam', '')}",
    "none": "data=iris&model=softmax&optimizers=&directions=gaussian",
    "drawn": f"{SMALL}&drawn=error-rate",
    "function": "objective=himmelblau&optimizers=adam",
    "game": "objective=minimax-gan",
    "estimate": "objective=reinforce",
    "one term": "objective=bradley-terry",
    "one start": "objective=expected-return",
    "large": "critical.search=full space&mlp.width=40",
    "preferences": "objective=dpo",
    "coupled": "objective=triplet",
    "stochastic": "objective=elbo",
}
# The sections that are not offered, and those that are offered with a remedy. All others compute.
CURVED = {"spectrum", "layers", "matrix", "convexity", "critical", "sharpness", "noisescale"}
EXPECTED = {
    "network": (set(), set()),
    "minibatches": (set(), {"edge"}),
    "alone": (set(), set()),
    "none": (set(), {"race", "basins", "rates", "connection", "pareto"}),
    "drawn": (set(), CURVED),
    "function": ({"layers", "planes", "noisescale", "volume"}, {"connection", "terms", "conflict", "pareto"}),
    "game": (
        CURVED - {"spectrum"} | {"edge", "connection", "planes", "conflict", "pareto", "topology", "volume"},
        set(),
    ),
    "estimate": (CURVED | {"edge"}, set()),
    "one term": ({"conflict", "pareto", "noisescale"}, {"connection"}),
    "one start": ({"noisescale"}, {"connection"}),
    "preferences": ({"noisescale"}, {"connection"}),
    "coupled": ({"noisescale", "conflict", "pareto"}, set()),
    "stochastic": ({"noisescale"}, set()),
}
REWARDS = {"overoptimization"}  # offered for policies that are fitted to preferences


def obstacles(query: str, settings: dict | None = None):
    recipe = catalog.read_address(query)[0]
    knobs = {
        name: {**toolbar.section_settings(name, section), **(settings or {}).get(name, {})}
        for name, section in SECTIONS.items()
    }
    return {name: section.obstacle(recipe, knobs[name]) for name, section in SECTIONS.items()}


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_recipe_is_offered_the_sections_that_fit_it(kind):
    obstacle = obstacles(RECIPES[kind])
    hidden = EXPECTED[kind][0] | (set() if kind == "preferences" else REWARDS)
    assert {name for name, each in obstacle.items() if each and not each.remedy} == hidden
    assert {name for name, each in obstacle.items() if each and each.remedy} == EXPECTED[kind][1]


def test_settings_of_knobs_can_be_an_obstacle():
    two = {"connection": {"solutions": "two optimizers"}}
    assert obstacles(RECIPES["network"], two)["connection"] is None
    obstacle = obstacles(RECIPES["alone"], two)["connection"]
    assert obstacle is not None
    assert obstacle.settings["optimizers"] == ["sgd", "momentum"]
    wide = {"critical": {"search": "full space"}}
    assert obstacles("objective=himmelblau", wide)["critical"] is None
    assert obstacles("data=iris&mlp.width=3&mlp.depth=1", wide)["critical"] is None  # 27 parameters
    obstacle = obstacles("data=iris&mlp.width=40", wide)["critical"]
    assert obstacle is not None
    assert (obstacle.settings, obstacle.reason[-5:]) == ({"critical.search": "plane"}, "1,963")


def section(page_name: str, query: str) -> AppTest:
    """A session on a page of sections, which need not have its picture."""
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    page._page_hash = calc_hash(page_name)
    for key, value in (pair.split("=") for pair in query.split("&")):
        page.query_params[key] = [*page.query_params.get(key, []), value]
    return page.run()


def section_titles(page: AppTest, name: str) -> list[str]:
    """The sections that a page offers."""
    return list(page.segmented_control(key=f"{name} section").options)


def test_an_unsuitable_section_is_not_offered_but_explained():
    page = section("curvature", f"{RECIPES['function']}&steps=5&tolerance=0.1&section=layers")
    assert any("two variables and no layers" in text.value for text in page.markdown)
    assert "Planes" not in section_titles(page, "curvature")
    (button,) = (button for button in page.button if button.label.startswith("Show "))
    button.click()
    page.run()
    assert not page.exception
    assert page.segmented_control(key="curvature section").value == "spectrum"
    assert "Layers" not in section_titles(page, "curvature")


@pytest.mark.parametrize(
    ("name", "query", "label"),
    [
        ("curvature", f"{RECIPES['minibatches']}&section=edge", "Train on all examples"),
        ("curvature", f"{RECIPES['drawn']}&section=layers", "Show the trained objective"),
        ("curvature", f"{RECIPES['function']}&section=connection", "Add Momentum, and compare two optimizers"),
        ("compare", f"{RECIPES['function']}&section=conflict", "Back to training objectives"),
    ],
)
def test_the_button_removes_the_obstacle(name, query, label):
    page = section(name, query)
    (button,) = (button for button in page.button if button.label == label)
    before = page.sidebar.multiselect(key="optimizers").value
    button.click()
    page.run()
    assert not page.exception
    assert not warnings(page)
    assert label not in [button.label for button in page.button]
    assert {*before} <= {*page.sidebar.multiselect(key="optimizers").value}


def test_without_optimizers_the_first_compatible_is_added():
    recipe = catalog.read_address(RECIPES["none"])[0]
    obstacle = SECTIONS["pareto"].obstacle(recipe, toolbar.section_settings("pareto", SECTIONS["pareto"]))
    assert obstacle is not None
    assert obstacle.settings == {"optimizers": ["momentum"]}
    single = replace(recipe, optimizers=catalog.opening_of("cross-entropy").optimizers[:1])
    assert SECTIONS["pareto"].obstacle(single, {}) is None


def test_every_recipe_has_a_section_or_a_remedy():
    for query in RECIPES.values():
        obstacle = obstacles(query)
        for sections in PAGES.values():
            assert any(each is None or each.remedy for name in sections for each in [obstacle[name]])
