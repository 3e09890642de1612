"""The pages as a session of Streamlit's own tester sees them; what is seen by eye is tested in tests/browser."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes import scene as developing
from landscapes.views.pages import explore
from landscapes.views.worker import progress
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES
from tests.small_recipes import opening

MAIN = Path(explore.__file__).with_name("main.py")
SMALL = "data=iris&model=softmax&optimizers=sgd&optimizers=adam&steps=5&eigenvalues=1&tolerance=0.1"


@pytest.fixture(autouse=True)
def _uncurved(request, monkeypatch):
    """Hessians take the longest to compile; a test that does not speak of them does not wait for them."""
    if not request.node.get_closest_marker("curved"):
        monkeypatch.setattr(developing, "spectrum", lambda *args, **kwargs: None)


def open_page(query: str = "", *, center_problem: bool = True) -> AppTest:
    """A session at this address, run again until its picture is complete."""
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for key, values in parse_qs(query, keep_blank_values=True).items():
        page.query_params[key] = values
    page.run()
    return settled(page) if center_problem else page


def settled(page: AppTest) -> AppTest:
    deadline = time.monotonic() + 60
    while at_work(page) and time.monotonic() < deadline:
        time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def at_work(page: AppTest) -> bool:
    """Whether the page shows progress, and offers to cancel."""
    return any(shown.proto.component_name == progress.NAME for shown in page.get("bidi_component"))


def stages(page: AppTest) -> list[str]:
    """The pictures on the page, as the JSON that each stage was sent."""
    shown = [part.proto for part in page.get("bidi_component")]
    return [part.bytes.decode() for part in shown if part.component_name != progress.NAME]


def warnings(page: AppTest) -> list[str]:
    return [str(warning.value) for warning in page.warning]


@pytest.mark.curved
def test_a_small_network_has_its_picture_curves_and_eigenvalues():
    page = open_page(SMALL)
    assert len(stages(page)) == 3  # the surface, the curves, the eigenvalues
    assert any("onvex at the trained point" in text.value for text in page.markdown)
    assert any("Cross-entropy, softmax regression (" in text.value for text in page.caption)
    assert not warnings(page)


def test_paths_that_stay_in_the_plane_are_offered_to_leave_it():
    page = open_page(f"{SMALL}&directions=filter-normalized&start=picked&start_x=0.2&start_y=-0.1")

    def said(words: str) -> bool:
        return any(words in text.value for text in page.caption)

    assert said("paths start at (0.2, -0.1) and move in this plane only")
    assert "sgd, in this plane only" in stages(page)[0]
    page.button(key="other space").click()
    settled(page.run())
    assert page.query_params["space"] == "full"
    assert said("paths start at (0.2, -0.1) and move in the full space")
    assert "in this plane only" not in stages(page)[0]
    assert page.button(key="other space").label == "Keep the paths in the plane"


def test_one_optimizer_alone_has_its_picture():
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
    assert any("100% rotation" in text.value for text in page.caption)
    assert "hessian" not in page.segmented_control(key="directions").options
    page.sidebar.selectbox(key="beside").set_value("term:discriminator")
    settled(page.run())
    assert len(stages(page)) >= 2
    assert any("Discriminator's loss" in text.value for text in page.markdown)
    assert not warnings(page)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_opens_by_its_address(name):
    page = open_page(f"objective={name}&optimizers=adam&steps=10&tolerance=0.1")
    assert not warnings(page)
    assert page.sidebar.selectbox(key="function").value == name
    assert FUNCTIONS[name].title.lower() in stages(page)[0].encode().decode("unicode_escape").lower()


# The families that no other test of the pages opens.
@pytest.mark.parametrize("name", ["bradley-terry", "elbo", "masked-token", "next-token", "classify-reconstruct"])
def test_a_family_opens_by_its_address(name):
    recipe = catalog.complete(opening(name))
    page = open_page(urlencode(catalog.to_query(recipe), doseq=True))
    assert not warnings(page)
    model = f"{catalog.in_sentence(catalog.titles(recipe).model)} ("
    assert any(model in text.value for text in page.caption)
    surface, curves = (json.loads(each.partition("\n")[2]) for each in stages(page)[:2])
    assert surface["layout"]["meta"]["kind"] == "surface"
    compared = [shape for shape in curves["layout"].get("shapes", []) if shape["type"] == "line"]
    assert len(compared) == len(catalog.references(recipe))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("model=resnett", "Did you mean resnet"),
        ("model=resnett", "resnet?"),
        ("model=resnett", "There is no model named 'resnett'"),
        ("mlp.width=-3", "width = -3 is out of range"),
        ("adam.learning_rate=nan", "learning_rate = nan is not valid"),
        ("data=diabetes", "cross-entropy needs class labels"),
        ("steps=1e9", "steps = 1000000000 is out of range"),
        ("optimizers=", "choose at least one optimizer"),
        ("lesson=nonsense", "There is no lesson 'nonsense'"),
        ("beside=split", "write it as key:value"),
        ("beside=model:resnett", "There is no model named 'resnett'"),
        ("objective=next-token&model=linear", "but text has tokens inputs; choose bigram, transformer"),
        ("objective=elbo&weight.kl=0", "weight.kl = 0 is on the wrong side of 0; give a number above 0"),
        ("objective=rlhf&weight.kl=0", "weight.kl = 0 is on the wrong side of 0; give a number below 0"),
        ("objective=rlhf&weight.kl=0.2", "weight.kl = 0.2 is on the wrong side of 0; give a number below 0"),
        ("objective=dpo&dpo.beta=-1", "beta = -1 is out of range; give a number above 0"),
        ("objective=huber&huber.delta=0", "huber: delta = 0 is out of range; give a number above 0 up to 10"),
        ("cross-entropy.label_smoothing=1", "label_smoothing = 1 is out of range; give a number from 0 below 1"),
        ("objective=elastic-net&data=digits", "elastic-net needs real targets, but digits has class labels"),
        (
            "objective=dropout&model=softmax",
            "needs a predictor with dropout, but softmax is a predictor; choose mlp",
        ),
        ("objective=dropout&dropout.rate=1", "rate = 1 is out of range; give a number from 0 below 1"),
        ("objective=info-nce&data=iris", "info-nce needs image inputs, but iris has vector inputs"),
        ("objective=info-nce&info-nce.temperature=0", "temperature = 0 is out of range; give a number above 0"),
        (
            "objective=masked-token&model=bigram",
            "needs a bidirectional language model, but bigram is a language model; choose transformer",
        ),
        ("objective=linear-elbo&model=vae", "linear autoencoder, but vae is an autoencoder; choose linear-vae"),
        ("objective=expected-return&data=cartpole", "but cartpole has observations inputs; choose reinforce"),
        ("objective=reinforce&reinforce.episodes=1", "episodes = 1 is out of range; give a whole number from 2"),
        ("objective=minimax-gan&model=mlp", "but point has point inputs; choose dirac-gan"),
        (
            "objective=classify-reconstruct&data=diabetes",
            "classify-reconstruct needs class labels, but diabetes has real targets",
        ),
        (
            "objective=minimax-gan&directions=hessian",
            "its field's Jacobian stand beside the picture",
        ),
    ],
)
def test_a_wrong_address_gets_one_sentence_and_a_page_that_works(query, sentence):
    page = open_page(f"{query}", center_problem=False)
    assert not page.exception
    assert sum(sentence.lower() in text.lower() for text in warnings(page)) == 1
    assert all("\n" not in text for text in warnings(page))


def test_a_wrong_setting_keeps_the_last_good_picture():
    page = open_page(SMALL)
    before = stages(page)[0]
    page.sidebar.multiselect(key="optimizers").set_value([])
    settled(page.run())
    assert any("choose at least one optimizer" in text for text in warnings(page))
    assert stages(page)[0] == before


def test_a_vocabulary_larger_than_the_data_is_refused_by_address_and_by_knob_and_nothing_is_lost():
    address = (
        "objective=next-token&data=markov-chain&model=bigram&markov-chain.examples=2&markov-chain.context=8"
        "&optimizers=sgd&directions=gaussian&steps=3&eigenvalues=1&tolerance=0.1"
    )
    sentence = (
        "A vocabulary of 30 is larger than the data, which has 16 to predict; "
        "give more examples, a longer context or fewer tokens."
    )
    assert warnings(open_page(f"{address}&markov-chain.vocabulary=30")) == [sentence]
    page = open_page(address)
    before = stages(page)[0]
    page.sidebar.slider(key="markov-chain.vocabulary").set_value(30)
    settled(page.run())
    assert warnings(page) == [sentence]
    assert stages(page)[0] == before
    page.sidebar.slider(key="markov-chain.vocabulary").set_value(6)
    settled(page.run())
    assert not warnings(page)


@pytest.mark.parametrize(
    ("named", "extreme"),
    [
        (
            "Huber error, softmax regression (",
            "objective=huber&data=iris&model=softmax&start=initial&huber.delta=1e-30",
        ),
        ("Cross-entropy, softmax regression (", "data=iris&model=softmax&cross-entropy.label_smoothing=0.999"),
        ("Return + 1e+06·entropy, ", "objective=expected-return&data=bandit&weight.entropy=1e6"),
    ],
)
def test_a_knob_at_its_end_still_has_its_picture(named, extreme):
    page = open_page(f"{extreme}&optimizers=sgd&directions=gaussian&steps=3&eigenvalues=1&tolerance=0.1")
    assert not warnings(page)
    assert any(named in text.value for text in page.caption)
    assert len(stages(page)) >= 2


def test_a_weight_on_the_wrong_side_of_zero_keeps_the_last_good_picture():
    page = open_page(
        "objective=rlhf&preferences.length=2&optimizers=sgd&directions=gaussian&steps=3&eigenvalues=1&tolerance=0.1"
    )
    before = stages(page)[0]
    for weight in (0.0, 0.2):
        page.sidebar.number_input(key="weight.rlhf.kl").set_value(weight)
        settled(page.run())
        assert warnings(page) == [f"Weight.kl = {weight:g} is on the wrong side of 0; give a number below 0."]
        assert stages(page)[0] == before


def test_changing_what_is_only_seen_computes_nothing(monkeypatch):
    page = open_page(SMALL)
    monkeypatch.setattr("landscapes.views.pages.pictures.compute_scene", None)  # calling it would fail
    page.segmented_control(key="scale").set_value("log")
    settled(page.run())
    page.segmented_control(key="picture").set_value("Contour")
    settled(page.run())
    assert not warnings(page)
    assert '"contour"' in stages(page)[0]


def test_a_mix_stands_in_the_address_and_can_be_trained_with():
    page = open_page(f"{SMALL}&mix.l2=0.5")
    assert any("mixed as cross-entropy" in text.value for text in page.caption)
    button = {button.label: button for button in page.button}
    settled(button["Train with this mix"].click().run())
    assert page.query_params["weight.l2"] == "0.5"
    assert "mix.l2" not in page.query_params
    assert not any("mixed as" in text.value for text in page.caption)


def test_back_and_forward_are_followed_and_not_overwritten():
    page = open_page("objective=matyas&optimizers=adam&steps=5")
    page.main.segmented_control(key="scale").set_value("log")
    settled(page.run())
    assert page.query_params["scale"] in ("log", ["log"])  # the tester is not of one mind
    del page.query_params["scale"]  # the browser's back button
    settled(page.run())
    assert page.segmented_control(key="scale").value == "linear"
    assert "scale" not in page.query_params
    page.query_params["scale"] = ["log"]  # and forward
    settled(page.run())
    assert page.segmented_control(key="scale").value == "log"


def test_a_late_address_does_not_undo_what_a_widget_says():
    page = open_page("objective=matyas&optimizers=adam&steps=5")
    page.segmented_control(key="scale").set_value("log")
    settled(page.run())
    del page.query_params["scale"]
    page.segmented_control(key="picture").set_value("Contour")
    settled(page.run())
    assert page.segmented_control(key="scale").value == "log"
    assert page.query_params["view"] in ("contour", ["contour"])


def test_a_setting_survives_the_absence_of_its_widget():
    page = open_page(SMALL)
    page.sidebar.number_input(key="adam.learning_rate").set_value(0.02)
    settled(page.run())
    page.sidebar.multiselect(key="optimizers").set_value(["sgd"])
    settled(page.run())
    page.sidebar.multiselect(key="optimizers").set_value(["sgd", "adam"])
    settled(page.run())
    assert page.sidebar.number_input(key="adam.learning_rate").value == 0.02


def test_learning_rates_follow_the_function():
    page = open_page("objective=rosenbrock&optimizers=sgd&steps=5&tolerance=0.1")
    slow = page.sidebar.number_input(key="sgd.learning_rate").value
    page.sidebar.selectbox(key="function").set_value("matyas")
    settled(page.run())
    fast = page.sidebar.number_input(key="sgd.learning_rate").value
    assert fast == catalog.default_rate(Choice("matyas"), "sgd")
    assert slow == catalog.default_rate(Choice("rosenbrock"), "sgd")


def scenes(page: AppTest) -> list[dict]:
    """The figures in space on the page."""
    figures = [json.loads(each.partition("\n")[2]) for each in stages(page)]
    return [figure for figure in figures if "scene" in figure["layout"]]


@pytest.mark.curved
@pytest.mark.parametrize(
    ("beside", "names"),
    [
        ("split:test", ["Training examples", "Test examples"]),
        ("drawn:squared-error", ["Cross-entropy", "Squared error"]),
    ],
)
def test_two_pictures_stand_side_by_side_over_one_plane_and_under_one_camera(beside, names):
    page = open_page(f"{SMALL}&beside={beside}")
    left, right = scenes(page)
    assert left["data"][0]["z"] != right["data"][0]["z"]
    for axis in ("xaxis", "yaxis", "camera"):
        assert left["layout"]["scene"][axis] == right["layout"]["scene"][axis]
    titles = [text.value for text in page.markdown if "onvex at the" in text.value]
    assert [title.partition(".")[0] for title in titles] == [f"**{name}" for name in names]
    assert len(stages(page)) == 5  # the curves once, and the eigenvalues of each


def test_where_a_policy_parts_from_what_its_reward_stands_for_is_said_and_marked_on_both_pictures():
    page = open_page(
        "objective=rlhf&model=score-table&preferences.length=4&preferences.examples=200&seed=2&optimizers=adam"
        "&adam.learning_rate=0.2&steps=80&directions=principal&tolerance=0.1&beside=term:true-reward"
    )
    (said,) = [text.value for text in page.markdown if "From step" in text.value]
    assert re.match(r"\*\*From step \d+ on\*\*, the learned reward − β·KL of adam still rises \(by", said)
    assert "while the true reward falls (by" in said
    for scene in scenes(page):
        assert [trace["name"] for trace in scene["data"]].count("true reward starts to fall") == 1


def test_where_the_cross_entropy_still_falls_and_accuracy_is_lost_is_said_and_marked_on_both_pictures():
    page = open_page(
        "objective=cross-entropy&model=softmax&data=moons&moons.noise=0.4&moons.examples=40&seed=3&optimizers=sgd"
        "&sgd.learning_rate=1&steps=60&directions=principal&tolerance=0.1&eigenvalues=1&beside=drawn:error-rate"
    )
    (said,) = [text.value for text in page.markdown if "From step" in text.value]
    assert re.match(r"\*\*From step \d+ on\*\*, the training cross-entropy of sgd still falls \(by", said)
    assert "the training error rate rises (by 0.025)" in said  # one example of forty
    surfaces = [[trace["name"] for trace in scene["data"]] for scene in scenes(page)]
    assert [names[0] for names in surfaces] == ["training cross-entropy", "training error rate"]
    for _, *names in surfaces:
        assert set(names) == {"sgd", "start", "end", "training error rate starts to rise"}
        assert names.count("training error rate starts to rise") == 1


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_opens_by_permalink(name):
    page = open_page(f"lesson={name}", center_problem=False)
    assert not page.exception
    assert not warnings(page)
    assert [text.value for text in page.header] == [LESSONS[name].title]
    assert any(LESSONS[name].sentences[1] in text.value for text in page.markdown)


def test_the_sidebar_offers_what_fits_and_nothing_else():
    page = open_page(SMALL)
    page.sidebar.selectbox(key="objective").set_value("squared-error")
    page.run()
    page.sidebar.selectbox(key="data").set_value("diabetes")
    page.run()
    entries = [OBJECTIVES[name] for name in catalog.trainable_objectives(OBJECTIVES)]
    titles = {entry.title for entry in entries if entry.page.family == "Supervised"}
    assert set(page.sidebar.selectbox(key="objective").options) == titles
    fits = {MODELS[name].title for name in catalog.models_for("diabetes", "squared-error")}
    assert set(page.sidebar.selectbox(key="model").options) == fits
    fits = {DATASETS[name].title for name in catalog.datasets_for("squared-error")}
    assert set(page.sidebar.selectbox(key="data").options) == fits


def test_another_objective_that_cannot_read_the_data_opens_with_its_own():
    page = open_page(
        "objective=squared-error&data=diabetes&model=linear&seed=3&directions=gaussian&optimizers=sgd"
        "&steps=5&eigenvalues=1&tolerance=0.1"
    )
    page.sidebar.selectbox(key="objective").set_value("hinge")
    page.run()
    assert not page.exception
    assert not warnings(page)
    assert page.sidebar.selectbox(key="data").value == catalog.opening_of("hinge").data.name
    assert page.sidebar.number_input(key="seed").value == 3


def test_other_data_are_seen_from_where_they_open_and_the_viewers_own_choice_stays():
    page = open_page("objective=huber&steps=5&eigenvalues=1&tolerance=0.1&optimizers=sgd", center_problem=False)

    def place():
        numbers = [page.sidebar.number_input(key=key).value for key in ("extent", "start_x")]
        return numbers, page.sidebar.selectbox(key="start").value

    assert place() == ([15, -2.4], "picked")
    page.sidebar.selectbox(key="data").set_value("diabetes")
    page.run()
    assert place() == ([1, 0], "initial")
    page.sidebar.selectbox(key="data").set_value("sine")
    page.run()
    assert place() == ([15, -2.4], "picked")
    page.sidebar.number_input(key="extent").set_value(7)
    page.run()
    page.sidebar.selectbox(key="model").set_value("mlp")
    page.run()
    assert place() == ([7, 0], "initial")
    assert (page.query_params["extent"], page.query_params["model"]) == ("7.0", "mlp")


def test_every_knob_of_the_chosen_entries_has_its_widget():
    page = open_page(SMALL)
    keys = {widget.key for kind in ("number_input", "slider", "toggle", "selectbox") for widget in page.get(kind)}
    for owner in ("iris", "cross-entropy", "sgd", "adam"):
        assert {f"{owner}.{knob}" for knob in catalog.knobs_of(owner)} <= keys


def test_the_address_that_a_page_writes_opens_the_same_recipe():
    recipe = catalog.complete(Recipe.from_query(SMALL))
    assert catalog.complete(catalog.from_query(catalog.to_query(recipe))) == recipe
    assert catalog.to_query(recipe)["optimizers"] == ["sgd", "adam"]


def test_a_misspelt_key_is_named_and_the_rest_of_the_address_holds():
    page = open_page("modle=softmax&objective=himmelblau&utm_source=mail", center_problem=False)
    assert warnings(page)[0].startswith("Modle is not part of an address")
    assert "did you mean model?" in warnings(page)[0]
    assert page.sidebar.selectbox(key="function").value == "himmelblau"
