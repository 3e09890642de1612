"""The page Explore: one picture or two side by side, with curves, eigenvalues and exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from landscapes.figures.scene import picture, shared_span, shared_viewpoint
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes import caption as caption_of
from landscapes.scenes.scene import Scene
from landscapes.scenes.view import with_view
from landscapes.views.controls import (
    address,
    browser_history,
    instruments,
    mix,
    notice,
    own_lesson,
    presenter,
    settings_history,
    sidebar,
    tab,
    toolbar,
    widgets,
)
from landscapes.views.pages import lesson_text, pair
from landscapes.views.pages.pictures import SLOTS, request_all
from landscapes.views.stage import stage
from landscapes.views.stage.behavior import behavior_panel
from landscapes.views.stage.drawing import drawing, kept
from landscapes.views.worker import watch
from landscapes.views.worker.jobs import Job

LANDSCAPE_FIELDS = ("objective", "drawn", "model", "data", "directions")  # a change resets the viewpoint


def page(sectioned: Mapping[str, st.Page]) -> None:
    """Draw the page. The lessons that go on in a section link to the pages of sections, by name."""
    faults = address.follow()
    presenting = presenter.is_on()
    undo_row = st.sidebar.container()
    recipe = sidebar.draw()
    has_room = catalog.is_function(recipe) or presenting  # the directions fill a row of a network's toolbar
    with st.sidebar:
        if not has_room:
            toolbar.choose_one_step()
            toolbar.choose_behavior(recipe)
        toolbar.choose_second_picture(recipe)
        if not presenting:
            presenter.enter()
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        if not catalog.is_function(recipe) and not presenting:
            toolbar.choose_directions(recipe)
        toolbar.choose_picture()
        if has_room:
            toolbar.choose_one_step()
            toolbar.choose_behavior(recipe)
        recipe = replace(recipe, term=toolbar.choose_term(recipe))
        if presenting:
            presenter.leave()
            presenter.keys()
    recipes: list[Recipe] = []
    jobs: list[Job] = []
    try:
        recipe = catalog.complete(replace(recipe, beside=toolbar.second_picture()))
        address.write(recipe)
        browser_history.remember()
        with st.sidebar:
            own_lesson.save(recipe)
        requested = [recipe, *pair.neighbour(recipe)]
        jobs.extend(request_all(tab.session(), requested))
        recipes.extend(requested)
    except ValueError as error:
        faults.append(str(error))
    settings_history.record(recipe)
    with undo_row:
        settings_history.draw()
    lesson_text.navigate(recipe, sectioned)
    watch.show_faults(faults, recipe)
    notice.show(recipe)
    watch.wait(jobs[: len(recipes)])
    lesson = str(widgets.setting("lesson", ""))
    watch.panel(jobs, partial(_newest, jobs, recipes, lesson), _about, partial(_draw, jobs, recipes, presenting))


@dataclass(frozen=True, eq=False)
class NewestScenes:
    """The newest scene of each slot, None before the first one, and the name of their lesson."""

    scenes: list[Scene | None]
    lesson: str = ""


def _newest(jobs: list[Job], recipes: list[Recipe], lesson: str) -> NewestScenes:
    """The newest scene of each job in the view of its recipe, or the last scene of its slot, so that a picture is
    replaced and never removed. Without jobs the last scenes stay."""
    state = st.session_state
    if jobs:
        for slot in SLOTS[len(recipes) :]:
            state.pop(f"last {slot}", None)
    for k, (recipe, slot) in enumerate(zip(recipes, SLOTS, strict=False)):
        source, scene = state.get(f"last {slot}", (None, None))
        # The second job of a picture adds its eigenvalues, so its result comes first.
        results = [job.result for job in reversed(jobs[k :: len(recipes)])]
        latest = next((result for result in results if result is not None), jobs[k].partial)
        if latest is not None and latest is not source:
            source = scene = latest
        if scene is not None:
            state[f"last {slot}"] = source, with_view(scene, recipe)
    slots = SLOTS[: len(recipes)] if jobs else [slot for slot in SLOTS if f"last {slot}" in state]
    scenes = [state.get(f"last {slot}", (None, None))[1] for slot in slots]
    if jobs and all(
        scene is None or scene.recipe == recipe for scene, recipe in zip(scenes, recipes, strict=False)
    ):
        state["last lesson"] = lesson
    return NewestScenes(scenes, state.get("last lesson", ""))


def _about(newest: NewestScenes) -> str:
    """The formula of the shown objective; a lesson in presenter mode leaves its room to the picture."""
    if newest.lesson and presenter.on_screen():
        return ""
    return next((catalog.formula(scene.recipe) for scene in newest.scenes if scene is not None), "")


def _draw(jobs: list[Job], recipes: list[Recipe], presenter: bool, newest: NewestScenes) -> None:
    """Draw the lesson's text, the stage and the instruments."""
    if lesson_text.ask(str(widgets.setting("lesson", ""))):
        return
    lesson_text.draw(newest.lesson, next((scene.recipe for scene in newest.scenes if scene is not None), None))
    working = any(job.active for job in jobs)
    is_stale = [
        working and scene is not None and not catalog.same_numbers(scene.recipe, recipe)
        for scene, recipe in zip(newest.scenes, recipes, strict=False)
    ] or [False for _ in newest.scenes]
    if not any(newest.scenes):
        watch.empty(jobs)
        return
    if len(newest.scenes) > 1:
        _pair(newest, is_stale, jobs, presenter)
        return
    (scene,) = newest.scenes
    assert scene is not None
    with watch.dim_stale(is_stale[0], "shown-picture"):
        look = {"viewpoint": _viewpoint([scene])}
        if presenter and scene.behaviors is None:
            _stage(scene, newest, SLOTS[0], presenter, look=look, is_stale=is_stale[0])
            return
        left, right = st.columns([0.7, 0.3], gap="medium")
        with left:
            _stage(scene, newest, SLOTS[0], presenter, look=look, is_stale=is_stale[0])
        with right:
            behavior_panel(scene, slot=SLOTS[0], presenter=presenter)
            if not presenter:
                instruments.draw(scene)


