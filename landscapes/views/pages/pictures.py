"""The jobs that compute the scene of a recipe in the worker."""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from landscapes import openings
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.views.worker.computation import Report
from landscapes.views.worker.idle_work import IDLE_WORK
from landscapes.views.worker.jobs import SERVICE, Job
from landscapes.views.worker.watch import FINAL_WAIT_SECONDS

# Seconds that the worker pauses once when the page draws an unfinished picture, so that the page gets the
# processor for that. It does not pause while other computations wait, nor before the page would draw it: what is
# finished by then is drawn once, and a test function takes 20 ms.
PAUSE_SECONDS = 0.2
NEIGHBORS = 2  # kinds of directions that are compiled ahead

SLOTS = ("picture", "beside")


def request(
    session: str, recipe: Recipe, *, slot: str = "picture", retry: bool = False, eigenvalues: bool = True
) -> Job:
    """The job whose result is the recipe's `Scene`; its partial results are scenes too. A scene that travels with
    the program is the result at once, and nothing is computed.

    Args:
        eigenvalues: whether to compute them, as in `scene.compute_scene`. Cached ones are always included.

    Raises:
        ValueError: one sentence, for an invalid recipe, or for a table that this viewer has not brought.
    """
    catalog.check_table(recipe, session)
    recipe = catalog.computed(recipe)
    name, work = f"scene {recipe.query}", partial(_compute, recipe, session)
    if name not in SERVICE.cache and (scene := openings.read(recipe)) is not None:
        SERVICE.cache[name] = scene
        _offer_ahead(recipe, session)
    if not eigenvalues and name not in SERVICE.cache:
        name, work = f"picture {recipe.query}", partial(_compute, recipe, session, eigenvalues=False)
    return SERVICE.submit(session, name, work, label=catalog.title(recipe), slot=slot, retry=retry)


def request_all(session: str, recipes: Sequence[Recipe]) -> list[Job]:
    """The jobs of pictures side by side, then in the same order the jobs of their eigenvalues, so that no picture
    waits for the eigenvalues of another. A single picture has one job.

    Raises:
        ValueError: one sentence, for an invalid recipe.
    """
    is_pair = len(recipes) > 1
    for slot in SLOTS[len(recipes) :]:
        SERVICE.cancel_slot(session, slot)
    slots = list(zip(recipes, SLOTS, strict=False))
    jobs = [request(session, recipe, slot=slot, eigenvalues=not is_pair) for recipe, slot in slots]
    for slot in SLOTS if not is_pair else ():
        SERVICE.cancel_slot(session, f"{slot} eigenvalues")
    if is_pair:
        jobs += [request(session, recipe, slot=f"{slot} eigenvalues") for recipe, slot in slots]
    return jobs


def _offer_ahead(recipe: Recipe, session: str) -> None:
    """Offer what is likely to be compiled next for a scene that came from a file: its own training and surface
    first, then pictures along other directions, then its eigenvalues. The newest offer is worked on first."""
    IDLE_WORK.offer(f"scene {recipe.query}", partial(_compute, recipe, session))
    for other in reversed(neighboring_directions(recipe)):
        work = partial(_compute, other, session, keeps_results=False, eigenvalues=False)
        IDLE_WORK.offer(f"directions {other.query}", work)
    IDLE_WORK.offer(f"picture {recipe.query}", partial(_compute, recipe, session, eigenvalues=False))


def neighboring_directions(recipe: Recipe) -> list[Recipe]:
    """The recipe along the directions that follow its own in the menu, which begins again at its end."""
    if catalog.is_function(recipe):
        return []
    names = catalog.directions_for(recipe.objective.name)
    first = names.index(recipe.directions.name) + 1
    other_names = names[first:] + names[: first - 1]
    repaired = [catalog.repair(replace(recipe, directions=Choice(name))) for name in other_names]
    return [catalog.computed(neighbor) for neighbor, faults in repaired if not faults][:NEIGHBORS]


def _compute(recipe: Recipe, session: str, report: Report, *, keeps_results: bool = True, **stage: bool) -> Scene:
    has_paused, start = False, time.monotonic()

    def progress(fraction: float, scene: Scene | None) -> None:
        nonlocal has_paused
        report(fraction, scene, "training" if scene is None else scene.missing)
        if scene is not None and not has_paused and time.monotonic() - start >= FINAL_WAIT_SECONDS:
            has_paused = True
            time.sleep(0 if SERVICE.waiting else PAUSE_SECONDS)

    session_memory = SERVICE.cache.of(session)
    memory = session_memory if keeps_results else ChainMap[str, Any]({}, session_memory)
    return compute_scene(recipe, memory=memory, progress=progress, **stage)
