"""A page of sections: the recipe beside it, a row of sections over it, one of them computed and drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from landscapes import catalog
from landscapes.knobs import knobs
from landscapes.recipe import Recipe
from landscapes.views import address, controls, presenter, tab, toolbar, travel, watch
from landscapes.views.computation import Report
from landscapes.views.jobs import SERVICE, Job
from landscapes.views.sections import PAGES
from landscapes.views.sections.section import Section


@dataclass(frozen=True, eq=False)
class Shown:
    """A result with the recipe that it was computed from."""

    result: Any
    recipe: Recipe


def page(name: str) -> None:
    """Draw the page with the sections that `PAGES` has for this name."""
    trouble = address.follow()
    presenting = presenter.on()
    recipe = controls.sidebar()
    with st.sidebar:
        presenter.enter()
    sections = PAGES[name]
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        chosen = toolbar.choose_section(name, sections)
        section = sections[chosen]
        settings = toolbar.set_section(chosen, section, recipe)
        if presenting:
            presenter.leave()
    jobs: list[Job] = []
    try:
        recipe = catalog.complete(replace(recipe, beside=toolbar.beside()))
        address.write(recipe, name)
        travel.remember()
        jobs.append(request(tab.session(), chosen, section, recipe, settings))
    except ValueError as error:
        trouble.append(str(error))
    watch.trouble(trouble, recipe)
    watch.wait(jobs)
    quiet = f"{section.question} · {catalog.formula(recipe)}" if section.question else catalog.formula(recipe)
    watch.panel(jobs, quiet, lambda: _draw(jobs, chosen, section, settings))


def request(session: str, name: str, section: Section, recipe: Recipe, settings: dict[str, Any]) -> Job:
    """The job that computes a section; a session's picture on another page, unfinished, makes way for it.

    Raises:
        ValueError: one sentence, for a recipe that does not hold together.
    """
    recipe = catalog.computed(recipe)
    given = {key: settings[key] for key in knobs(section.compute)}
    work = partial(_compute, section, recipe, given)
    return SERVICE.submit(session, f"{name} {recipe.query} {sorted(given.items())}", work, label=section.title)


def _compute(section: Section, recipe: Recipe, given: dict[str, Any], report: Report) -> Shown:
    def progress(fraction: float, partial: Any = None, note: str = "") -> None:
        nonlocal last
        if partial is not None and (last is None or partial is not last.result):
            last = Shown(partial, recipe)
        report(fraction, last, note or f"Computing: {section.title.lower()}")

    last: Shown | None = None
    return Shown(section.compute(recipe, SERVICE.cache, progress, **given), recipe)


def _draw(jobs: list[Job], name: str, section: Section, settings: dict[str, Any]) -> None:
    """The newest result, or the last one that this section had: a picture is replaced, never taken away."""
    key = f"last {name}"
    for job in jobs:
        if (found := job.result or job.partial) is not None:
            st.session_state[key] = found
    shown: Shown | None = st.session_state.get(key)
    if shown is None:
        watch.empty(jobs)
        return
    drawn = {key: settings[key] for key in knobs(section.draw)}
    section.draw(shown.result, shown.recipe, **drawn)
