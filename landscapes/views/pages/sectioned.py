"""A page of sections: the recipe beside it, a row of sections over it, one of them computed and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from landscapes.knobs import knobs
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import address, browser_history, notice, presenter, sidebar, tab, toolbar, widgets
from landscapes.views.sections import PAGES
from landscapes.views.sections.section import Obstacle, Result, Section
from landscapes.views.worker import watch
from landscapes.views.worker.computation import Report
from landscapes.views.worker.jobs import SERVICE, Job


def page(name: str) -> None:
    """Draw the page with the sections that `PAGES` has for this name."""
    trouble = address.follow()
    presenting = presenter.on()
    recipe = sidebar.draw()
    with st.sidebar:
        presenter.enter()
    sections = PAGES[name]
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        obstacles = _obstacles(recipe, sections)
        offered = [key for key, found in obstacles.items() if found is None or found.remedy]
        chosen = toolbar.choose_section(name, sections, offered)
        section = sections[chosen]
        settings = toolbar.set_section(chosen, section, recipe)
        if presenting:
            presenter.leave()
    jobs: list[Job] = []
    obstacle = None
    try:
        recipe = catalog.complete(replace(recipe, beside=toolbar.beside()))
        address.write(recipe, name)
        browser_history.remember()
        obstacle = section.obstacle(recipe, settings)
        if obstacle is None:
            jobs.append(request(tab.session(), chosen, section, recipe, settings))
    except ValueError as error:
        trouble.append(str(error))
    watch.trouble(trouble, recipe)
    notice.show(recipe)
    if obstacle is not None:
        _say(obstacle, name, sections, offered)
        return
    watch.wait(jobs)

    def about(shown: Result | None) -> str:
        formula = [] if shown is None else [catalog.formula(shown.recipe)]
        return " · ".join([*([section.question] if section.question else []), *formula])

    watch.panel(
        jobs,
        partial(_newest, jobs, chosen),
        about,
        lambda shown: _draw(shown, jobs, chosen, section, recipe, settings),
    )


def _obstacles(recipe: Recipe, sections: Mapping[str, Section]) -> dict[str, Obstacle | None]:
    """Why each section has nothing to show of a recipe that may not hold together yet, None where it has."""
    recipe, _ = catalog.repair(recipe)
    return {key: section.obstacle(recipe, toolbar.given(key, section)) for key, section in sections.items()}


def _say(obstacle: Obstacle, page: str, sections: Mapping[str, Section], offered: Sequence[str]) -> None:
    """What stands in place of a picture that there cannot be: why, and a button that does what helps."""
    with st.container(height=560, border=True):
        st.markdown(watch.sentence(obstacle.reason))
        label, change = obstacle.remedy, obstacle.settings
        if not label and offered:
            label, change = f"Show {sections[offered[0]].title}", {f"{page} section": offered[0]}
        if label:
            st.button(label, on_click=_set, args=(change,))


def _set(change: Mapping[str, Any]) -> None:
    for key, value in change.items():
        widgets.set_setting(key, value)


def request(session: str, name: str, section: Section, recipe: Recipe, settings: dict[str, Any]) -> Job:
    """The job that computes a section; a session's picture on another page, unfinished, makes way for it.

    Raises:
        ValueError: one sentence, for a recipe that does not hold together.
    """
    recipe = catalog.computed(recipe)
    given = _given(section.compute, settings)
    work = partial(_compute, section, recipe, given)
    label = f"{section.title.lower()}, {catalog.title(recipe)}"
    return SERVICE.submit(session, f"{name} {recipe.query} {sorted(given.items())}", work, label=label)


def _given(function: Callable[..., Any], settings: dict[str, Any]) -> dict[str, Any]:
    """What the settings say of a function's knobs."""
    return {key: settings[key] for key in knobs(function)}


def _compute(section: Section, recipe: Recipe, given: dict[str, Any], report: Report) -> Result:
    def progress(fraction: float, partial: Any = None, note: str = "") -> None:
        nonlocal last
        if partial is not None and (last is None or partial is not last.value):
            last = Result(partial, recipe, given)
        step = note.removeprefix("Computing ")
        report(fraction, last, step[:1].lower() + step[1:])

    last: Result | None = None
    return Result(section.compute(recipe, SERVICE.cache, progress, **given), recipe, given)


def _newest(jobs: list[Job], name: str) -> Result | None:
    """The newest result, or the last one that this section had: a picture is replaced, never taken away."""
    key = f"last {name}"
    for job in jobs:
        if (found := job.result or job.partial) is not None:
            st.session_state[key] = found
    return st.session_state.get(key)


def _draw(
    shown: Result | None, jobs: list[Job], name: str, section: Section, recipe: Recipe, settings: dict[str, Any]
) -> None:
    if section.controls is not None and jobs:
        section.controls(recipe, **{key: settings[key] for key in section.hidden})
    if shown is None:
        watch.empty(jobs)
        return
    wanted = [(catalog.computed(recipe), _given(section.compute, settings)) for job in jobs if job.active]
    with watch.dimmed(any(each != (shown.recipe, shown.knobs) for each in wanted), f"section-{name}"):
        section.draw(shown, **_given(section.draw, settings))