def _pair(newest: NewestScenes, is_stale: list[bool], jobs: list[Job], presenter: bool) -> None:
    """Draw two pictures side by side, with their overoptimization points."""
    scenes = [scene for scene in newest.scenes if scene is not None]
    points = pair.overoptimization_points(scenes)
    viewpoint = _viewpoint(scenes)
    for name, point in points.items():
        improvement, worsening = _direction(scenes[0], True), _direction(scenes[1], False)
        st.markdown(
            f"**From step {point.step} on**, the {catalog.height(scenes[0].recipe)} of {name} still {improvement} "
            f"(by {point.proxy_gain:.3g} to the end) while the {catalog.height(scenes[1].recipe)} {worsening} "
            f"(by {point.truth_decline:.3g})."
        )
    # The legend's name for the marked points, such as "true reward starts to fall".
    label = f"{catalog.height(scenes[-1].recipe)} starts to {_direction(scenes[-1], False).removesuffix('s')}"
    titles = iter(pair.titles([scene.recipe for scene in scenes]))
    span, note = kept("shared span", tuple(scenes), lambda: shared_span(scenes))
    steps = max((int(path.steps[-1]) for scene in scenes for path in scene.paths.values()), default=0)
    first = next(slot for slot, scene in zip(SLOTS, newest.scenes, strict=True) if scene is not None)
    is_one_panel = pair.have_same_behavior(scenes)
    # By the recipes: what the models do is computed after the pictures, which must not move then.
    has_panel = [(scene or scenes[0]).recipe.behavior for scene in newest.scenes]
    widths, pictures, panels = pair.columns(has_panel, is_one_panel)
    with st.container(key="pair" if any(has_panel) else None):
        columns = st.columns(widths)
    slots = zip(pictures, panels, newest.scenes, SLOTS, is_stale, strict=True)
    for column, panel, scene, slot, stale in slots:
        with columns[column], watch.dim_stale(stale, f"shown-{slot}"):
            if scene is None:
                watch.empty(jobs)
                continue
            # In a hall the picture needs the lines of the verdict.
            verdict = "" if presenter and newest.lesson else instruments.verdict(scene)
            st.markdown(f"**{watch.escape_markdown(next(titles))}.** {verdict}".strip())
            positions = [scene.paths[name].coordinates[point.index].tolist() for name, point in points.items()]
            marks = {label: positions} if positions else {}
            look = {"viewpoint": viewpoint, "marks": marks, "span": span}
            play = {"steps": steps, "transport": slot == first}
            _stage(scene, newest, slot, presenter, look=look, is_stale=stale, **play)
        with columns[panel]:
            if scene is newest.scenes[0] or not is_one_panel:
                behavior_panel(scene, slot=slot, presenter=presenter)
    if note:
        st.caption(note)
    if not presenter:
        _curves(newest, is_stale)


