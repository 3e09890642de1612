"""The small pictures of the lessons, which `make thumbnails` draws into the folder `thumbnails`.

`manifest.json` there holds a digest of the recipe that each was drawn from.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from landscapes.recipes.recipe import Recipe

FOLDER = Path(__file__).with_name("thumbnails")
MANIFEST = FOLDER / "manifest.json"
WIDTH, HEIGHT = 480, 300  # pixels
THEMES = ("light", "dark")


def path(name: str, theme: str) -> Path:
    """The file of a lesson's picture."""
    return FOLDER / f"{name}-{theme}.webp"


def digest(recipe: Recipe) -> str:
    """A hash of a complete recipe: of what differs from the first one, so that a new setting changes no digest.
    What stands beside the surface is not on a small picture."""
    return hashlib.blake2b(replace(recipe, behavior=False).query.encode(), digest_size=12).hexdigest()


def drawn_recipes() -> dict[str, str]:
    """The digest of the recipe that each lesson's pictures were drawn from, by the lesson's name."""
    return json.loads(MANIFEST.read_text("utf-8")) if MANIFEST.exists() else {}
