"""Settings of a second picture in words."""

from dataclasses import replace

import pytest

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.views.controls import toolbar
from tests.small_recipes import TINY


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("weight.kl:6.0", "KL weight 6"),
        ("mlp.residual:false", "without skip connections"),
        ("model:transformer&adam.learning_rate:0.01", "model transformer, adam learning rate 0.01"),
        ("split:test", "test examples"),
    ],
)
def test_settings_of_a_second_picture_have_words(setting, text):
    assert toolbar.setting_text(setting) == text


class Recorded:
    """A list that was drawn: its options, and these in words."""

    def __init__(self) -> None:
        self.options: list[str] = []
        self.keys: list[str] = []

    def keep(self, key, options, default, widget, label, *, format_func, **kwargs):
        self.keys = list(options)
        self.options = [format_func(each).removeprefix("Second picture: ") for each in options]
        return default


@pytest.mark.parametrize("split", ["train", "test"])
def test_second_pictures_are_named_after_what_they_show(monkeypatch, split):
    drawn = Recorded()
    monkeypatch.setattr(toolbar, "draw_widget", drawn.keep)
    monkeypatch.setattr(toolbar, "setting", lambda key, default=None: default)
    recipe = catalog.complete(
        replace(TINY, split=split, term="l1", model=Choice.of("mlp", width=3, residual=True))
    )
    toolbar.choose_second_picture(recipe)
    other = {"train": "test", "test": "training"}[split]
    assert drawn.options[:2] == ["none", f"{other} examples"]
    assert {"total loss", "cross-entropy term", "L2 term", "without skip connections"} <= {*drawn.options}
    assert "L1 term" not in drawn.options
    assert {"hinge loss, same plane", "model: Softmax regression (linear classifier)"} <= {*drawn.options}


def test_second_picture_is_read_as_it_is_written(monkeypatch):
    pairs = (("model", "mlp"), ("adam.learning_rate", "0.01"))
    text = toolbar.second_picture_text(pairs)
    assert text == "model:mlp&adam.learning_rate:0.01"
    monkeypatch.setattr(toolbar, "setting", lambda key, default=None: text)
    assert toolbar.second_picture() == pairs


@pytest.mark.parametrize("residual", [False, True])
def test_a_switch_is_offered_as_it_is_not(monkeypatch, residual):
    """Under its key, so that the second picture has what its name says."""
    drawn = Recorded()
    monkeypatch.setattr(toolbar, "draw_widget", drawn.keep)
    monkeypatch.setattr(toolbar, "setting", lambda key, default=None: default)
    toolbar.choose_second_picture(
        catalog.complete(replace(TINY, model=Choice.of("mlp", width=3, residual=residual)))
    )
    words = {True: "with skip connections", False: "without skip connections"}
    assert words[not residual] in drawn.options
    assert words[residual] not in drawn.options
    assert drawn.keys[drawn.options.index(words[not residual])] == f"mlp.residual:{str(not residual).lower()}"
