"""The page Explore: one picture, or two side by side, with the instruments that read it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from landscapes import catalog
from landscapes.figures.scene import picture
from landscapes.lessons import LESSONS
from landscapes.recipe import Choice, Recipe
from landscapes.scene import Scene
from landscapes.views import address, controls, instruments, presenter, tab, watch
from landscapes.views.jobs import Job
from landscapes.views.pictures import request
from landscapes.views.stage import stage

SLOTS = ("picture", "beside")


def page() -> None:
    """Draw the page."""
    trouble = address.open_once()
    presenting = presenter.on()
    recipe = controls.sidebar()
    with st.sidebar:
        beside = controls.choose_beside(recipe)
        presenter.enter()
    _lesson()
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        if not catalog.is_function(recipe) and not presenting:
            controls.choose_directions()
        controls.choose_picture()
        if presenting:
            presenter.leave()
    key, colon, value = beside.partition(":")
    jobs: list[Job] = []
    try:
        recipe = catalog.complete(replace(recipe, beside=((key, value),) if colon else ()))
        address.write(recipe)
        jobs.append(request(tab.session(), recipe))
        neighbour = catalog.brief(recipe).neighbour()
        if neighbour is not None:
            jobs.append(request(tab.session(), neighbour, slot="beside"))
    except ValueError as error:
        trouble = str(error)
    if trouble:
        st.warning(f"{trouble[:1].upper()}{trouble[1:]}.", icon=":material/rule:")
    watch.wait(jobs)
    watch.panel(jobs, catalog.formula(recipe), lambda: _draw(jobs, recipe, presenting))


def _lesson() -> None:
    """The lesson's words, while its picture is the one that is shown."""
    lesson = LESSONS.get(str(controls.setting("lesson", "")))
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
        st.container(height=560, border=True).caption("The first picture is on its way.")
    elif len(shown) > 1:
        for column, scene, slot in zip(st.columns(2), shown, SLOTS, strict=False):
            with column:
                st.markdown(f"**{_title(scene.recipe, recipe)}**")
                _stage(scene, recipe, slot, presenter)
                instruments.verdict(scene)
    elif presenter:
        _stage(shown[0], recipe, SLOTS[0], presenter)
    else:
        left, right = st.columns([0.7, 0.3], gap="medium")
        with left:
            _stage(shown[0], recipe, SLOTS[0], presenter)
        with right:
            instruments.draw(shown[0], recipe)


def _latest(job: Job, slot: str) -> Scene | None:
    """The job's newest scene, or the last one this slot had: a picture is replaced, never taken away."""
    scene = job.result or job.partial
    key = f"last {slot}"
    if scene is not None:
        st.session_state[key] = scene
    return st.session_state.get(key)


def _stage(scene: Scene, recipe: Recipe, slot: str, presenter: bool) -> None:
    figure = picture(scene, recipe, theme=instruments.theme(), presenter=presenter)
    # What stands above and below the picture, so that the page need not scroll to reach its play button.
    taken = (
        290 + (80 if controls.setting("lesson") else 0) + (90 if recipe.beside else 0) + (60 if presenter else 0)
    )
    height = f"clamp(340px, calc(100vh - {taken}px), 1100px)"
    picked = stage(figure, key=f"stage {slot}", height=height, presenter=presenter, pick=True, link="camera").pick
    if picked is not None:
        for name, value in zip(("start_x", "start_y"), picked[: scene.plane.dim], strict=False):
            controls.set_setting(name, float(value))
        controls.set_setting("start", "picked")
        st.rerun()
    instruments.caption(scene)


def _title(shown: Recipe, recipe: Recipe) -> str:
    """What one of two pictures has in the setting in which they differ."""
    key = recipe.beside[0][0] if recipe.beside else "objective"
    owner, dot, knob = key.partition(".")
    if dot:
        owners = (shown.model, shown.objective, shown.data, shown.directions, *shown.optimizers)
        values = [choice.settings.get(knob) for choice in owners if choice.name == owner]
        return f"{owner}, {knob.replace('_', ' ')} {str(values[0] if values else '').lower()}"
    value = getattr(shown, key)
    return f"{key} {value.name if isinstance(value, Choice) else value}"
