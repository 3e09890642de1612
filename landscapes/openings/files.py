"""The files of the scenes that the program opens with. `make openings` writes them.

The name of a file is a digest of its recipe and of the version of this package. A changed recipe or version has no
file, so that its scene is computed. The digest is of what differs from the first page, so that a new setting
changes no name. A file holds its whole recipe with all defaults, and is left aside when these have changed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from pathlib import Path

from landscapes.openings.encoding import decode_scene, encode_scene
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene

LOG = logging.getLogger("landscapes.openings")
FOLDER = Path(__file__).with_name("scenes")
SUFFIX = ".scene"
VARIABLE = "LANDSCAPES_OPENINGS"  # "off" computes every scene


def read(recipe: Recipe) -> Scene | None:
    """The scene of a recipe from its file; None if this version has none, or if the file is damaged."""
    if os.environ.get(VARIABLE) == "off" or not (file := path(recipe)).exists():
        return None
    try:
        scene = decode_scene(file.read_bytes(), file.name)
    except (OSError, ValueError) as error:
        LOG.warning("%s; the scene is computed instead", error)
        return None
    return scene if catalog.same_numbers(scene.recipe, recipe) else None


def write(scene: Scene) -> Path:
    """Write the scene of a computed recipe, and return its file."""
    file = path(scene.recipe)
    FOLDER.mkdir(exist_ok=True)
    file.write_bytes(encode_scene(scene, version()))
    return file


def path(recipe: Recipe) -> Path:
    """The file of a valid recipe, whether there is one or not."""
    text = f"{version()}\n{catalog.computed(recipe).query}"
    return FOLDER / f"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}{SUFFIX}"


def version() -> str:
    """The version of this package."""
    return sys.modules["landscapes"].__version__
