"""A picture stands where its objective opens with the data and the model, or where the viewer has put it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landscapes import Choice
from landscapes.recipes import catalog

PLACE = ("extent", "start", "start_x", "start_y")
HUBER = catalog.complete(catalog.opening_of("huber"))


def place(recipe):
    return {name: getattr(recipe, name) for name in PLACE}


@pytest.mark.parametrize(
    "change",
    [lambda one: catalog.with_model(one, Choice("mlp")), lambda one: catalog.with_data(one, Choice("diabetes"))],
    ids=["model", "data"],
)
def test_another_model_or_data_move_the_picture_only_as_far_as_nobody_else_has(change):
    plain = {"extent": 1.0, "start": "initial", "start_x": 0.0, "start_y": 0.0}
    assert place(HUBER) == {"extent": 15.0, "start": "picked", "start_x": -2.4, "start_y": 1.2}
    assert place(change(HUBER)) == plain
    assert place(change(replace(HUBER, extent=3.0, start_x=0.7))) == plain | {"extent": 3.0, "start_x": 0.7}


def test_digits_open_with_a_wider_denoiser_that_other_data_do_not_keep():
    opened = catalog.complete(catalog.opening_of("flow-matching"))
    digits = catalog.with_data(opened, Choice("digit-samples"))
    assert (digits.model.settings["width"], digits.batch_size, digits.schedule.name) == (128, 20, "cosine")
    assert catalog.read_address("objective=flow-matching&data=digit-samples") == (digits, [])
    assert catalog.to_query(digits) == {"objective": ["flow-matching"], "data": ["digit-samples"]}
    ring = catalog.with_data(digits, Choice("ring"))
    assert ring == catalog.with_data(opened, Choice("ring"))
    assert catalog.with_data(replace(digits, steps=7), Choice("ring")) == replace(ring, steps=7)
    narrow = Choice.of("denoiser", **{**opened.model.settings, "width": 8})
    assert catalog.with_data(replace(opened, model=narrow), Choice("digit-samples")).model == narrow
