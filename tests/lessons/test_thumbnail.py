"""The small pictures of the lessons: there, of one size, not blank, and of the recipe that the lesson has now."""

import numpy as np
import pytest
from PIL import Image

from landscapes.lessons import LESSONS
from landscapes.lessons.thumbnail import FOLDER, HEIGHT, THEMES, WIDTH, digest, drawn_recipes, path
from landscapes.recipes import catalog

MAX_BYTES = 25_000


@pytest.mark.parametrize("name", LESSONS)
def test_thumbnail_is_of_the_recipe(name):
    expected = digest(catalog.complete(LESSONS[name].recipe))
    assert drawn_recipes().get(name) == expected, f"run `make thumbnails`: the recipe of {name} has changed"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", LESSONS)
def test_thumbnail_is_small_and_not_blank(name, theme):
    assert path(name, theme).stat().st_size <= MAX_BYTES
    with Image.open(path(name, theme)) as image:
        assert image.size == (WIDTH, HEIGHT)
        pixels = np.asarray(image.convert("RGB"), float)
    assert pixels.std(axis=(0, 1)).max() > 20
    middle = pixels[HEIGHT // 4 : -HEIGHT // 4, WIDTH // 4 : -WIDTH // 4]
    assert middle.std(axis=(0, 1)).max() > 5


def test_no_other_thumbnails_are_kept():
    assert {file.name for file in FOLDER.glob("*.webp")} == {
        path(name, t).name for name in LESSONS for t in THEMES
    }
    assert set(drawn_recipes()) == set(LESSONS)


def test_digest_changes_with_the_recipe():
    recipe = catalog.complete(LESSONS["ravine"].recipe)
    changes = [catalog.complete(LESSONS["ravine"].varied(each)) for each in LESSONS["ravine"].next]
    assert len({digest(recipe), *map(digest, changes)}) == 3
    assert digest(catalog.complete(recipe)) == digest(recipe)
