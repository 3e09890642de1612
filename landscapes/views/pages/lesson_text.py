"""The texts of the open lesson above its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from landscapes.lessons import Lesson, Source, Variation
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import address, lessons, presenter
from landscapes.views.worker import watch


def navigate(recipe: Recipe, sectioned: Mapping[str, st.Page]) -> None:
    """Draw the changes to try, a link to the section in which the open lesson goes on, and the lessons before and
    after it, if a lesson is open. The pages of sections are given by name.

    This is a part of the page and not of its panel: a click on a button of the panel is lost if the panel is
    replaced at that moment, as when a computation ends.
    """
    name = lessons.open_name()
    lesson = _shown_lesson(name)
    if lesson is None:
        return
    variation, waits = _variation(lesson, recipe), _awaits_reveal(name, lesson)
    previous, following = lessons.neighbours(name)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-navigation"):
        if waits:
            presenter.reveal(name)
        for each in () if waits else lesson.next:
            st.button(
                f"Try: {each.label}",
                key=f"try {each.label}",
                on_click=partial(address.open_recipe, lesson.varied(each)),
                disabled=each == variation,
            )
        if variation is not None and not waits:
            st.button(
                "Back to the lesson", icon=":material/undo:", on_click=partial(address.open_recipe, lesson.recipe)
            )
        if lesson.more is not None and not waits:
            st.page_link(
                sectioned[lesson.more.page], label=lesson.more.label, icon=":material/arrow_outward:",
                query_params=(lessons.address_of(recipe) or {}) | lesson.more.query,
            )  # fmt: skip
        st.caption(f"{lesson.section} · {lessons.position(name)}", width="stretch", text_alignment="right")
        for label, icon, other in (
            ("Previous", ":material/chevron_left:", previous),
            ("Next", ":material/chevron_right:", following),
        ):
            st.button(
                label, icon=icon, type="tertiary", disabled=not other, key=f"{label.lower()} lesson",
                on_click=partial(address.open_lesson, other),
                shortcut=label[0] if presenter.on_screen() else None,
            )  # fmt: skip


def ask(name: str) -> bool:
    """In presenter mode, draw the question of a lesson alone, for a hall that guesses before it sees the picture.
    Return whether it is still to be answered."""
    lesson = _shown_lesson(name)
    if lesson is None or not _awaits_reveal(name, lesson):
        return False
    with st.container(key="lesson", gap="small"):
        st.header(lesson.title, anchor=False)
    with st.container(key="question"):
        st.markdown(lesson.question)
    return True


def _awaits_reveal(name: str, lesson: Lesson) -> bool:
    return bool(lesson.question) and presenter.awaits_reveal(name)


def draw(name: str, shown_recipe: Recipe | None) -> None:
    """Draw the texts of a lesson. Its sentences are about its own recipe; of a changed one only the change is
    named."""
    lesson = _shown_lesson(name)
    if lesson is None:
        return
    variation, sentences = _variation(lesson, shown_recipe), " ".join(lesson.sentences)
    answer = lesson.answer
    if presenter.on_screen():  # the lecturer says the sentences, which stand with the answer
        sentences, answer = "", f"{sentences} {answer}"
    with st.container(key="lesson", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(lesson.title, anchor=False, width="content")
            if variation is None and lesson.answer:
                with st.popover("Answer", icon=":material/lightbulb:"):
                    st.markdown(answer)
            if lesson.source.link and not presenter.on_screen():
                st.caption(f"[{lesson.source.text}]({lesson.source.link})", width="stretch")
        if variation is None:
            question = f"**{lesson.question}**" if lesson.question else ""
            st.markdown(f"{sentences} {question}".strip())
        else:
            st.markdown(f"The lesson's picture with one change: **{variation.label}**.")


def _shown_lesson(name: str) -> Lesson | None:
    """The lesson of this name, with the texts of a file escaped."""
    lesson = lessons.lesson(name)
    return _escape_markdown(lesson) if lesson is not None and name in lessons.loaded_lessons() else lesson


def _variation(lesson: Lesson, shown_recipe: Recipe | None) -> Variation | None:
    """The change that leads from the lesson's recipe to the shown one, or None."""
    if shown_recipe is None:
        return None
    return next((each for each in lesson.next if catalog.complete(lesson.varied(each)) == shown_recipe), None)


def _escape_markdown(lesson: Lesson) -> Lesson:
    """The lesson of a file, whose texts are shown letter by letter."""
    return replace(
        lesson,
        title=watch.escape_markdown(lesson.title),
        sentences=tuple(map(watch.escape_markdown, lesson.sentences)),
        question=watch.escape_markdown(lesson.question),
        answer=watch.escape_markdown(lesson.answer),
        next=tuple(Variation(watch.escape_markdown(each.label), each.changes) for each in lesson.next),
        source=Source(
            watch.escape_markdown(lesson.source.text), lesson.source.link.replace(")", "%29").replace(" ", "%20")
        ),
    )
