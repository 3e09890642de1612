"""The page Home: what the program is, a live picture, and the lessons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import groupby

import streamlit as st

from landscapes.figures.scene import picture
from landscapes.lessons import OWN_SECTION, Lesson
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes import caption as caption_of
from landscapes.scenes.scene import Scene
from landscapes.scenes.view import with_view
from landscapes.views.controls import address, browser_history, instruments, lessons, own_lesson, tab
from landscapes.views.pages import pictures
from landscapes.views.stage import shared_view, stage
from landscapes.views.stage.drawing import drawing
from landscapes.views.stage.thumbnail_route import thumbnail_url
from landscapes.views.worker import watch
from landscapes.views.worker.jobs import Job

ABOUT = "Landscapes draws any training objective as a surface, with the paths that optimizers take on it."
# A test function, because it is computed in a fraction of a second and its surface is all there is of it.
RECIPE = Recipe(
    objective=Choice("himmelblau"),
    optimizers=(
        Choice.of("sgd", learning_rate=0.01),
        Choice.of("momentum", learning_rate=0.01),
        Choice.of("adam", learning_rate=0.2),
    ),
    steps=150,
    start="picked",
    start_x=0.25,
    start_y=4.0,
    scale="log",
)
SHOWN = "Three optimizers leave one start on Himmelblau’s function, and each ends in another of its four minima."
ABOUT_OWN = """
**Save as my lesson** in the sidebar of Explore writes a picture with your own title, sentences, question and
answer as a file. Drop such files here to open them like the lessons above. A file may hold a list of lessons. The
server keeps them until this tab is closed. Names make a lecture of the lessons above, as in
`/?lessons=ravine,stability,duel`.
"""
SLOT = "home"
LESSONS_PER_ROW = 4  # cards
HEIGHT = "clamp(300px, calc(100vh - 330px), 900px)"


def page(explore: st.Page) -> None:
    """Draw the page. Lessons open on the page `explore`."""
    query = browser_history.current()
    faults = lessons.read_list(query) + shared_view.read_view(query)
    shared_view.set_notes(())
    browser_history.forget()
    st.title(ABOUT, anchor=False)
    if faults:
        st.warning(
            "\n".join(watch.escape_markdown(watch.sentence(each)) for each in faults), icon=":material/rule:"
        )
    recipe = catalog.complete(RECIPE)
    jobs = [pictures.request(tab.session(), recipe, slot=SLOT)]
    watch.wait(jobs)
    watch.panel(jobs, partial(_newest, jobs), lambda scene: SHOWN, partial(_draw, jobs, explore))
    if own_lessons := lessons.loaded_lessons():
        _draw_own(own_lessons, explore)
    _draw_lessons(lessons.listed_lessons(), explore)
    with st.expander("Load lessons of your own", icon=":material/school:", expanded=bool(own_lessons)):
        st.markdown(ABOUT_OWN)
        own_lesson.load()


def _newest(jobs: list[Job]) -> Scene | None:
    key = f"last {SLOT}"
    for job in jobs:
        if (latest := job.result or job.partial) is not None:
            st.session_state[key] = with_view(latest, RECIPE)
    return st.session_state.get(key)


def _draw(jobs: list[Job], explore: st.Page, scene: Scene | None) -> None:
    """Draw the live picture with its caption."""
    if scene is None:
        watch.empty(jobs)
        return
    theme = instruments.theme()
    stage(
        drawing(SLOT, (scene, theme), lambda: picture(scene, theme=theme)),
        key=f"stage {SLOT}",
        height=HEIGHT,
        description=caption_of(scene),
        autoplay=True,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(watch.escape_markdown(caption_of(scene)), width="stretch")
        st.page_link(
            explore, label="Explore this picture", icon=":material/tune:",
            query_params=catalog.to_query(catalog.complete(RECIPE)),
        )  # fmt: skip


def _draw_own(own_lessons: Mapping[str, Lesson], explore: st.Page) -> None:
    """Draw a card for each lesson from a file."""
    st.header(OWN_SECTION, anchor=False)
    columns = [
        column for _ in range(0, len(own_lessons), LESSONS_PER_ROW) for column in st.columns(LESSONS_PER_ROW)
    ]
    for column, (name, lesson) in zip(columns, own_lessons.items(), strict=False):
        with column.container(border=True, height="stretch", gap="small"):
            if st.button(watch.escape_markdown(lesson.title), key=f"open {name}", type="tertiary"):
                address.open_lesson(name)
                st.switch_page(explore)
            st.caption(watch.escape_markdown(" ".join(lesson.sentences[:1])))


def _draw_lessons(shown_lessons: Mapping[str, Lesson], explore: st.Page) -> None:
    """Draw a card for each lesson, in sections."""
    theme = instruments.theme()
    for section, group in groupby(shown_lessons.items(), lambda item: item[1].section):
        st.header(section, anchor=False)
        group_lessons = list(group)
        rows = range(0, len(group_lessons), LESSONS_PER_ROW)
        columns = [column for _ in rows for column in st.columns(LESSONS_PER_ROW)]
        for column, (name, lesson) in zip(columns, group_lessons, strict=False):
            with column.container(border=True, height="stretch", key=f"card {name}", gap="small"):
                if url := thumbnail_url(name, theme):
                    st.html(f'<img class="thumbnail" src="{url}" alt="" loading="lazy">')
                st.page_link(explore, label=lesson.title, query_params=lessons.address(name))
