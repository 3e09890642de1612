"""The sections on the curvature of the full space, mostly of one tiny network."""

from __future__ import annotations

import base64
import importlib
import json
import re
from dataclasses import replace
from urllib.parse import parse_qs

import jax
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from landscapes import Choice, Problem
from landscapes.recipes import catalog
from landscapes.scenes.placement import place_picture
from landscapes.views.sections import PAGES, matrix
from tests import small_recipes
from tests.views.pages import MAIN, settle, stages, warnings

TINY = (
    "data=iris&iris.examples=20&model=mlp&mlp.width=3&mlp.depth=1&optimizers=sgd&steps=6&tolerance=0.1"
    "&directions=gaussian&eigenvalues=2"
)

GAME = "objective=minimax-gan&steps=8&tolerance=0.1"

REWARD = "objective=expected-return&steps=5&tolerance=0.1"


def section(name: str, query: str = "", *, tiny: str = TINY):
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    page._page_hash = calc_hash("curvature")  # opens this page directly, so that no other page is computed first
    for key, values in parse_qs(f"{tiny}&section={name}&{query}", keep_blank_values=True).items():
        page.query_params[key] = values
    page.run()
    return settle(settle(page))  # on a busy machine a minute is not enough to compile all of it


def figures_by_name(page) -> dict[str, dict]:
    figures = [json.loads(each.partition("\n")[2]) for each in stages(page)]
    return {figure["layout"]["meta"]["kind"]: figure for figure in figures}


def entries(stage: str) -> np.ndarray:
    """The numbers of a matrix as they are drawn."""
    packed = json.loads(stage.partition("\n")[2])["data"][0]["customdata"]
    numbers = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    return numbers.reshape([int(length) for length in packed["shape"].split(",")])


def text_of(page) -> str:
    return "\n".join(str(text.value) for text in (*page.markdown, *page.caption, *page.info))


def test_the_spectrum_has_density_extremes_and_trace():
    page = section("spectrum")
    assert not warnings(page)
    assert list(figures_by_name(page)) == ["density", "eigenvalues"]
    names = [trace.get("name") for trace in figures_by_name(page)["density"]["data"]]
    assert names[:2] == ["Hessian, exact", "Gauss–Newton, exact"]
    assert "the sum of all eigenvalues" in text_of(page)
    assert "nothing about convexity" in text_of(page)
    tables = [frame.value for frame in page.dataframe]
    assert [list(table["converged"]) for table in tables] == [["yes"] * 4] * 2
    assert [list(table["rank"]) for table in tables] == [[1, 2, 26, 27]] * 2
    assert all(float(error) > 0 for table in tables for error in table["± error"])
    axis = figures_by_name(page)["density"]["layout"]["xaxis"]["title"]["text"]
    (width,) = (knob for knob in page.main.number_input if knob.key == "spectrum.width")
    width.set_value(5.0)
    settle(page.run())
    assert figures_by_name(page)["density"]["layout"]["xaxis"]["title"]["text"] != axis


def test_a_game_shows_its_jacobian_with_the_reason():
    page = section("spectrum", tiny=GAME)
    assert not warnings(page)
    assert list(figures_by_name(page)) == ["jacobian"]
    assert "A game has no Hessian" in text_of(page)
    assert "100 % rotation" in text_of(page)
    (table,) = (frame.value for frame in page.dataframe)
    assert [abs(float(value)) for value in table["Im λ"]] == [0.5, 0.5]
    refused = section("convexity", tiny=GAME)
    assert "A game has no Hessian" in text_of(refused)
    assert not stages(refused)


def test_each_layer_has_one_row():
    page = section("layers")
    assert not warnings(page)
    assert figures_by_name(page)["layers"]["data"][-1]["y"] == ["hidden/0 (15)", "output (12)"]
    assert [list(frame.value["parameters"]) for frame in page.dataframe] == [[15, 12]]


