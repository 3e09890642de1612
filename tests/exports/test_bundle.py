"""The registry of exports, and the recipe as JSON."""

import re

from landscapes import exports
from landscapes.exports import EXPORTS
from landscapes.recipes.recipe import Recipe
from tests.exports.export_data import RECIPE


def test_recipe_survives_json(bundle):
    assert Recipe.from_json(EXPORTS["json"].encode(bundle).decode()) == RECIPE


def test_extensions_are_unique():
    extensions = [export.extension for export in EXPORTS.values()]
    assert len(set(extensions)) == len(extensions)
    assert all(extension.startswith(".") for extension in extensions)
    for export in EXPORTS.values():  # each slot holds what its name says
        assert re.fullmatch(r"[A-Z].* \([A-Za-z0-9., ]+\)", export.title), export.title
        assert re.fullmatch(r"(\.[a-z0-9]+)+", export.extension)
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", export.mime)
    assert set(exports.__all__) == {"EXPORTS", "Bundle", "Export"}
