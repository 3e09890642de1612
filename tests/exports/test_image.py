"""A PNG has the chosen resolution, the caption below the picture, and the recipe."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from landscapes import figures
from landscapes.exports import EXPORTS
from landscapes.exports.image import BACKGROUNDS, background_color, theme_of
from landscapes.exports.settings import ExportSettings
from landscapes.recipes.recipe import Recipe
from tests.exports.export_data import RECIPE

MM_PER_INCH = 25.4


def test_png_has_resolution_of_settings_with_caption_and_recipe(bundle):
    flat = replace(bundle, figure=figures.contour(bundle.surface, bundle.paths, resolution=31))
    small = Image.open(io.BytesIO(EXPORTS["png"].encode(replace(flat, settings=ExportSettings(dpi=60)))))
    wide = replace(flat, settings=ExportSettings("nature", dpi=150), caption="")
    large = Image.open(io.BytesIO(EXPORTS["png"].encode(wide)))
    assert small.width == pytest.approx(60 * 139.7 / MM_PER_INCH, abs=1)
    assert large.width == pytest.approx(150 * 89 / MM_PER_INCH, abs=1)
    assert large.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    assert small.info["Title"] == flat.title
    assert small.info["Description"] == flat.description
    assert Recipe.from_json(small.info["Recipe"]) == RECIPE
    # The caption takes room below the picture.
    without = Image.open(
        io.BytesIO(EXPORTS["png"].encode(replace(flat, settings=ExportSettings(dpi=60), caption="")))
    )
    assert without.height + 3 < small.height


def test_background_is_that_of_the_theme(bundle):
    for theme in ("light", "dark"):
        figure = figures.contour(bundle.surface, theme=theme, resolution=9)
        assert (theme_of(figure), background_color(figure)) == (theme, BACKGROUNDS[theme])
