"""The page Open: a file's results on the stage, and a sentence for a wrong file."""

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.optimization.trajectory import Trajectory
from landscapes.slices.surface import Surface
from landscapes.storage import SavedResults, encode_results, save
from landscapes.views.pages import opened
from tests.figures.scenes import asymmetric, path
from tests.figures.test_results import RESULTS as EXAMPLES
from tests.views.pages import stages, warnings

HOSTILE = "<script>![x](http://a.b/c.png)"
RESULTS = SavedResults(
    surface=asymmetric(),
    paths={"adam": path()},
    trajectories={"adam": EXAMPLES[Trajectory]},
    spectrum=EXAMPLES[Spectrum],
    labels=("along u", "along v"),
    caption=f"Loss of {HOSTILE}",
)


@pytest.fixture
def page(monkeypatch) -> AppTest:
    """The page alone: AppTest does not switch to pages that are functions."""
    monkeypatch.delenv(opened.VARIABLE, raising=False)
    return AppTest.from_function(run, default_timeout=60).run()


def run() -> None:
    from landscapes.views.pages import opened

    opened.page()


def drop(page: AppTest, data: bytes, name: str = "results.npz") -> AppTest:
    page.file_uploader[0].set_value((name, data, "application/x-npz")).run()
    assert not page.exception
    return page


def figures(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(each.partition("\n")[2]) for each in stages(page)]


def meta(page: AppTest) -> dict[str, Any]:
    return figures(page)[0]["layout"]["meta"]


def test_file_is_shown_with_paths_curves_and_eigenvalues(page):
    assert stages(page) == []
    drop(page, encode_results(RESULTS))
    kinds = [figure["layout"].get("meta", {}).get("kind") for figure in figures(page)]
    assert kinds[:2] == ["surface", "history"]
    assert len(kinds) == 3
    assert meta(page)["labels"] == ["along u", "along v"]
    assert set(meta(page)["terms"]) == {"square", "slope"}
    assert "adam" in [trace.get("name") for trace in figures(page)[0]["data"]]
    assert not page.warning


def test_view_scale_and_term_change_the_picture(page):
    drop(page, encode_results(RESULTS))
    page.segmented_control(key="opened picture").set_value("Contour").run()
    page.segmented_control(key="opened scale").set_value("log").run()
    assert (meta(page)["kind"], meta(page)["scale"]) == ("contour", "log")
    page.selectbox(key="opened term").set_value("slope").run()
    assert meta(page)["value"] == "slope"
    assert not page.exception


def test_weights_of_the_stage_reweight_the_surface(page):
    drop(page, encode_results(RESULTS))
    page.session_state["opened weights"] = {"slope": -2.0}
    page.run()
    assert meta(page)["weights"] == {"square": 1.0, "slope": -2.0}
    assert meta(page)["trained"] == {"square": 1.0, "slope": 10.0}
    assert meta(page)["value"] == "square − 2·slope"


def test_line_has_no_choice_of_views(page):
    drop(page, encode_results(SavedResults(surface=Surface.from_line([0, 1, 3], [4, 5, 7], name="ppl"))))
    assert meta(page)["kind"] == "line"
    assert [each.key for each in page.segmented_control] == ["opened scale"]
    assert "error unknown" in page.caption[0].value


def test_spectrum_alone_is_shown(page):
    drop(page, encode_results(SavedResults(spectrum=EXAMPLES[Spectrum])))
    assert len(figures(page)) == 2
    assert not page.exception


def test_game_shows_its_first_term(page):
    game = SavedResults(surface=asymmetric(game=True), paths={"adam": path()})
    drop(page, encode_results(game))
    assert meta(page)["value"] == "square"


def test_texts_of_a_file_are_shown_letter_by_letter(page):
    drop(page, encode_results(RESULTS), name=f"{HOSTILE}.npz")
    shown = [each.value for each in (*page.markdown, *page.caption)]
    assert not any("<script>" in text or "![x](" in text for text in shown)
    assert any(r"\<script\>!\[x\]" in text for text in shown)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"x,y\n1,2\n", "is no NPZ file"),
        (encode_results(RESULTS)[:500], "is damaged or incomplete"),
        (b"PK\x03\x04" + bytes(opened.MAX_FILE_BYTES), "at most 10 MB"),
    ],
    ids=["no NPZ", "torn", "large"],
)
def test_wrong_file_gets_one_sentence_and_keeps_what_is_open(page, data, answer):
    drop(page, encode_results(RESULTS))
    drop(page, data, name="wrong.npz")
    (warning,) = warnings(page)
    assert answer in warning
    assert meta(page)["kind"] == "surface"


def test_large_arrays_in_a_small_file_are_refused(page):
    zeros = Surface.from_grid(np.arange(400.0), np.arange(400.0), np.zeros((400, 400)))
    many = SavedResults(paths={"a": path()}, surface=zeros)
    data = io.BytesIO(encode_results(many, {"extra": np.zeros(opened.MAX_ARRAY_BYTES // 8)}))
    drop(page, data.getvalue())
    assert "more than the 64 MB" in warnings(page)[0]


def test_file_of_the_command_is_open_from_the_start(page, tmp_path, monkeypatch):
    file = tmp_path / "mine.npz"
    save(file, surface=asymmetric(), value="perplexity")
    monkeypatch.setenv(opened.VARIABLE, "")
    opened.start_with(file)
    started = AppTest.from_function(run, default_timeout=60).run()
    assert meta(started)["value"] == "perplexity"
    assert any("mine.npz" in each.value for each in started.markdown)
    with pytest.raises(ValueError, match="no NPZ file"):
        opened.start_with(__file__)


def test_every_export_of_saved_results_but_the_recipe_is_offered(page):
    drop(page, encode_results(RESULTS))
    keys = {each.proto.id.rpartition("export ")[2] for each in page.get("download_button")}
    assert {"html", "npz", "csv"} <= keys
    assert "json" not in keys
    assert not page.button(key="export everything").disabled


def test_paths_that_are_left_out_are_named(page):
    drop(page, encode_results(RESULTS))
    sentence = "The path of adam is not drawn here"
    assert not any(sentence in each.value for each in page.caption)
    page.selectbox(key="opened term").set_value("slope").run()
    assert sum(sentence in each.value for each in page.caption) == 1


def test_heights_of_a_saved_game_are_the_losses_of_its_players(page):
    run = replace(EXAMPLES[Trajectory], player_weights={"buyer": {"square": 1.0, "slope": 2.0}})
    drop(page, encode_results(SavedResults(surface=asymmetric(game=True), trajectories={"adam": run})))
    assert page.selectbox(key="opened term").options[0] == "Surface shows: buyer's loss"
    assert meta(page)["value"] == "buyer's loss"
