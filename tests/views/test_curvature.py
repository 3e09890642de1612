"""The sections on the curvature of the full space, mostly of one tiny network."""

from __future__ import annotations

import base64
import importlib
import itertools
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import jax
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from landscapes import Choice, Problem, span
from landscapes.recipes import catalog
from landscapes.scenes.placement import place_picture
from landscapes.views.sections import PAGES, convexity
from landscapes.views.sections.convexity import _half_length
from landscapes.views.sections.convexity import compute as compute_map
from tests import small_recipes
from tests.problems import maximized
from tests.views.pages import MAIN, settle, stages, warnings

TINY = (
    "data=iris&iris.examples=20&model=mlp&mlp.width=3&mlp.depth=1&optimizers=sgd&steps=6&tolerance=0.1"
    "&directions=gaussian&eigenvalues=2"
)
GAME = "objective=minimax-gan&steps=8&tolerance=0.1"
REWARD = "objective=expected-return&steps=5&tolerance=0.1"


def section(name: str, query: str = "", *, tiny: str = TINY):
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    page._page_hash = calc_hash("curvature")  # at once, so that no other page is computed first
    for key, values in parse_qs(f"{tiny}&section={name}&{query}", keep_blank_values=True).items():
        page.query_params[key] = values
    page.run()
    return settle(settle(page))  # on a busy machine a minute is not enough to compile all of it


def drawn(page) -> dict[str, dict]:
    figures = [json.loads(each.partition("\n")[2]) for each in stages(page)]
    return {figure["layout"]["meta"]["kind"]: figure for figure in figures}


def entries(stage: str) -> np.ndarray:
    """The numbers of a matrix as they are drawn."""
    packed = json.loads(stage.partition("\n")[2])["data"][0]["customdata"]
    numbers = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    return numbers.reshape([int(length) for length in packed["shape"].split(",")])


def said(page) -> str:
    return "\n".join(str(text.value) for text in (*page.markdown, *page.caption, *page.info))


def test_the_spectrum_has_its_density_ends_trace_and_gauss_newton():
    page = section("spectrum")
    assert not warnings(page)
    assert list(drawn(page)) == ["density", "eigenvalues"]
    names = [trace.get("name") for trace in drawn(page)["density"]["data"]]
    assert names[:2] == ["Hessian, exact", "Gauss–Newton, exact"]
    assert "the sum of all eigenvalues" in said(page)
    assert "nothing about convexity" in said(page)
    tables = [frame.value for frame in page.dataframe]
    assert [list(table["converged"]) for table in tables] == [["yes"] * 4] * 2
    assert [list(table["rank"]) for table in tables] == [[1, 2, 26, 27]] * 2
    assert all(float(error) > 0 for table in tables for error in table["± error"])
    axis = drawn(page)["density"]["layout"]["xaxis"]["title"]["text"]
    (width,) = (knob for knob in page.main.number_input if knob.key == "spectrum.width")
    width.set_value(5.0)
    settle(page.run())
    assert drawn(page)["density"]["layout"]["xaxis"]["title"]["text"] != axis


def test_a_game_shows_its_jacobian_and_says_why():
    page = section("spectrum", tiny=GAME)
    assert not warnings(page)
    assert list(drawn(page)) == ["jacobian"]
    assert "A game has no Hessian" in said(page)
    assert "100% rotation" in said(page)
    (table,) = (frame.value for frame in page.dataframe)
    assert [abs(float(value)) for value in table["Im λ"]] == [0.5, 0.5]
    refused = section("convexity", tiny=GAME)
    assert "A game has no Hessian" in said(refused)
    assert not stages(refused)


def test_a_map_is_drawn_as_it_grows_and_not_at_every_cell():
    def progress(fraction: float, partial: Any = None, note: str = "") -> None:
        heard.append((partial, note))

    heard: list[tuple[Any, str]] = []
    recipe = catalog.from_query({key: values[-1:] for key, values in parse_qs(TINY).items()})
    whole = compute_map(recipe, {}, progress, cells=7)
    words = [note for _, note in heard if note.startswith("Computing eigenvalues")]
    assert {f"Computing eigenvalues, {done} of 49 cells" for done in range(1, 50)} <= set(words)
    maps = [partial.convexity for partial, _ in heard if partial is not None and partial.proof is None]
    sizes = [int(found.evaluated.sum()) for found in maps]
    assert all(later >= 1.3 * size or later == 49 for size, later in itertools.pairwise(sizes))
    assert 9 < len(sizes) < 20
    assert sizes[-1] == 49
    assert whole.convexity.evaluated.all()


def test_layers_have_a_row_each():
    page = section("layers")
    assert not warnings(page)
    assert drawn(page)["layers"]["data"][-1]["y"] == ["hidden/0 (15)", "output (12)"]
    assert [list(frame.value["parameters"]) for frame in page.dataframe] == [[15, 12]]


