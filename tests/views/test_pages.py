"""The pages in Streamlit's AppTest. tests/browser tests how they look."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.lessons import LESSONS
from landscapes.objectives import FUNCTIONS
from landscapes.recipes import catalog
from tests.views.pages import (
    SMALL,
    is_working,
    open_page,
    scenes,
    settle,
    stages,
    turn_to_address,
    warnings,
)


@pytest.mark.curved
def test_a_small_network_has_its_picture_curves_and_eigenvalues():
    page = open_page(SMALL)
    assert len(stages(page)) == 3  # the surface, the curves, the eigenvalues
    assert any("onvex at the trained point" in text.value for text in page.markdown)
    assert any("Cross-entropy, softmax regression (" in text.value for text in page.caption)
    assert not warnings(page)


def test_a_button_lets_paths_leave_the_plane():
    page = open_page(f"{SMALL}&directions=filter-normalized&start=picked&start_x=0.2&start_y=-0.1")

    def captions_contain(words: str) -> bool:
        return any(words in text.value for text in page.caption)

    assert captions_contain("paths start at (0.2, −0.1) and move in this plane only")
    assert "sgd, in this plane only" in stages(page)[0]
    page.button(key="other space").click()
    settle(page.run())
    assert page.query_params["space"] == "full"
    assert captions_contain("paths start at (0.2, −0.1) and move in the full space")
    assert "in this plane only" not in stages(page)[0]
    assert page.button(key="other space").label == "Keep the paths in the plane"


def test_a_single_optimizer_has_a_picture():
    page = open_page(SMALL.replace("&optimizers=adam", ""))
    assert not warnings(page)
    assert "along the largest remaining motion, at right angles" in stages(page)[0].encode().decode(
        "unicode_escape"
    )


def test_a_game_shows_each_player_its_motion_and_the_complex_plane():
    page = open_page("objective=minimax-gan&steps=8&tolerance=0.1")
    surface, curves, plane = stages(page)
    assert "motion of the players" in surface
    assert "discriminator's loss" in curves
    assert "Re λ" in plane or "Re \\u03bb" in plane
    assert any("Do the players settle?" in text.value for text in page.markdown)
    assert any("100 % rotation" in text.value for text in page.caption)
    assert "hessian" not in page.segmented_control(key="directions").options
    page.sidebar.selectbox(key="beside").set_value("term:discriminator")
    settle(page.run())
    assert len(stages(page)) >= 2
    assert any("Discriminator's loss" in text.value for text in page.markdown)
    assert not warnings(page)


@pytest.fixture(scope="module")
def session() -> AppTest:
    """One session that goes from address to address; the families below have one each."""
    return open_page("objective=bowl", complete=False)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_opens_by_its_address(session, name):
    page = turn_to_address(session, f"objective={name}")
    assert not page.exception
    assert not is_working(page)  # its scene travels with the program
    assert not warnings(page)
    assert page.sidebar.selectbox(key="function").value == name
    assert FUNCTIONS[name].title.lower() in stages(page)[0].encode().decode("unicode_escape").lower()


# The families that no other test of the pages opens.
@pytest.mark.parametrize("name", ["bradley-terry", "elbo", "masked-token", "next-token", "classify-reconstruct"])
def test_a_family_opens_by_its_address(name):
    recipe = catalog.complete(catalog.opening_of(name))
    page = open_page(urlencode(catalog.to_query(recipe), doseq=True), complete=False)
    assert not is_working(page)
    assert not warnings(page)
    model = f"{catalog.in_sentence(catalog.titles(recipe).model)} ("
    assert any(model in text.value for text in page.caption)
    surface, curves = (json.loads(each.partition("\n")[2]) for each in stages(page)[:2])
    assert surface["layout"]["meta"]["kind"] == "surface"
    compared = [shape for shape in curves["layout"].get("shapes", []) if shape["type"] == "line"]
    assert len(compared) == len(catalog.references(recipe))


def test_changing_the_view_computes_nothing(monkeypatch):
    page = open_page(SMALL)
    monkeypatch.setattr("landscapes.views.pages.pictures.compute_scene", None)  # calling it would fail
    page.segmented_control(key="scale").set_value("log")
    settle(page.run())
    page.segmented_control(key="picture").set_value("Contour")
    settle(page.run())
    assert not warnings(page)
    assert '"contour"' in stages(page)[0]


def test_a_mix_is_in_the_address_and_trainable():
    page = open_page(f"{SMALL}&mix.l2=0.5")
    assert any("mixed as cross-entropy" in text.value for text in page.caption)
    button = {button.label: button for button in page.button}
    settle(button["Train with this mix"].click().run())
    assert page.query_params["weight.l2"] == "0.5"
    assert "mix.l2" not in page.query_params
    assert not any("mixed as" in text.value for text in page.caption)


@pytest.mark.curved
@pytest.mark.parametrize(
    ("beside", "names"),
    [
        ("split:test", ["Training examples", "Test examples"]),
        ("drawn:squared-error", ["Cross-entropy", "Squared error"]),
    ],
)
def test_two_pictures_share_plane_and_camera(beside, names):
    page = open_page(f"{SMALL}&beside={beside}")
    left, right = scenes(page)
    assert left["data"][0]["z"] != right["data"][0]["z"]
    for axis in ("xaxis", "yaxis", "camera"):
        assert left["layout"]["scene"][axis] == right["layout"]["scene"][axis]
    titles = [text.value for text in page.markdown if "onvex at the" in text.value]
    assert [title.partition(".")[0] for title in titles] == [f"**{name}" for name in names]
    assert len(stages(page)) == 5  # the curves once, and the eigenvalues of each


def test_reward_overoptimization_is_marked_on_both_pictures():
    page = open_page("lesson=overoptimized&view=3d", complete=False)
    assert not is_working(page)
    (sentence,) = [text.value for text in page.markdown if "From step" in text.value]
    assert re.match(r"\*\*From step \d+ on\*\*, the learned reward − β·KL of adam still rises \(by", sentence)
    assert "while the true reward falls (by" in sentence
    assert len(scenes(page)) == 2
    for scene in scenes(page):
        assert [trace["name"] for trace in scene["data"]].count("true reward starts to fall") == 1


def test_cross_entropy_overoptimization_is_marked_on_both_pictures():
    page = open_page(
        "objective=cross-entropy&model=softmax&data=moons&moons.noise=0.4&moons.examples=40&seed=3&optimizers=sgd"
        "&sgd.learning_rate=1&steps=60&directions=principal&tolerance=0.1&eigenvalues=1&beside=drawn:error-rate"
    )
    (sentence,) = [text.value for text in page.markdown if "From step" in text.value]
    assert re.match(r"\*\*From step \d+ on\*\*, the training cross-entropy of sgd still falls \(by", sentence)
    assert "the training error rate rises (by 0.025)" in sentence  # one example of forty
    surfaces = [[trace["name"] for trace in scene["data"]] for scene in scenes(page)]
    assert [names[0] for names in surfaces] == ["training cross-entropy", "training error rate"]
    for _, *names in surfaces:
        assert set(names) == {"sgd", "start", "training error rate starts to rise"}
        assert names.count("training error rate starts to rise") == 1


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_opens_by_permalink(session, name):
    page = turn_to_address(session, f"lesson={name}")
    assert not page.exception
    assert not warnings(page)
    assert [text.value for text in page.header] == [LESSONS[name].title]
    assert any(LESSONS[name].sentences[1] in text.value for text in page.markdown)
    assert not is_working(page)
    captions = [text.value for text in page.caption if "computed beforehand by version" in text.value]
    assert len(captions) == 1 + bool(LESSONS[name].recipe.beside)
