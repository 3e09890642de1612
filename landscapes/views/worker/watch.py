"""The part of a page that shows jobs: it is drawn again when they have new results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import streamlit as st

from landscapes.recipes.recipe import Recipe
from landscapes.views.worker import news_route
from landscapes.views.worker.jobs import Job
from landscapes.views.worker.progress import progress

# Seconds that the script thread waits for a first partial result, so that it comes with the page and not with a
# second run.
MAX_WAIT_SECONDS = 0.45
# Seconds that it waits for the final result after which a partial one is drawn.
FINAL_WAIT_SECONDS = 0.15
# Escapes Markdown, because an error may quote the address.
MARKDOWN_ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in "\\[]<>$*`"})

T = TypeVar("T")


def wait(jobs: Sequence[Job]) -> None:
    """Sleep until the first results can be drawn with the page, at most `MAX_WAIT_SECONDS`."""
    start = time.monotonic()
    while any(job.active for job in jobs) and (elapsed := time.monotonic() - start) < MAX_WAIT_SECONDS:
        if elapsed > FINAL_WAIT_SECONDS and all(job.version for job in jobs):
            return
        time.sleep(0.01)
        # Reading the session state lets Streamlit stop this run when the viewer has changed a widget.
        st.session_state.get("faults")


def panel(
    jobs: Sequence[Job], newest: Callable[[], T], about: Callable[[T], str], draw: Callable[[T], None]
) -> None:
    """Draw the newest result with a status line above it, again whenever a job has a newer one.

    Args:
        newest: returns the newest result.
        about: returns the text of the status line for this result while no job runs.
        draw: draws the result on the page.

    A widget in `draw` reruns only this fragment, not the sidebar or the address, unless its callback calls
    `st.rerun`.
    """
    was_active = any(job.active for job in jobs)

    @st.fragment
    def draw_newest() -> None:
        # Before the result is read, so that none is missed.
        is_active, follow = any(job.active for job in jobs), news_route.url(jobs)
        result = newest()
        _status(jobs, about(result), follow)
        draw(result)
        if was_active and not is_active:
            st.rerun()  # for what the rest of the page says about the end

    draw_newest()


def sentence(fault: str) -> str:
    """The text of a library's error with a capital letter and a full stop."""
    stop = "" if fault.endswith(("?", ".")) else "."
    return f"{fault[:1].upper()}{fault[1:]}{stop}"


def escape_markdown(text: str) -> str:
    """Text that means itself in Markdown."""
    return text.translate(MARKDOWN_ESCAPES)


def show_faults(errors: Sequence[str], recipe: Recipe) -> None:
    """Show what is wrong with the address or the settings until the recipe changes."""
    state = st.session_state
    if errors:
        state["faults"] = tuple(errors), recipe
    old_faults, faulty_recipe = state.get("faults", ((), recipe))
    if faulty_recipe == recipe and old_faults:
        sentences = [escape_markdown(sentence(each)) for each in old_faults]
        if len(sentences) > 1:
            head = f"{len(sentences)} things are not valid; everything else is kept."
            sentences = [head, *(f"- {each}" for each in sentences)]
        st.warning("\n".join(sentences), icon=":material/rule:")


def empty(jobs: Sequence[Job]) -> None:
    """Draw a placeholder of the size of the first picture."""
    waiting = any(job.active for job in jobs)
    text = "Drawing …" if waiting else "There is no picture to show yet."
    st.container(height=560, border=True).caption(text)


@contextmanager
def dim_stale(is_stale: bool, key: str) -> Iterator[None]:
    """A container for a picture and its texts. It is dimmed if they are stale, that is, of another recipe than the
    one that is being computed; then the picture accepts no clicks, which would pick a point of the new picture."""
    name = f".st-key-{key}"
    style = f"{name} {{ opacity: 0.45; }} {name} :is(.stage.picking, .stage-mix) {{ pointer-events: none; }}"
    st.html(f"<style>{style if is_stale else ''}</style>")
    with st.container(key=key):
        yield


def _status(jobs: Sequence[Job], idle_text: str, follow: str) -> None:
    """Draw the status line, whose bar follows the jobs at this path. Its height is fixed, so that nothing below it
    moves."""
    with st.container(horizontal=True, vertical_alignment="center", height=54, border=False, key="status"):
        active = [job for job in jobs if job.active]
        failed = [job for job in jobs if job.error]
        if failed:
            st.warning(sentence(failed[0].error), icon=":material/rule:")
        elif active:
            progress(
                news_route.fraction(active),
                news_route.note(active),
                work=" ".join(job.id for job in active),
                key="progress",
                on_cancel=partial(_cancel, active),
                follow=follow,
            )
        else:
            note = ""
            if jobs and jobs[0].state.status == "cancelled" and idle_text:
                note = " · cancelled, the last picture stays"
            elif jobs and jobs[0].state.status == "cancelled":
                note = "The computation was cancelled; change a setting to begin again"
            st.markdown(f"{idle_text}{note}")


def _cancel(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.cancel(wait=0)  # the page shows it at once; the worker stops within 100 ms
