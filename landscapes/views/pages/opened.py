"""The page Open: results from a file, with everything that the stage can do without a model.

A file that is dropped on the page stays in the session's memory and is not written to disk. The environment
variable `LANDSCAPES_OPEN`, which `start_with` sets, names a file on the server with which every session begins; no
address, upload or setting can name one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from landscapes.display import described, typeset
from landscapes.exports import EXPORTS, Bundle
from landscapes.exports.names import file_stem
from landscapes.figures import Theme
from landscapes.figures.saved_figure import (
    drawn_paths,
    player_weights,
    saved_heights,
    saved_history,
    saved_picture,
)
from landscapes.recipes.recipe import Recipe
from landscapes.storage import SavedResults, load
from landscapes.views.controls import browser_history, instruments
from landscapes.views.controls.export_menu import export_menu, motions_of
from landscapes.views.controls.toolbar import PICTURES
from landscapes.views.stage import shared_view, stage
from landscapes.views.stage.drawing import drawing
from landscapes.views.worker.watch import MARKDOWN_ESCAPES, sentence

VARIABLE = "LANDSCAPES_OPEN"
MAX_FILE_BYTES = 10 * 2**20  # of an upload, as in .streamlit/config.toml
MAX_ARRAY_BYTES = 64 * 2**20  # of its arrays when they are decompressed
LABEL = "Saved results (NPZ)"
ABOUT = """
Drop a file with saved results to see them here without their model. **Export → All data (NPZ)** beside a picture
writes one, and so does `landscapes.save(path, surface=…, paths=…, spectrum=…)`. A published grid becomes a surface
by `landscapes.Surface.from_grid(x, y, z)`. The server keeps the file in memory until the tab is closed.
"""
NOT_IN_LINK = "The link does not carry your file. Whoever opens the link has to drop the same file on that page."
HEIGHT = "clamp(340px, calc(100vh - 330px), 1100px)"


def start_with(path: str | Path) -> None:
    """Let every session of this server begin with this file on the page Open, at the address /open.

    Raises:
        ValueError: one sentence, if the file does not hold saved results.
        OSError: if it cannot be read.
    """
    load(path)
    os.environ[VARIABLE] = str(Path(path).absolute())


def page() -> None:
    """Draw the page."""
    browser_history.forget()
    shared_view.read_view(browser_history.current())
    shared_view.set_notes([NOT_IN_LINK])
    state = st.session_state
    fault = _open_first(state)
    results: SavedResults | None = state.get("opened results")
    settings: dict[str, Any] = {}
    columns: Any = ()
    if results is None:
        st.markdown(ABOUT)
        uploaded = st.file_uploader(LABEL, type="npz", key="opened upload")
    else:
        with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
            settings = _choose_picture(results)
        columns = st.columns([0.7, 0.3], gap="medium")
        # No popover: closing it removes its widgets and loses a file that is still being uploaded.
        with columns[1], st.expander("Open another file", icon=":material/folder_open:"):
            uploaded = st.file_uploader(LABEL, type="npz", key="opened upload")
    if uploaded is not None and uploaded.file_id != state.get("opened id"):
        state["opened id"] = uploaded.file_id
        fault = _read(uploaded)
        if not fault:
            st.rerun()  # with the choices that the new results leave
    if fault:
        st.warning(_plain(sentence(fault)))
    if results is not None:
        _draw(results, settings, *columns)


def _open_first(state: Any) -> str:
    """Load the file that the command named, once in a session. Returns what is wrong with it, or ""."""
    path = os.environ.get(VARIABLE)
    if not path or "opened first" in state:
        return ""
    state["opened first"] = path
    try:
        _keep(load(path), Path(path).name)
    except ValueError as error:
        return str(error)
    except OSError as error:
        return f"{Path(path).name} cannot be read: {error.strerror}"
    return ""


def _read(uploaded: Any) -> str:
    """Load an upload. Returns what is wrong with it, or "". The results that are open stay until it is read."""
    if uploaded.size > MAX_FILE_BYTES:
        return f"{uploaded.name} has {uploaded.size / 2**20:,.0f} MB; give a file of at most 10 MB"
    try:
        _keep(load(uploaded, max_bytes=MAX_ARRAY_BYTES), uploaded.name)
    except ValueError as error:
        return str(error)
    return ""


def _keep(results: SavedResults, name: str) -> None:
    state = st.session_state
    state["opened results"], state["opened name"] = results, name
    state["opened token"] = secrets.token_hex(8)
    for key in ("opened weights", "opened term"):
        state.pop(key, None)


def _draw(results: SavedResults, settings: dict[str, Any], left: Any, right: Any) -> None:
    """Draw the stage with its caption, and what is beside it."""
    with left:
        if results.surface is None:
            _figure("picture", results, results.figure, height=HEIGHT)
        else:
            _stage(results, settings)
            _name_missing_paths(results, settings)
        _caption(results)
    with right:
        _side_column(results, settings)


def _choose_picture(results: SavedResults) -> dict[str, Any]:
    """Draw the file's name and the choices that its surface leaves. Return the settings of the picture."""
    state = st.session_state
    st.markdown(f"**{_plain(state.get('opened name', ''))}**")
    if (surface := results.surface) is None:
        return {}
    view = "3d"
    if len(surface.axes) == 2:
        titles = {title: name for name, title in PICTURES.items()}
        view = titles[_choose("opened picture", list(titles), "Picture")]
    settings: dict[str, Any] = {"view": view, "scale": _choose("opened scale", ["linear", "log"], "Scale")}
    heights, players = saved_heights(results), player_weights(results)
    if len(surface.terms) > 1:
        term = st.selectbox(
            "Height", heights, key="opened term", label_visibility="collapsed", width=220,
            format_func=lambda name: f"Surface shows: {_height(name, players)}",
        )  # fmt: skip
        settings["term"] = term or None
    if not surface.game and not settings.get("term") and (weights := state.get("opened weights")):
        settings["weights"] = weights
        st.button("Saved weights", type="tertiary", on_click=partial(state.pop, "opened weights", None))
    return settings


