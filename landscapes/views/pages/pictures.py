"""Pictures as jobs: a recipe goes in, a scene comes out of the worker."""

from __future__ import annotations

import time
from functools import partial

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene, develop
from landscapes.views.worker.computation import Report
from landscapes.views.worker.jobs import SERVICE, Job

# Seconds that the worker rests after a first picture, unless somebody waits for another: the page that draws it
# has the same two cores, and a picture at once is worth more than the next one a little sooner.
LEAD = 0.2


def request(session: str, recipe: Recipe, *, slot: str = "picture", again: bool = False) -> Job:
    """The job whose result is the recipe's `Scene`; its partial results are scenes too.

    Raises:
        ValueError: one sentence, for a recipe that does not hold together.
    """
    recipe = catalog.computed(recipe)
    work = partial(_develop, recipe)
    return SERVICE.submit(
        session, f"scene {recipe.query}", work, label=catalog.title(recipe), slot=slot, again=again
    )


def _develop(recipe: Recipe, report: Report) -> Scene:
    seen = False

    def progress(fraction: float, scene: Scene | None) -> None:
        nonlocal seen
        report(fraction, scene, "training" if scene is None else scene.missing)
        if scene is not None and not seen:
            seen = True
            time.sleep(0 if SERVICE.waiting else LEAD)

    return develop(recipe, memory=SERVICE.cache, progress=progress)
