"""The texts of the open lesson above its picture."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from landscapes.lessons import Lesson, Source, Variation
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import address, lessons, sidebar
from landscapes.views.worker import watch


def draw(name: str, shown: Recipe | None) -> None:
    """Draw the texts of a lesson. Its sentences are about its own recipe; of a changed one only the change is
    named."""
    lesson = lessons.lesson(name)
    if lesson is None:
        return
    if name in lessons.own():
        lesson = _escaped(lesson)
    with st.container(key="lesson", gap="small"):
        _head(name, lesson)
        variation = _variation(lesson, shown)
        if variation is None:
            question = f"**{lesson.question}**" if lesson.question else ""
            st.markdown(f"{' '.join(lesson.sentences)} {question}")
        else:
            st.markdown(f"The lesson's picture with one change: **{_uncapitalized(variation.label)}**.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if variation is None and lesson.answer:
                with st.popover("Answer", icon=":material/lightbulb:"):
                    st.markdown(lesson.answer)
            else:
                st.button(
                    "Back to the lesson", icon=":material/undo:", on_click=partial(_open_recipe, lesson.recipe)
                )
            for each in lesson.next:
                st.button(
                    f"Try: {_uncapitalized(each.label)}",
                    key=f"try {each.label}",
                    on_click=partial(_open_recipe, lesson.varied(each)),
                    disabled=each == variation,
                )
            if lesson.source.link:
                st.caption(f"[{lesson.source.text}]({lesson.source.link})")


def _head(name: str, lesson: Lesson) -> None:
    """Draw the title between the buttons that open the lessons before and after."""
    previous, following = lessons.neighbours(name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(lesson.title, anchor=False, width="content")
        st.caption(f"{lesson.section} · {lessons.position(name)}", width="stretch")
        for label, icon, other in (
            ("Previous", ":material/chevron_left:", previous),
            ("Next", ":material/chevron_right:", following),
        ):
            st.button(
                label, icon=icon, type="tertiary", disabled=not other, key=f"{label.lower()} lesson",
                on_click=partial(_open_lesson, other),
            )  # fmt: skip


def _variation(lesson: Lesson, shown: Recipe | None) -> Variation | None:
    """The change that leads from the lesson's recipe to the shown one, or None."""
    if shown is None:
        return None
    return next((each for each in lesson.next if catalog.complete(lesson.varied(each)) == shown), None)


def _escaped(lesson: Lesson) -> Lesson:
    """The lesson of a file, whose texts are shown letter by letter."""
    return replace(
        lesson,
        title=watch.escaped(lesson.title),
        sentences=tuple(map(watch.escaped, lesson.sentences)),
        question=watch.escaped(lesson.question),
        answer=watch.escaped(lesson.answer),
        next=tuple(Variation(watch.escaped(each.label), each.changes) for each in lesson.next),
        source=Source(
            watch.escaped(lesson.source.text), lesson.source.link.replace(")", "%29").replace(" ", "%20")
        ),
    )


def _open_lesson(name: str) -> None:
    address.open_lesson(name)
    st.rerun()


def _open_recipe(recipe: Recipe) -> None:
    sidebar.adopt(recipe)
    st.rerun()


def _uncapitalized(label: str) -> str:
    """A label inside a sentence; names and formulas keep their capitals."""
    first, _, rest = label.partition(" ")
    return f"{first.lower() if first.istitle() else first} {rest}".strip()
