"""The ZIP file of all formats of a picture. The worker makes it, so that the page stays usable meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from landscapes.exports import Bundle, Export
from landscapes.exports.folder import everything
from landscapes.exports.settings import ExportSettings
from landscapes.views.controls import tab
from landscapes.views.worker.computation import Report, Work
from landscapes.views.worker.jobs import SERVICE, Job
from landscapes.views.worker.progress import progress
from landscapes.views.worker.watch import sentence

SLOT = "archive"
POLL_SECONDS = 0.5  # between two looks at the job while the file is written
STATE = "archive job"


@dataclass(frozen=True)
class ArchiveJob:
    """The job whose result is the bytes of a ZIP file of this name."""

    job: Job
    file: str


def draw_button(
    export: Export, make_bundle: Callable[[], Bundle], identity: str, stem: str, settings: ExportSettings
) -> None:
    """Draw the button that lets the worker make the file. Another picture or other settings cancel the last one.

    Args:
        make_bundle: called by the worker.
        identity: a text that identifies the picture.
    """
    running = st.session_state.get(STATE)
    is_busy = running is not None and running.job.active
    start = partial(_start, f"archive {identity} {settings}", f"{stem}{export.extension}")
    st.button(
        export.title,
        key="export everything",
        on_click=partial(start, partial(_compute, make_bundle, settings)),
        disabled=is_busy,
        width="stretch",
    )


def draw() -> None:
    """Draw the progress of the session's file with a Cancel button, then its download."""
    archive: ArchiveJob | None = st.session_state.get(STATE)
    if archive is None:
        return
    was_active = archive.job.active

    # Two fragments, because a last tick of the timer may arrive while the page runs and is then run after it. If
    # one fragment both polled and stayed, that tick would remove what it drew for a moment: the browser clears
    # what a run has not drawn only when the next run begins (streamlit#16708).
    def polling_archive() -> None:
        _draw(archive)
        if not archive.job.active:
            st.rerun()  # stops the timer

    def idle_archive() -> None:
        _draw(archive)

    (st.fragment(run_every=POLL_SECONDS)(polling_archive) if was_active else st.fragment(idle_archive))()


def _start(key: str, file: str, work: Work) -> None:
    job = SERVICE.submit(tab.session(), key, work, label=file, slot=SLOT, retry=True)
    st.session_state[STATE] = ArchiveJob(job, file)


def _compute(make_bundle: Callable[[], Bundle], settings: ExportSettings, report: Report) -> bytes:
    report(0.0, None, "the picture")
    return everything(
        replace(make_bundle(), settings=settings), lambda fraction, file: report(fraction, None, file)
    )


def _draw(archive: ArchiveJob) -> None:
    job = archive.job
    state = job.state
    if state.active:
        place, stem = job.position, archive.file.rpartition(".")[0]
        # The stem alone is wider than the column.
        text = f"Waiting, place {place} in the queue" if place else f"Writing {state.note.replace(stem, '*')}"
        progress(state.fraction, text, work=job.id, key="archive progress", on_cancel=partial(job.cancel, wait=0))
    elif state.error:
        st.warning(sentence(state.error), icon=":material/rule:")
    elif state.result is not None:
        st.download_button(
            f"Save {archive.file} ({len(state.result) / 1e6:.1f} MB)",
            data=lambda: state.result,
            file_name=archive.file,
            mime="application/zip",
            on_click="ignore",
            key="archive download",
            type="primary",
            icon=":material/folder_zip:",
            width="stretch",
        )