def _height(name: str, players: Mapping[str, Any]) -> str:
    return f"{name}'s loss" if name in players else name or "the weighted sum"


def _choose(key: str, options: list[str], label: str) -> str:
    """A row of buttons whose choice outlives a visit to another page, where Streamlit forgets the widget."""
    state = st.session_state
    kept_key = f"kept {key}"
    choice = st.segmented_control(
        label,
        options,
        default=state.get(kept_key, options[0]),
        required=True,
        label_visibility="collapsed",
        key=key,
    )
    state[kept_key] = choice
    return choice


def _stage(results: SavedResults, settings: dict[str, Any]) -> None:
    look = {**settings, "theme": instruments.theme()}
    figure_drawing = drawing("opened", (results, look), lambda: saved_picture(results, **look))
    stage(
        figure_drawing,
        key="stage opened",
        height=HEIGHT,
        description=results.caption or results.summary,
        mix=not settings.get("term"),
        on_weights=lambda weights: st.session_state.update({"opened weights": weights}),
    )


def _name_missing_paths(results: SavedResults, settings: dict[str, Any]) -> None:
    """Draw a sentence on the paths that were saved without the terms that the picture needs."""
    shown_paths = drawn_paths(results, settings.get("term"), settings.get("weights"))
    if missing := [label for label in results.paths if label not in shown_paths]:
        subject = f"The path of {missing[0]} is" if len(missing) == 1 else f"The paths of {', '.join(missing)} are"
        st.caption(
            _plain(f"{subject} not drawn here: a path needs its own terms for this height, and none were saved.")
        )


def _side_column(results: SavedResults, settings: dict[str, Any]) -> None:
    """Draw the curves, the eigenvalues, the table of the paths and the exports."""
    if results.surface is not None and results.trajectories:
        value_option = {} if results.surface.game or not results.value else {"value": results.value}
        _figure(
            "history",
            results,
            lambda **look: saved_history(results.trajectories, legend=False, **value_option, **look),
            height=270,
        )
    if (spectrum := results.spectrum) is not None:
        st.markdown(_plain(_verdict(results)))
        _figure("eigenvalues", spectrum, spectrum.figure, height=190)
    if (jacobian := results.jacobian) is not None:
        _figure("jacobian", jacobian, jacobian.figure, height=230)
    if results.paths:
        kind = "line" if next(iter(results.paths.values())).coordinates.shape[1] == 1 else "plane"
        with st.expander(f"What the {kind} leaves out"):
            rows = instruments.projection_rows(results.paths, kind)
            st.table({_plain(label): row for label, row in rows.items()})
    if results.surface is not None:
        look = instruments.theme()
        recipe = None
        with suppress(ValueError):
            recipe = None if results.recipe is None else Recipe.from_json(results.recipe)
        dimension = len(results.surface.axes)
        names = [name for name, export in EXPORTS.items() if export.is_for(recipe, dimension)]
        stem = file_stem(recipe, results.value)
        shown_paths = drawn_paths(results, settings.get("term"), settings.get("weights"))
        has_camera = dimension == 2 and settings["view"] == "3d"
        motions = motions_of(has_paths=bool(shown_paths), has_camera=has_camera)
        identity = f"{st.session_state['opened token']} {sorted(settings.items())} {look}"
        export_menu(lambda: _bundle(results, settings, look), identity, stem, names, motions)


def _bundle(results: SavedResults, settings: dict[str, Any], look: Theme) -> Bundle:
    assert results.surface is not None
    surface = results.surface.reweighted(settings.get("weights") or {})
    figure, light = saved_picture(results, theme=look, **settings), partial(saved_picture, results, **settings)
    return Bundle.from_results(replace(results, surface=surface), figure, None if look == "light" else light)


def _figure(name: str, source: Any, make: Callable[..., go.Figure], *, height: int | str) -> None:
    look: dict[str, Any] = {"theme": instruments.theme()}

    def figure() -> go.Figure:
        return make(**look)

    stage(
        drawing(f"opened {name}", (source, look), figure), key=f"stage opened {name}", height=height, link="camera"
    )


def _verdict(results: SavedResults) -> str:
    """Whether the loss is convex at the point of the spectrum; its summary if too few eigenvalues were saved."""
    assert results.spectrum is not None
    try:
        return typeset(results.spectrum.verdict.at("at the point of the spectrum"))
    except ValueError:
        return results.spectrum.summary


def _caption(results: SavedResults) -> None:
    """Draw what the file says of itself, and the facts of the surface that it does not say."""
    facts = dict(results.details)
    if (surface := results.surface) is not None:
        facts["Surface"] = described(surface)
        facts["Extent"] = ", ".join(f"{axis[0]:.4g} to {axis[-1]:.4g}" for axis in surface.axes)
    facts |= {"Directions": results.directions} if results.directions else {}
    facts["Seed and precision"] = (
        f"{'seed not saved' if results.seed is None else results.seed}, {results.precision}"
    )
    facts["Written by"] = ", ".join(f"{name} {release}" for name, release in results.versions.items())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_plain(results.caption or f"{results.summary}."))
        with st.popover("Details", type="tertiary"):
            for name, text in facts.items():
                st.markdown(f"**{_plain(name)}.** {_plain(text)}")


def _plain(text: str) -> str:
    """Text of a file as Markdown that shows it letter by letter."""
    return " ".join(text.split()).translate(MARKDOWN_ESCAPES)