def test_the_hessian_is_drawn_with_its_gauss_newton_part():
    page = section("matrix")
    assert not warnings(page)
    hessian, tangent, rest = (entries(stage) for stage in stages(page))
    np.testing.assert_allclose(hessian, tangent + rest, atol=1e-6 * np.max(np.abs(hessian)))
    titles = [text.value for text in page.markdown if text.value.startswith("**") and "$" in text.value]
    assert titles == ["**Hessian $H$**", "**Gauss–Newton $G$**", "**Remainder $H-G$**"]
    assert np.linalg.eigvalsh(tangent)[0] > -1e-6 * np.max(np.abs(tangent)), (
        "Gauss–Newton has no negative curvature"
    )
    assert "27 × 27" in text_of(page)
    described = [json.loads(each.partition("\n")[0])["description"] for each in stages(page)]
    assert [text.partition(" ")[0] for text in described] == ["Hessian", "Gauss–Newton", "Remainder"]
    shares = re.search(r"‖G‖ = (\d+\.\d\d) ‖H‖; ‖H − G‖ = (\d+\.\d\d) ‖H‖", text_of(page))
    assert shares is not None
    norms = [np.linalg.norm(part) / np.linalg.norm(hessian) for part in (tangent, rest)]
    assert abs(norms[0] - norms[1]) > 0.02
    np.testing.assert_allclose([float(share) for share in shares.groups()], norms, atol=0.006)


def test_a_large_model_shows_only_its_last_layers(monkeypatch):
    assert matrix.MAX_DENSE_PARAMETERS == 2000
    monkeypatch.setattr(matrix, "MAX_DENSE_PARAMETERS", 20)  # of 15 + 12
    page = section("matrix", "seed=1")
    assert not warnings(page)
    assert "choose a smaller model to see all" in text_of(page)
    assert "The whole matrix of 27 parameters would hold 729 numbers" in text_of(page)
    assert "up to 20 parameters" in text_of(page)
    assert "12 × 12" in text_of(page)


def test_three_maps_and_the_witness_are_drawn():
    page = section("convexity", "convexity.cells=3")
    assert not warnings(page)
    assert list(figures_by_name(page)) == ["states", "slice", "ratio", "tangent"]
    assert "9 of 9 cells" in text_of(page)
    assert "100 % of the cells are not convex" in text_of(page)
    assert "of full space proves it not convex" in text_of(page)
    options = [json.loads(each.partition("\n")[0]) for each in stages(page)]
    assert [each["pick"] for each in options] == [True, True, True, False]
    other = section("convexity", "convexity.cells=3&convexity.x=99&convexity.y=-99")
    for name in "xy":
        cell, corner = (
            [trace[name] for trace in figures_by_name(each)["states"]["data"] if trace["meta"]["role"] == "cell"]
            for each in (page, other)
        )
        assert cell != corner
    assert figures_by_name(other)["tangent"]["data"] != figures_by_name(page)["tangent"]["data"]


def test_a_reward_is_tested_for_concavity():
    page = section("convexity", "convexity.cells=3", tiny=REWARD)
    assert not warnings(page)
    assert "Full space: the largest eigenvalue" in text_of(page)
    assert "concave" in text_of(page)
    assert "not convex" not in text_of(page)
    line = section("convexity", "convexity.cells=3&dimension=1", tiny=REWARD)
    assert list(figures_by_name(line)) == ["curvature line", "tangent"]


def test_all_nine_critical_points_of_himmelblau_are_listed():
    page = section("critical", tiny="objective=himmelblau&optimizers=adam&steps=5&tolerance=0.1")
    assert not warnings(page)
    assert "**4** minima, **4** saddles, **1** maximum" in text_of(page)
    assert "4 minima − 4 saddles + 1 maximum = 1" in text_of(page)
    assert "the counts match, so nothing forces another" in text_of(page)
    (table,) = (frame.value for frame in page.dataframe)
    assert list(table["index"]) == list("000011112")
    marks = {
        trace["name"] for trace in figures_by_name(page)["contour"]["data"] if trace["meta"]["role"] == "marks"
    }
    assert marks == {"minimum", "saddle", "maximum"}


def test_critical_points_over_a_plane_and_in_full_space():
    page = section("critical", "critical.view=3d", tiny=REWARD)
    assert not warnings(page)
    assert list(figures_by_name(page)) == ["surface"]
    assert "not known to be the model's own" in text_of(page)
    full_space = section("critical", "critical.search=full space", tiny=REWARD)
    assert not warnings(full_space)
    assert "in all 3 parameters" in text_of(full_space)


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("convexity", "drawn=error-rate", "is piecewise constant, and its second derivatives are 0"),
        ("critical", "critical.search=full space&mlp.width=40", "up to 200 parameters, and the model has 323"),
    ],
)
def test_an_objective_without_curvature_gets_a_sentence(name, query, sentence):
    page = section(name, query)
    assert sentence in text_of(page)


