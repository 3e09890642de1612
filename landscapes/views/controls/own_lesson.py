"""A lesson of one's own: saved from the page Explore as a file, and loaded on the page Home."""

from __future__ import annotations

import re

import streamlit as st

from landscapes.lessons import OWN_SECTION, Lesson, Source
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import lessons
from landscapes.views.worker import watch

MAX_FILE_BYTES = 2**20  # of a file with lessons, 1 MiB
LABEL = "Lessons (JSON)"


def save(recipe: Recipe) -> None:
    """Draw the texts of a lesson about this recipe, and the button that downloads it."""
    name = lessons.open_name()
    opened = lessons.lesson(name)
    with st.popover("Save as my lesson", icon=":material/school:", width="stretch"):
        title = st.text_input("Title", opened.title if opened else "", max_chars=120, key=f"own title {name}")
        sentences = st.text_area(
            "Sentences, one a line",
            "\n".join(opened.sentences) if opened else "",
            max_chars=1000,
            key=f"own sentences {name}",
        )
        question = st.text_input(
            "Question", opened.question if opened else "", max_chars=500, key=f"own question {name}"
        )
        answer = st.text_area("Answer", opened.answer if opened else "", max_chars=1000, key=f"own answer {name}")
        lines = tuple(line.strip() for line in sentences.splitlines() if line.strip())
        lesson = Lesson(title.strip(), OWN_SECTION, lines, question, answer, recipe, (), Source("", ""))
        st.download_button(
            "Download", lesson.to_json(), f"{_file_name(title)}.json", "application/json", key="own download",
            disabled=not title.strip(), on_click="ignore", icon=":material/download:",
            help="Drop the file on Home to open it again.",
        )  # fmt: skip


def load() -> None:
    """Draw the place where files with lessons are dropped, and load them."""
    state = st.session_state
    files = st.file_uploader(LABEL, type="json", accept_multiple_files=True, key="own lessons upload")
    read_ids: set[str] = state.setdefault("own lessons read", set())
    for file in files:
        if file.file_id not in read_ids:
            read_ids.add(file.file_id)
            state["own lessons trouble"] = _read(file)
            st.rerun()
    if fault := state.get("own lessons trouble"):
        st.warning(watch.escape_markdown(watch.sentence(fault)))


def _read(file) -> str:
    """Load the lessons of a file. Returns what is wrong with it, or ""."""
    if file.size > MAX_FILE_BYTES:
        return f"{file.name} has {file.size / 2**20:,.1f} MB; give a file of at most 1 MB"
    try:
        lessons.load(file.getvalue().decode("utf-8"))
    except UnicodeDecodeError:
        return f"{file.name} is not a text; give a file that Save as my lesson wrote"
    except ValueError as error:
        return f"{file.name}: {error}"
    return ""


def _file_name(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:60] or "lesson"
