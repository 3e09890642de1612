"""Pictures as jobs: a recipe goes in, a scene comes out of the worker."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.views.worker.computation import Report
from landscapes.views.worker.jobs import SERVICE, Job

# Seconds that the worker rests after a first picture, unless somebody waits for another: the page that draws it
# has the same two cores, and a picture at once is worth more than the next one a little sooner.
LEAD = 0.2


SLOTS = ("picture", "beside")


def request(
    session: str, recipe: Recipe, *, slot: str = "picture", again: bool = False, eigenvalues: bool = True
) -> Job:
    """The job whose result is the recipe's `Scene`; its partial results are scenes too.

    Args:
        eigenvalues: as of `scene.compute_scene`; where they are known already they come along.

    Raises:
        ValueError: one sentence, for a recipe that does not hold together.
    """
    recipe = catalog.computed(recipe)
    name, work = f"scene {recipe.query}", partial(_develop, recipe)
    if not eigenvalues and name not in SERVICE.cache:
        name, work = f"picture {recipe.query}", partial(_develop, recipe, eigenvalues=False)
    return SERVICE.submit(session, name, work, label=catalog.title(recipe), slot=slot, again=again)


def request_all(session: str, recipes: Sequence[Recipe]) -> list[Job]:
    """The jobs of pictures side by side, and after them those of their eigenvalues, in the same order: no picture
    waits for the eigenvalues of another. One picture alone is one job.

    Raises:
        ValueError: one sentence, for a recipe that does not hold together.
    """
    several = len(recipes) > 1
    for slot in SLOTS[len(recipes) :]:
        SERVICE.vacate(session, slot)
    slots = list(zip(recipes, SLOTS, strict=False))
    jobs = [request(session, recipe, slot=slot, eigenvalues=not several) for recipe, slot in slots]
    for slot in SLOTS if not several else ():
        SERVICE.vacate(session, f"{slot} eigenvalues")
    if several:
        jobs += [request(session, recipe, slot=f"{slot} eigenvalues") for recipe, slot in slots]
    return jobs


def _develop(recipe: Recipe, report: Report, **stage: bool) -> Scene:
    seen = False

    def progress(fraction: float, scene: Scene | None) -> None:
        nonlocal seen
        report(fraction, scene, "training" if scene is None else scene.missing)
        if scene is not None and not seen:
            seen = True
            time.sleep(0 if SERVICE.waiting else LEAD)

    return compute_scene(recipe, memory=SERVICE.cache, progress=progress, **stage)