KNOWN: dict = {}  # results that the sections of this recipe share


@pytest.fixture
def nonfinite_loss(monkeypatch):
    """A recipe whose loss is NaN at every point, and a memory for its sections."""
    build = catalog.build

    def build_nonfinite(recipe):
        problem = build(recipe)
        return replace(problem, data={**problem.data, "x": problem.data["x"] * np.nan})

    monkeypatch.setattr(catalog, "build", build_nonfinite)
    return catalog.complete(replace(small_recipes.TINY, directions=Choice("gaussian"))), KNOWN


@pytest.mark.curved
@pytest.mark.parametrize("name", [name for name in PAGES["curvature"] if name != "convexity"])
def test_a_loss_that_is_not_finite_raises_with_remedy(nonfinite_loss, name):
    recipe, memory = nonfinite_loss
    remedy = "lower the learning rate" if name == "connection" else "choose another point"
    with pytest.raises(ValueError, match=rf"^[^.]*(not finite|finite at no|diverged)[^.]*; {remedy}[^.]*$"):
        PAGES["curvature"][name].compute(recipe, memory, lambda *_: None)


def test_a_map_of_a_nonfinite_loss_is_undetermined(nonfinite_loss):
    recipe, memory = nonfinite_loss
    result = PAGES["curvature"]["convexity"].compute(recipe, memory, lambda *_: None, cells=3)
    assert result.convexity.share("undetermined") == 1
    assert "not finite at this point" in result.why
    assert "choose another point" in result.why


def test_the_page_shows_the_sentence_of_a_nonfinite_loss(monkeypatch):
    module = importlib.import_module("landscapes.views.sections.layers")

    def nonfinite_loss(recipe, **kwargs):
        place = place_picture(recipe, **kwargs)
        nan = jax.tree.map(lambda leaf: leaf * np.nan, place.problem.params)
        return replace(place, problem=replace(place.problem, params=nan))

    monkeypatch.setattr(module, "place_picture", nonfinite_loss)
    page = section("layers", "seed=5")
    assert any("The loss is not finite at this point" in text for text in warnings(page)), warnings(page)


def _triple(p):
    return 0.5 * (1 - p[0] * p[1] * p[2]) ** 2


def test_a_degenerate_saddle_is_listed(monkeypatch):
    # ½(1 − w₁w₂w₃)² in place of the network's loss: at 0 its Hessian is exactly zero.
    module = importlib.import_module("landscapes.views.sections.critical")
    critical = module.critical_points

    def around_zero(problem, box, *, key, progress, **kwargs):
        return critical(Problem.from_loss(_triple, np.full(3, 0.2)), 1.5, key=key, starts=64, progress=progress)

    monkeypatch.setattr(module, "critical_points", around_zero)
    page = section("critical", "critical.search=full space&seed=3", tiny=REWARD)
    assert not warnings(page)
    (table,) = (frame.value for frame in page.dataframe)
    flat = table[(table["λmin"].astype(float).abs() < 1e-9) & (table["λmax"].astype(float).abs() < 1e-9)]
    assert list(flat["kind"]) == ["degenerate"]
    assert list(flat["value"]) == ["0.5"]
    assert "degenerate" in text_of(page)


def test_the_page_says_that_kinks_are_invisible():
    kinked = "objective=formula&formula.text=abs(x)%2B2*abs(y)&optimizers=adam&steps=5&tolerance=0.1"
    page = section("spectrum", tiny=kinked)
    assert "kinks are invisible to the Hessian" in text_of(page)


def test_more_eigenvalues_than_parameters_return_all():
    page = section("spectrum", "eigenvalues=20", tiny="objective=matyas&optimizers=adam&steps=5&tolerance=0.1")
    assert not warnings(page)
    assert "2 parameters" in text_of(page)
    assert len(page.dataframe[0].value) == 2
