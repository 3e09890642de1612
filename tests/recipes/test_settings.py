"""Settings of recipes that name no registry entry."""

from dataclasses import fields

from landscapes.recipes.recipe import Recipe
from landscapes.recipes.settings import SETTINGS


def test_every_setting_is_a_field_with_its_default():
    defaults = {field.name: getattr(Recipe(), field.name) for field in fields(Recipe)}
    plain = {name for name, value in defaults.items() if isinstance(value, str | int | float)}
    assert SETTINGS.keys() == plain
    for name, knob in SETTINGS.items():
        assert knob.check(defaults[name]) == knob.default == defaults[name]
        assert knob.doc
