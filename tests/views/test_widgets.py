"""Which widget a knob gets, and what is said when a setting is replaced."""

from __future__ import annotations

import re
from typing import Any

import pytest
import streamlit as st

from landscapes.knobs import Knob, knobs
from landscapes.recipes import catalog
from landscapes.recipes.catalog.offers import REGISTRIES
from landscapes.recipes.settings import SETTINGS
from landscapes.views.controls import widgets
from landscapes.views.sections import SECTIONS


@pytest.mark.parametrize(
    ("knob", "widget", "more"),
    [
        (Knob("skip", bool, True), st.toggle, {}),
        (Knob("scale", str, "linear", choices=("linear", "log")), st.segmented_control, {"required": True}),
        (Knob("kind", str, "a", choices=("a", "b", "c")), st.selectbox, {}),
        (Knob("depth", int, 2, 1, 32), st.slider, {"min_value": 1, "max_value": 32, "step": 1}),
        (Knob("width", int, 2, 1, 1024), st.number_input, {"min_value": 1, "max_value": 1024, "step": 1}),
        (
            Knob("rate", float, 0.03, 0.0, 10.0),
            st.number_input,
            {"min_value": 0.0, "max_value": 10.0, "step": 0.015},
        ),
    ],
)
def test_each_kind_of_knob_has_its_widget(monkeypatch, knob, widget, more):
    kept: dict[str, Any] = {}

    def keep(key, options, default, widget, label, **kwargs):
        kept.update(kwargs, key=key, options=options, widget=widget, label=label)
        return default

    monkeypatch.setattr(widgets, "draw_widget", keep)
    assert widgets.knob(f"mlp.{knob.name}", knob) == knob.default
    assert (kept["widget"], kept["label"], kept["key"]) == (widget, knob.name.capitalize(), f"mlp.{knob.name}")
    assert kept["options"] == (list(knob.choices) or None)
    assert {name: kept[name] for name in more} == more


@pytest.mark.parametrize(("value", "step"), [(0.03, 0.015), (1.0, 0.1), (250.0, 10.0), (0.0, 0.05), (-4.0, 0.1)])
def test_a_step_changes_the_second_digit(value, step):
    assert widgets._step(value) == pytest.approx(step)


@pytest.mark.parametrize(
    ("value", "high", "step"),
    [(0.999, 1.0, 0.0005), (0.9, 1.0, 0.05), (0.3, 1.0, 0.15), (1.0, 1.0, 0.1), (0.9, None, 0.45)],
)
def test_a_step_near_the_upper_end_changes_the_distance_to_it(value, high, step):
    assert widgets._step(value, high) == pytest.approx(step)


def test_a_replaced_setting_is_said_with_both_values():
    assert widgets._replaced("Model", "mlp", "linear", str.upper) == (
        "Model changed to LINEAR, because MLP does not fit here."
    )
    assert widgets._replaced("Optimizers", ["sgd", "lbfgs"], ["sgd"], str) == (
        "Optimizers without L-BFGS, which do not fit here; now SGD."
    )
    assert [widgets.title(name) for name in ("b1", "gan-mlp", "adamw")] == ["β₁", "Gan mlp", "AdamW"]


KNOBS = {
    **{f"setting {name}": knob for name, knob in SETTINGS.items()},
    **{
        f"{owner}.{name}": knob
        for registry in REGISTRIES
        for owner in registry
        for name, knob in catalog.knobs_of(owner).items()
    },
    **{
        f"{owner}.{name}": knob
        for owner, section in SECTIONS.items()
        for name, knob in knobs(section.compute).items()
    },
}
SYMBOLS_FIRST = re.compile(r"[^\Wa-zA-Z]|[a-z]\b|float64|[01]")
PROPER_NAMES = ("BatchNorm", "Gaussians", "KL", "Adam", "Euler")


def test_every_knob_is_described_in_one_phrase():
    """A phrase of two words or more in lower case without a stop, which the page shows as a sentence."""
    assert len(KNOBS) > 200
    wrong = {
        name: knob.doc
        for name, knob in KNOBS.items()
        if len(knob.doc.split()) < 2
        or knob.doc.endswith(".")
        or len(knob.doc) > 140
        or not (knob.doc[:1].islower() or SYMBOLS_FIRST.match(knob.doc) or knob.doc.startswith(PROPER_NAMES))
    }
    assert wrong == {}


def test_help_is_a_sentence():
    shown = [widgets.help_sentence(knob.doc) for knob in KNOBS.values()]
    assert [text for text in shown if not text.endswith(".") or text.endswith("..")] == []
    assert widgets.help_sentence("number of steps") == "Number of steps."
    assert widgets.help_sentence("a free name") == "A free name."
    for symbol in ("η, the learning rate", "s at the start", "p: numbers below p", "float64 has more digits"):
        assert widgets.help_sentence(symbol) == f"{symbol}."
