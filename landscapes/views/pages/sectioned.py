"""A page of sections: the sidebar, a row of sections, and the result of the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from landscapes.knobs import knobs
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import (
    address,
    browser_history,
    notice,
    presenter,
    settings_history,
    sidebar,
    tab,
    toolbar,
    widgets,
)
from landscapes.views.sections import PAGES
from landscapes.views.sections.section import Obstacle, Result, Section
from landscapes.views.worker import watch
from landscapes.views.worker.computation import Report
from landscapes.views.worker.jobs import SERVICE, Job


def page(name: str) -> None:
    """Draw the page with the sections that `PAGES` has for this name."""
    faults = address.follow()
    presenting = presenter.is_on()
    undo_row = st.sidebar.container()
    recipe = sidebar.draw()
    with st.sidebar:
        presenter.enter()
    sections = PAGES[name]
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        obstacles = _obstacles(recipe, sections)
        offered = [key for key, obstacle in obstacles.items() if obstacle is None or obstacle.remedy]
        section_name = toolbar.choose_section(name, sections, offered)
        section = sections[section_name]
        settings = toolbar.draw_section_settings(section_name, section, recipe)
        if presenting:
            presenter.leave()
    jobs: list[Job] = []
    obstacle = None
    try:
        recipe = catalog.complete(replace(recipe, beside=toolbar.second_picture()))
        address.write(recipe, name)
        browser_history.remember()
        catalog.check_table(recipe, tab.session())
        obstacle = section.obstacle(recipe, settings)
        if obstacle is None:
            jobs.append(request(tab.session(), section_name, section, recipe, settings))
    except ValueError as error:
        faults.append(str(error))
    settings_history.record(recipe, name, (("section", section_name), *settings.items()))
    with undo_row:
        settings_history.draw()
    watch.show_faults(faults, recipe)
    notice.show(recipe)
    if obstacle is not None:
        _draw_obstacle(obstacle, name, sections, offered)
        return
    watch.wait(jobs)

    def about(shown: Result | None) -> str:
        formula = [] if shown is None else [catalog.formula(shown.recipe)]
        return " · ".join([*([section.question] if section.question else []), *formula])

    watch.panel(
        jobs,
        partial(_newest, jobs, section_name),
        about,
        lambda shown: _draw(shown, jobs, section_name, section, recipe, settings),
    )


def _obstacles(recipe: Recipe, sections: Mapping[str, Section]) -> dict[str, Obstacle | None]:
    """Why each section has nothing to show of a recipe, or None. An invalid recipe is repaired first."""
    recipe, _ = catalog.repair(recipe)
    try:
        catalog.check_table(recipe, tab.session())
    except ValueError:  # the request of the picture gives the reason
        return dict.fromkeys(sections)
    return {
        key: section.obstacle(recipe, toolbar.section_settings(key, section)) for key, section in sections.items()
    }


def _draw_obstacle(obstacle: Obstacle, page: str, sections: Mapping[str, Section], offered: Sequence[str]) -> None:
    """Draw the reason of an obstacle in place of the picture, and a button that removes it."""
    with st.container(height=560, border=True):
        st.markdown(watch.sentence(obstacle.reason))
        label, change = obstacle.remedy, obstacle.settings
        if not label and offered:
            label, change = f"Show {sections[offered[0]].title}", {f"{page} section": offered[0]}
        if label:
            st.button(label, on_click=widgets.set_settings, args=(change,))


def request(session: str, name: str, section: Section, recipe: Recipe, settings: dict[str, Any]) -> Job:
    """The job that computes a section. It cancels the session's unfinished picture on another page.

    Raises:
        ValueError: one sentence, for an invalid recipe, or for a table that this viewer has not brought.
    """
    catalog.check_table(recipe, session)
    recipe = catalog.computed(recipe)
    knob_settings = _knob_settings(section.compute, settings)
    work = partial(_compute, section, recipe, knob_settings, session)
    label = f"{section.title.lower()}, {catalog.title(recipe)}"
    return SERVICE.submit(session, f"{name} {recipe.query} {sorted(knob_settings.items())}", work, label=label)


def _knob_settings(function: Callable[..., Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a function's knobs."""
    return {key: settings[key] for key in knobs(function)}


def _compute(
    section: Section, recipe: Recipe, knob_settings: dict[str, Any], session: str, report: Report
) -> Result:
    def progress(fraction: float, partial: Any = None, note: str = "") -> None:
        nonlocal last
        if partial is not None and (last is None or partial is not last.value):
            last = Result(partial, recipe, knob_settings)
        step = note.removeprefix("Computing ")
        report(fraction, last, step[:1].lower() + step[1:])

    last: Result | None = None
    return Result(
        section.compute(recipe, SERVICE.cache.of(session), progress, **knob_settings), recipe, knob_settings
    )


def _newest(jobs: list[Job], name: str) -> Result | None:
    """The newest result, or the last one of this section, so that a picture is replaced and never removed."""
    key = f"last {name}"
    for job in jobs:
        if (latest := job.result or job.partial) is not None:
            st.session_state[key] = latest
    return st.session_state.get(key)


def _draw(
    shown: Result | None, jobs: list[Job], name: str, section: Section, recipe: Recipe, settings: dict[str, Any]
) -> None:
    if section.controls is not None and jobs:
        section.controls(recipe, **{key: settings[key] for key in section.hidden})
    if shown is None:
        watch.empty(jobs)
        return
    requested = [
        (catalog.computed(recipe), _knob_settings(section.compute, settings)) for job in jobs if job.active
    ]
    with watch.dim_stale(any(each != (shown.recipe, shown.knobs) for each in requested), f"section-{name}"):
        section.draw(shown, **_knob_settings(section.draw, settings))