def _direction(scene: Scene, improves: bool) -> str:
    """How a value moves when it improves, or worsens: "rises" or "falls"."""
    return "rises" if improves == (pair.sense(scene) == "maximize") else "falls"


def _curves(newest: NewestScenes, is_stale: list[bool]) -> None:
    """Draw the curves and eigenvalues below two pictures. Pictures of the same runs share one plot of curves."""
    scenes = [scene for scene in newest.scenes if scene is not None]
    is_shared = len(scenes) == 2 and instruments.are_same_runs(*scenes)
    if is_shared:
        with watch.dim_stale(any(is_stale), "shown-curves"):
            instruments.curves(scenes[0])
    for column, scene, slot, stale in zip(st.columns(2), newest.scenes, SLOTS, is_stale, strict=True):
        with column, watch.dim_stale(stale, f"shown-{slot}-curves"):
            if scene is None:
                continue
            if not is_shared:
                instruments.curves(scene, slot, other_scenes=[each for each in scenes if each is not scene])
            instruments.eigenvalues(scene, slot)


def _stage(
    scene: Scene,
    newest: NewestScenes,
    slot: str,
    presenter: bool,
    *,
    look: dict[str, Any],
    is_stale: bool = False,
    **play: Any,
) -> None:
    look = {"theme": instruments.theme(), "presenter": presenter, **look}
    figure = drawing(slot, (scene, look), lambda: picture(scene, **look))
    # Pixels above and below the picture. The rest of the window is its height, so that its play button is visible.
    surrounding_pixels = 290 + (145 if newest.lesson else 0)
    surrounding_pixels += 90 if len(newest.scenes) > 1 else 0
    offers_space = slot == SLOTS[0] and not is_stale and not presenter and scene.recipe.start == "picked"
    surrounding_pixels += 40 if offers_space else 0  # the button that lets the paths leave the plane
    surrounding_pixels += 40 if look.get("marks") else 0  # the sentence on the overoptimization point
    if "term" in st.session_state and not scene.surface.game:
        surrounding_pixels += 46  # the row with the list of terms
    height = f"clamp(340px, calc(100vh - {surrounding_pixels}px), 1100px)"
    stage(
        figure,
        key=f"stage {slot}",
        height=height,
        presenter=presenter,
        fill=presenter,
        description=caption_of(scene),
        pick=True,
        link="camera",
        on_pick=partial(_start_at, scene.dim),
        on_weights=partial(mix.mix, scene.recipe),
        autoplay=presenter and bool(newest.lesson),
        **play,
    )
    instruments.caption(
        scene, offer=offers_space, folded=presenter and (len(newest.scenes) > 1 or bool(newest.lesson))
    )
    if scene.recipe.mix and slot == SLOTS[0] and not is_stale:
        mix.offer_mix(scene.recipe)


def _start_at(dim: int, coordinates: tuple[float, ...]) -> None:
    """Start the optimizers at the clicked point."""
    for name, value in zip(("start_x", "start_y"), coordinates[:dim], strict=False):
        widgets.set_setting(name, float(value))
    widgets.set_setting("start", "picked")
    st.rerun()


def _viewpoint(scenes: list[Scene]) -> int | None:
    """The first viewpoint of a landscape, the same for both pictures of a pair. It is computed once, as soon as
    there are paths, so that the scene does not turn at every change of a knob."""
    if any(scene.recipe.view != "3d" for scene in scenes):
        return None
    landscape = [[getattr(scene.recipe, name).name for name in LANDSCAPE_FIELDS] for scene in scenes]
    known_landscape, viewpoint = st.session_state.get("viewpoint", (None, None))
    if known_landscape == landscape:
        return viewpoint
    viewpoint = shared_viewpoint(scenes)
    if all(scene.paths for scene in scenes):
        st.session_state["viewpoint"] = landscape, viewpoint
    return viewpoint
