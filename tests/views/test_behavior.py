"""The switch and the panel of what the model does."""

import json

from tests.views.pages import SMALL, open_page


def panel(page):
    return [
        part.proto.bytes.decode() for part in page.get("bidi_component") if "behavior" in part.proto.component_name
    ]


def test_the_panel_follows_the_stage_of_its_picture():
    page = open_page(f"{SMALL}&behavior=true")
    (sent,) = panel(page)
    options, data = map(json.loads, sent.split("\n"))
    assert options == {"stage": "stage picture", "presenter": False}
    assert data["kind"] == "confusion"
    assert list(data["paths"]) == ["sgd", "adam"]
    assert data["examples"] == "training examples"
    page.toggle(key="behavior").set_value(False).run()
    assert not panel(page)


def test_a_test_function_has_no_switch():
    page = open_page("objective=booth&optimizers=sgd&steps=5&behavior=true")
    assert not panel(page)
    assert "behavior" not in [toggle.key for toggle in page.toggle]


def test_two_pictures_of_the_same_models_have_one_panel():
    base = f"{SMALL}&directions=gaussian&behavior=true"
    assert len(panel(open_page(f"{base}&beside=drawn:hinge"))) == 1
    examples = [
        json.loads(sent.split("\n")[1])["examples"] for sent in panel(open_page(f"{base}&beside=split:test"))
    ]
    assert examples == ["training examples", "test examples"]
