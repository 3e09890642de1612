"""Watching the worker: a part of a page that draws itself again while jobs run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import streamlit as st

from landscapes.recipes.recipe import Recipe
from landscapes.views.worker.jobs import Job
from landscapes.views.worker.progress import progress

# The script thread waits this long for a first picture, so that it comes with the page and not at the next look;
# and this long for quick work to be whole.
PATIENCE = 0.45
QUICK = 0.15
# What is not new is not drawn again, so that a look costs a hundredth of a second.
POLL = 0.25
# What an address says is shown as it is, and not as Markdown.
PLAIN = str.maketrans({mark: f"\\{mark}" for mark in "\\[]<>$*`"})

T = TypeVar("T")


def wait(jobs: Sequence[Job]) -> None:
    """Give quick work the chance to be on the page at once and whole; the worker computes, this thread sleeps."""
    began = time.monotonic()
    while any(job.active for job in jobs) and (waited := time.monotonic() - began) < PATIENCE:
        if waited > QUICK and all(job.version for job in jobs):
            return
        time.sleep(0.01)
        # Where the session's state is read Streamlit ends a run that the viewer has overtaken.
        st.session_state.get("trouble")


def panel(
    jobs: Sequence[Job], newest: Callable[[], T], about: Callable[[T], str], draw: Callable[[T], None]
) -> None:
    """A line that says what the worker is doing, or else what is shown, above what is shown; both again and again
    while a job runs.

    Args:
        newest: what there is to show now.
        about: what the line says of it while nothing is computed.
        draw: puts it on the page.

    What a widget in there changes runs neither the sidebar nor the address, unless its callback calls `st.rerun`.
    """
    active = any(job.active for job in jobs)

    def drawn() -> None:
        running = any(job.active for job in jobs)
        shown = newest()
        _status(jobs, about(shown))
        draw(shown)
        if active and not running:
            st.rerun()  # stops the timer

    # Two fragments and not one: a last tick of the timer may come while the page runs, and is run right after it.
    # The browser clears away what a run has not drawn again only when the next one begins (streamlit#16708): were
    # the resting panel the ticking one, it would be gone for a moment, and the picture with it.
    def ticking() -> None:
        drawn()

    def resting() -> None:
        drawn()

    (st.fragment(run_every=POLL)(ticking) if active else st.fragment(resting))()


def sentence(trouble: str) -> str:
    """What a library's error says, as a sentence of the page."""
    stop = "" if trouble.endswith(("?", ".")) else "."
    return f"{trouble[:1].upper()}{trouble[1:]}{stop}"


def trouble(said: Sequence[str], recipe: Recipe) -> None:
    """Say what was wrong with the address or the settings until the viewer changes something."""
    kept = st.session_state
    if said:
        kept["trouble"] = tuple(said), recipe
    before, about = kept.get("trouble", ((), recipe))
    if about == recipe and before:
        sentences = [sentence(each).translate(PLAIN) for each in before]
        if len(sentences) > 1:
            head = f"{len(sentences)} things are not valid; everything else is kept."
            sentences = [head, *(f"- {each}" for each in sentences)]
        st.warning("\n".join(sentences), icon=":material/rule:")


def empty(jobs: Sequence[Job]) -> None:
    """What stands where the first picture will be."""
    waiting = any(job.active for job in jobs)
    words = "Drawing …" if waiting else "There is no picture to show yet."
    st.container(height=560, border=True).caption(words)


@contextmanager
def dimmed(old: bool, key: str) -> Iterator[None]:
    """Where a picture and its words stand; dimmed while they are `old`, those of another recipe than the one that
    is being computed. A click on an old picture would be a choice in the new one, so it takes none."""
    name = f".st-key-{key}"
    style = f"{name} {{ opacity: 0.45; }} {name} :is(.stage.picking, .stage-mix) {{ pointer-events: none; }}"
    st.html(f"<style>{style if old else ''}</style>")
    with st.container(key=key):
        yield


def _status(jobs: Sequence[Job], quiet: str) -> None:
    """Always of the same height, so that nothing below it jumps."""
    with st.container(horizontal=True, vertical_alignment="center", height=54, border=False, key="status"):
        active = [job for job in jobs if job.active]
        failed = [job for job in jobs if job.error]
        if failed:
            st.warning(sentence(failed[0].error), icon=":material/rule:")
        elif active:
            job = active[0]
            text = f"Computing: {job.label} … {job.note}"
            if job.position:
                text = f"Waiting, place {job.position} in the queue: {job.label}"
            work = " ".join(job.id for job in active)
            progress(job.fraction, text, work=work, key="progress", on_cancel=partial(_cancel, active))
        else:
            note = " · cancelled, the last picture stays" if jobs and jobs[0].state.status == "cancelled" else ""
            st.markdown(f"{quiet}{note}")


def _cancel(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.cancel(wait=0)  # the page says so at once; the worker is free a tenth of a second later
