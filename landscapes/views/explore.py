"""The page Explore: one picture, or two side by side, with the instruments that read it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from landscapes import catalog
from landscapes.directions import DIRECTIONS
from landscapes.figures.scene import picture, seat_of
from landscapes.lessons import LESSONS
from landscapes.parting import Parting, parting
from landscapes.recipe import Choice, Recipe
from landscapes.scene import Scene
from landscapes.views import address, controls, instruments, presenter, tab, toolbar, travel, watch, widgets
from landscapes.views.drawing import drawing
from landscapes.views.jobs import Job
from landscapes.views.pictures import request
from landscapes.views.stage import stage
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES

SLOTS = ("picture", "beside")
PLACE = ("objective", "drawn", "model", "data", "directions")  # what makes another landscape than before
REGISTRIES = (MODELS, DATASETS, OBJECTIVES, FUNCTIONS, DIRECTIONS)
TITLES = {name: entry.title for registry in REGISTRIES for name, entry in registry.items()}


def page() -> None:
    """Draw the page."""
    trouble = address.follow()
    presenting = presenter.on()
    recipe = controls.sidebar()
    with st.sidebar:
        beside = toolbar.choose_beside(recipe)
        presenter.enter()
    _lesson()
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        if not catalog.is_function(recipe) and not presenting:
            toolbar.choose_directions(recipe)
        toolbar.choose_picture()
        recipe = replace(recipe, term=toolbar.choose_term(recipe))
        if presenting:
            presenter.leave()
    key, colon, value = beside.partition(":")
    jobs: list[Job] = []
    try:
        recipe = catalog.complete(replace(recipe, beside=((key, value),) if colon else ()))
        address.write(recipe)
        travel.remember()
        jobs.append(request(tab.session(), recipe))
        neighbour = catalog.neighbour(recipe)
        if neighbour is not None:
            jobs.append(request(tab.session(), neighbour, slot="beside"))
    except ValueError as error:
        trouble.append(str(error))
    watch.trouble(trouble, recipe)
    watch.wait(jobs)
    watch.panel(jobs, catalog.formula(recipe), lambda: _draw(jobs, recipe, presenting))


def _lesson() -> None:
    """The lesson's words, while its picture is the one that is shown."""
    lesson = LESSONS.get(str(widgets.setting("lesson", "")))
    if lesson is not None:
        st.markdown(f"##### {lesson.title}")
        st.markdown(f"{' '.join(lesson.sentences)} *{lesson.question}*")


def _draw(jobs: list[Job], recipe: Recipe, presenter: bool) -> None:
    """The stage and its instruments."""
    scenes = [_latest(job, slot) for job, slot in zip(jobs, SLOTS, strict=False)]
    if not jobs:
        scenes = [st.session_state.get("last picture")]
    shown = [scene for scene in scenes if scene is not None]
    if not shown:
        watch.empty(jobs)
    elif len(shown) > 1:
        _pair(shown, recipe, presenter)
    elif presenter:
        _stage(shown[0], recipe, SLOTS[0], presenter, seat=_seat([(shown[0], recipe)]))
    else:
        left, right = st.columns([0.7, 0.3], gap="medium")
        with left:
            _stage(shown[0], recipe, SLOTS[0], presenter, seat=_seat([(shown[0], recipe)]))
        with right:
            instruments.draw(shown[0], recipe)


def _pair(shown: list[Scene], recipe: Recipe, presenter: bool) -> None:
    """Two pictures side by side, and where their paths part."""
    own = [_own(recipe, slot) for slot in SLOTS]
    parted = _parted(shown, own)
    seat = _seat(list(zip(shown, own, strict=True)))
    for name, found in parted.items():
        st.markdown(
            f"**{name} parts from it at step {found.step}:** from there to the end "
            f"{catalog.height(own[0])} still improves by {found.proxy_gain:.3g}, "
            f"and {catalog.height(own[1])} worsens by {found.truth_loss:.3g}."
        )
    for k, column in enumerate(st.columns(2)):
        with column:
            st.markdown(f"**{_title(own[k], recipe)}.** {instruments.verdict(shown[k], own[k])}")
            places = [shown[k].paths[name].coordinates[found.index].tolist() for name, found in parted.items()]
            marks = {"where they part": places} if places else {}
            _stage(shown[k], own[k], SLOTS[k], presenter, seat=seat, marks=marks, pair=True)
            if not presenter:
                instruments.eigenvalues(shown[k], SLOTS[k])


def _latest(job: Job, slot: str) -> Scene | None:
    """The job's newest scene, or the last one this slot had: a picture is replaced, never taken away."""
    scene = job.result or job.partial
    key = f"last {slot}"
    if scene is not None:
        st.session_state[key] = scene
    return st.session_state.get(key)