def test_the_matrix_stands_beside_its_gauss_newton_part():
    page = section("matrix")
    assert not warnings(page)
    hessian, tangent, rest = (entries(stage) for stage in stages(page))
    np.testing.assert_allclose(hessian, tangent + rest, atol=1e-6 * np.max(np.abs(hessian)))
    titles = [text.value for text in page.markdown if text.value.startswith("**") and "$" in text.value]
    assert titles == ["**Hessian $H$**", "**Gauss–Newton $G$**", "**Remainder $H-G$**"]
    assert np.linalg.eigvalsh(tangent)[0] > -1e-6 * np.max(np.abs(tangent)), (
        "Gauss–Newton has no negative curvature"
    )
    assert "27 × 27" in said(page)
    described = [json.loads(each.partition("\n")[0])["description"] for each in stages(page)]
    assert [text.partition(" ")[0] for text in described] == ["Hessian", "Gauss–Newton", "Remainder"]
    shares = re.search(r"‖G‖ = (\d+\.\d\d) ‖H‖; ‖H − G‖ = (\d+\.\d\d) ‖H‖", said(page))
    assert shares is not None
    norms = [np.linalg.norm(part) / np.linalg.norm(hessian) for part in (tangent, rest)]
    assert abs(norms[0] - norms[1]) > 0.02
    np.testing.assert_allclose([float(share) for share in shares.groups()], norms, atol=0.006)


def test_of_a_large_model_the_last_layers_are_shown_and_the_remedy_is_named():
    page = section("matrix", tiny=TINY.replace("width=3", "width=60").replace("depth=1", "depth=2"))
    assert not warnings(page)
    assert "choose a smaller model to see all" in said(page)
    assert "up to 2,000 parameters" in said(page)
    assert "183 × 183" in said(page)


def test_the_map_shows_full_space_slice_and_ratio_and_a_cell_its_witness():
    page = section("convexity", "convexity.cells=3")
    assert not warnings(page)
    assert list(drawn(page)) == ["states", "slice", "ratio", "tangent"]
    assert "9 of 9 cells" in said(page)
    assert "100% of the cells are not convex" in said(page)
    assert "of full space proves it not convex" in said(page)
    options = [json.loads(each.partition("\n")[0]) for each in stages(page)]
    assert [each["pick"] for each in options] == [True, True, True, False]
    other = section("convexity", "convexity.cells=3&convexity.x=99&convexity.y=-99")
    for name in "xy":
        cell, corner = (
            [trace[name] for trace in drawn(each)["states"]["data"] if trace["meta"]["role"] == "cell"]
            for each in (page, other)
        )
        assert cell != corner
    assert drawn(other)["tangent"]["data"] != drawn(page)["tangent"]["data"]


def test_a_click_on_the_map_asks_about_the_place_that_was_clicked(monkeypatch):
    asked: dict[str, float] = {}
    monkeypatch.setattr(convexity.widgets, "set_setting", asked.__setitem__)
    monkeypatch.setattr(convexity.st, "rerun", lambda: None)
    convexity._pick((0.25, -2.0))
    assert asked == {"convexity.x": 0.25, "convexity.y": -2.0}


def test_a_reward_is_concave_or_not_over_a_plane_and_along_a_line():
    page = section("convexity", "convexity.cells=3", tiny=REWARD)
    assert not warnings(page)
    assert "Full space: the largest eigenvalue" in said(page)
    assert "concave" in said(page)
    assert "not convex" not in said(page)
    line = section("convexity", "convexity.cells=3&dimension=1", tiny=REWARD)
    assert list(drawn(line)) == ["curvature line", "tangent"]


def test_all_nine_critical_points_with_their_audit():
    page = section("critical", tiny="objective=himmelblau&optimizers=adam&steps=5&tolerance=0.1")
    assert not warnings(page)
    assert "**4** minima, **4** saddles, **1** maximum" in said(page)
    assert "4 minima − 4 saddles + 1 maximum = 1" in said(page)
    assert "the counts match, so nothing forces another" in said(page)
    (table,) = (frame.value for frame in page.dataframe)
    assert list(table["index"]) == list("000011112")
    marks = {trace["name"] for trace in drawn(page)["contour"]["data"] if trace["meta"]["role"] == "marks"}
    assert marks == {"minimum", "saddle", "maximum"}


def test_critical_points_over_a_plane_and_in_full_space():
    page = section("critical", "critical.view=3d", tiny=REWARD)
    assert not warnings(page)
    assert list(drawn(page)) == ["surface"]
    assert "not known to be the model's own" in said(page)
    whole = section("critical", "critical.search=full space", tiny=REWARD)
    assert not warnings(whole)
    assert "in all 3 parameters" in said(whole)


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("convexity", "drawn=error-rate", "is piecewise constant, and its second derivatives are 0"),
        ("critical", "critical.search=full space&mlp.width=40", "up to 200 parameters, and the model has 323"),
    ],
)
def test_what_has_no_curvature_gets_a_sentence(name, query, sentence):
    page = section(name, query)
    assert sentence in said(page)


