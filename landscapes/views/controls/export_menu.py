"""The menu of exports of a picture: settings, a download for each format, and a ZIP file of all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from landscapes.exports import EXPORTS, Bundle
from landscapes.exports.settings import DPI_RANGE, ExportSettings
from landscapes.figures import paper
from landscapes.views.controls import archive_job

MOTIONS: dict[paper.Motion, str] = {
    "both": "Optimizers run while the camera turns",
    "paths": "Optimizers run",
    "camera": "Camera turns",
}
TOGETHER = "everything"  # the export that the worker makes


def motions_of(*, has_paths: bool, has_camera: bool) -> list[paper.Motion]:
    """What can move in an animation of a picture, as much as possible first."""
    can_move = {"both": has_paths and has_camera, "paths": has_paths, "camera": has_camera}
    return [motion for motion in MOTIONS if can_move[motion]]


def export_menu(
    make_bundle: Callable[[], Bundle],
    identity: str,
    stem: str,
    names: Collection[str],
    motions: Sequence[paper.Motion],
) -> None:
    """Draw the menu of these exports, whose files have the name `stem`, and the button of all of them.

    Args:
        make_bundle: called by a download, outside the page's script thread.
        identity: a text that identifies the picture.
        motions: those of the picture. One in which nothing moves has none, and no animations.
    """
    offered = {name: EXPORTS[name] for name in EXPORTS if name in names and (motions or not EXPORTS[name].moves)}
    together = offered.pop(TOGETHER, None)
    with st.container(horizontal=True):
        with st.popover("Export", icon=":material/download:", width="stretch"):
            settings = _choose_settings(motions)
            for name, export in offered.items():
                st.download_button(
                    export.title,
                    data=partial(_encode, name, make_bundle, settings),
                    disabled=not export.is_available(),
                    file_name=f"{stem}{export.extension}",
                    mime=export.mime,
                    on_click="ignore",
                    key=f"export {name}",
                    width="stretch",
                )
            for reason in dict.fromkeys(export.missing() for export in offered.values()):
                if reason:
                    st.caption(reason)
        if together is not None:
            archive_job.draw_button(together, make_bundle, identity, stem, settings)
    archive_job.draw()


def _choose_settings(motions: Sequence[paper.Motion]) -> ExportSettings:
    preset = st.selectbox(
        "Width of paper figures", ["", *paper.PRESETS], format_func=_preset_in_words, key="export preset"
    )
    dpi = st.number_input("Pixels per inch of a PNG", *DPI_RANGE, ExportSettings().dpi, 50, key="export dpi")
    motion: paper.Motion = ""
    if len(motions) > 1:
        motion = st.selectbox(
            "Motion of animations", motions, format_func=lambda name: MOTIONS[name], key="export motion"
        )
    return ExportSettings(preset, dpi, motion)


def _preset_in_words(name: str) -> str:
    if not name:
        return "ICML column; NeurIPS page for PNG, charts and animations"
    return f"{paper.PRESETS[name].title}: {paper.PRESETS[name].width_mm:g} mm"


def _encode(name: str, make_bundle: Callable[[], Bundle], settings: ExportSettings) -> bytes:
    return EXPORTS[name].encode(replace(make_bundle(), settings=settings))
