"""Pictures as jobs: a recipe goes in, a scene comes out of the worker."""

from __future__ import annotations

from functools import partial

from landscapes import catalog
from landscapes.recipe import Recipe
from landscapes.scene import Scene, develop
from landscapes.views.computation import Report
from landscapes.views.jobs import SERVICE, Job


def request(session: str, recipe: Recipe, *, slot: str = "picture", again: bool = False) -> Job:
    """The job whose result is the recipe's `Scene`; its partial results are scenes too.

    Raises:
        ValueError: one sentence, for a recipe that does not hold together.
    """
    recipe = catalog.computed(recipe)
    work = partial(_develop, recipe)
    return SERVICE.submit(session, f"scene {recipe.query}", work, label="Picture", slot=slot, again=again)


def _develop(recipe: Recipe, report: Report) -> Scene:
    def progress(fraction: float, scene: Scene | None) -> None:
        report(fraction, scene, "Training" if scene is None else f"Computing {scene.missing}")

    return develop(recipe, memory=SERVICE.cache, progress=progress)