def _parted(scenes: list[Scene], recipes: list[Recipe]) -> dict[str, Parting]:
    """Where each path's value on the second picture turns while that on the first still improves, for two pictures
    of the same paths. The players of a game are no proxy and truth of each other."""
    if any(scene.surface.game for scene in scenes):
        return {}
    first, second = (
        catalog.complete(replace(r, term="", mix=(), drawn=catalog.SAME, split="train")) for r in recipes
    )
    if first.to_query() != replace(second, beside=first.beside).to_query():
        return {}
    values = [
        {name: (path.of_term(r.term) if r.term else path).loss for name, path in scene.paths.items()}
        for scene, r in zip(scenes, recipes, strict=True)
    ]
    senses = scenes[0].problem.sense, scenes[1].problem.sense
    found = {
        name: parting(path.steps, values[0][name], values[1][name], senses=senses)
        for name, path in scenes[0].paths.items()
        if name in values[1] and len(values[1][name]) == len(path.steps)
    }
    return {name: place for name, place in found.items() if place is not None}


def _stage(
    scene: Scene,
    recipe: Recipe,
    slot: str,
    presenter: bool,
    *,
    seat: int | None,
    marks: Any = None,
    pair: bool = False,
) -> None:
    look: dict[str, Any] = {"theme": instruments.theme(), "presenter": presenter, "marks": marks, "seat": seat}
    figure = drawing(slot, (scene, recipe, look), lambda: picture(scene, recipe, **look))
    # What stands above and below the picture, so that the page need not scroll to reach its play button.
    taken = 290 + (80 if widgets.setting("lesson") else 0) + (90 if pair else 0) + (60 if presenter else 0)
    taken += 40 if marks else 0  # the line that says where they part
    if "term" in st.session_state and not scene.surface.game:
        taken += 46  # the choice of a term has a row of its own
    height = f"clamp(340px, calc(100vh - {taken}px), 1100px)"
    stage(
        figure,
        key=f"stage {slot}",
        height=height,
        presenter=presenter,
        pick=True,
        link="camera",
        on_pick=partial(_start, scene.plane.dim),
        on_weights=partial(controls.mix, recipe),
    )
    instruments.caption(scene, recipe)
    if recipe.mix and slot == SLOTS[0]:
        controls.offer_mix(recipe)


def _start(dim: int, place: tuple[float, ...]) -> None:
    """Let the optimizers begin where the viewer clicked."""
    for name, value in zip(("start_x", "start_y"), place[:dim], strict=False):
        widgets.set_setting(name, float(value))
    widgets.set_setting("start", "picked")
    st.rerun()


def _seat(views: list[tuple[Scene, Recipe]]) -> int | None:
    """From where a landscape is first seen, and both of a pair. It is asked once, as soon as there are paths to
    see, because a scene that turned at every change of a knob would lose its viewer."""
    if any(own.view != "3d" for _, own in views):
        return None
    landscape = [[getattr(own, name).name for name in PLACE] for _, own in views]
    known, seat = st.session_state.get("seat", (None, None))
    if known == landscape:
        return seat
    seat = seat_of(views)
    if all(scene.paths for scene, _ in views):
        st.session_state["seat"] = landscape, seat
    return seat


def _own(recipe: Recipe, slot: str) -> Recipe:
    """What a slot's picture looks like: the view and the scale are shared, the term may be its own."""
    if slot == SLOTS[0] or not recipe.beside:
        return recipe
    beside = catalog.complete(catalog.neighbour(recipe) or recipe)
    return replace(beside, view=recipe.view, scale=recipe.scale)


def _title(shown: Recipe, recipe: Recipe) -> str:
    """What one of two pictures has in the setting in which they differ."""
    key = recipe.beside[0][0] if recipe.beside else "objective"
    owner, dot, knob = key.partition(".")
    if dot:
        if owner == "weight":
            return f"{knob} × {dict(shown.weights).get(knob, 0.0):g}"
        owners = (shown.model, shown.objective, shown.data, shown.directions, *shown.optimizers)
        values = [choice.settings.get(knob) for choice in owners if choice.name == owner]
        value = values[0] if values else ""
        value = ("off", "on")[value] if isinstance(value, bool) else value
        return f"{owner}, {knob.replace('_', ' ')} {value}"
    if key == "term" and shown.term in catalog.players(shown):
        return f"{shown.term}'s loss"
    if key in ("term", "drawn"):
        return catalog.height(shown)
    value = getattr(shown, key)
    if isinstance(value, Choice):
        return TITLES.get(value.name, value.name)
    return f"{value.capitalize()} examples" if key == "split" else f"{key.replace('_', ' ')} {value}"