KNOWN: dict = {}  # what the sections of that recipe share


@pytest.fixture
def nowhere(monkeypatch):
    """A recipe whose loss is NaN at every point, and a memory for its sections."""
    build = catalog.build

    def without(recipe):
        problem = build(recipe)
        return replace(problem, data={**problem.data, "x": problem.data["x"] * np.nan})

    monkeypatch.setattr(catalog, "build", without)
    return catalog.complete(replace(small_recipes.TINY, directions=Choice("gaussian"))), KNOWN


@pytest.mark.parametrize("name", [name for name in PAGES["curvature"] if name != "convexity"])
def test_a_loss_that_is_not_finite_gets_a_sentence_with_the_remedy(nowhere, name):
    recipe, memory = nowhere
    remedy = "lower the learning rate" if name == "connection" else "choose another point"
    with pytest.raises(ValueError, match=rf"^[^.]*(not finite|finite at no|diverged)[^.]*; {remedy}[^.]*$"):
        PAGES["curvature"][name].compute(recipe, memory, lambda *_: None)


def test_a_map_of_a_loss_that_is_not_finite_is_undetermined_and_its_cell_says_why(nowhere):
    recipe, memory = nowhere
    found = PAGES["curvature"]["convexity"].compute(recipe, memory, lambda *_: None, cells=3)
    assert found.convexity.share("undetermined") == 1
    assert "not finite at this point" in found.why
    assert "choose another point" in found.why


def test_the_page_shows_the_sentence(monkeypatch):
    module = importlib.import_module("landscapes.views.sections.layers")

    def nowhere(recipe, **given):
        place = place_picture(recipe, **given)
        nan = jax.tree.map(lambda leaf: leaf * np.nan, place.problem.params)
        return replace(place, problem=replace(place.problem, params=nan))

    monkeypatch.setattr(module, "place_picture", nowhere)
    page = section("layers", "seed=5")
    assert any("The loss is not finite at this point" in text for text in warnings(page)), warnings(page)


def _triple(p):
    return 0.5 * (1 - p[0] * p[1] * p[2]) ** 2


def test_the_degenerate_saddle_of_a_product_of_three_is_in_the_list(monkeypatch):
    # ½(1 − w₁w₂w₃)² in place of the network's loss: at 0 its Hessian is exactly zero.
    module = importlib.import_module("landscapes.views.sections.critical")
    critical = module.critical_points

    def around_zero(problem, box, *, key, progress, **given):
        return critical(Problem.from_loss(_triple, np.full(3, 0.2)), 1.5, key=key, starts=64, progress=progress)

    monkeypatch.setattr(module, "critical_points", around_zero)
    page = section("critical", "critical.search=full space&seed=3", tiny=REWARD)
    assert not warnings(page)
    (table,) = (frame.value for frame in page.dataframe)
    flat = table[(table["λmin"].astype(float).abs() < 1e-9) & (table["λmax"].astype(float).abs() < 1e-9)]
    assert list(flat["kind"]) == ["degenerate"]
    assert list(flat["value"]) == ["0.5"]
    assert "degenerate" in said(page)


def _double_well(p):
    return p[0] ** 4 - p[0] ** 2 + 3 * p[0] + p[1] ** 2


def test_the_loss_is_followed_until_it_is_as_far_above_its_tangent_as_it_was_below():
    # x⁴ − x² is lowest, −1/4, at x² = 1/2 and comes to +1/4 at x² = (1 + √2)/2.
    problem = Problem.from_loss(_double_well, np.zeros(2))
    line = span(problem.params, np.array([[1.0, 0.0]]))
    reach = _half_length(problem, line, 40.0, 3.0)
    assert 1.0987 < reach <= 1.0987 * 2**0.25
    across = span(problem.params, np.array([[0.0, 1.0]]))
    assert _half_length(problem, across, 40.0, 0.0) == 40.0  # a bowl is nowhere below its tangent
    # As a reward it is on the wrong side all the way, along both.
    assert _half_length(maximized(problem), across, 40.0, 0.0) == 40.0
    assert _half_length(maximized(problem), line, 40.0, 3.0) == 40.0


def test_kinks_are_invisible_and_the_page_says_so():
    page = section("spectrum", tiny=f"{TINY.replace('mlp', 'softmax').partition('&softmax.w')[0]}&objective=hinge")
    assert "kinks are invisible to the Hessian" in said(page)


def test_more_eigenvalues_than_parameters_are_all_of_them():
    page = section("spectrum", "eigenvalues=20", tiny="objective=matyas&optimizers=adam&steps=5&tolerance=0.1")
    assert not warnings(page)
    assert "2 parameters" in said(page)
    assert len(page.dataframe[0].value) == 2
