"""The registry of exports, and the recipe as JSON."""

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
    assert set(exports.__all__) == {"EXPORTS", "Bundle", "Export"}
