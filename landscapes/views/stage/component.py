"""The stage: the interactive Plotly figure at the middle of every page.

`st.plotly_chart` forgets the camera whenever the data change and reports no clicks on surfaces, contours or lines;
this component keeps the one and reports the other, plays paths and mixes terms in the browser.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from landscapes.figures.stage import HTML, SCRIPT, STYLE
from landscapes.views.stage.drawing import Drawing
from landscapes.views.stage.plotly_route import plotly_url

# Styles are not isolated: in a shadow root Plotly's own style sheet does not reach its modebar and legend.
_component = component(
    "landscapes_stage",
    html=HTML,
    css=STYLE,
    js=SCRIPT,
    isolate_styles=False,
)


@dataclass(frozen=True)
class StageResult:
    """What the viewer did.

    Attributes:
        pick: coordinates of a click on the picture in data units, one per axis, in the run that the click caused;
            None otherwise.
        weights: the weights that were last set by the mixing sliders, {term: weight}, or None.
    """

    pick: tuple[float, ...] | None = None
    weights: dict[str, float] | None = None


def stage(
    figure: go.Figure | Drawing,
    *,
    key: str,
    height: int | str = "clamp(340px, calc(100vh - 290px), 1100px)",
    presenter: bool = False,
    pick: bool = False,
    mix: bool = True,
    link: str = "",
    transport: bool = True,
    steps: int = 0,
    status: str = "",
    filename: str = "landscape",
    description: str = "",
    on_pick: Callable[[tuple[float, ...]], None] | None = None,
    on_weights: Callable[[dict[str, float]], None] | None = None,
) -> StageResult:
    """Draws a figure of `landscapes.figures`, or a drawing of one; nothing is drawn again while it stays the same.

    Args:
        key: the component's key; camera, zoom, hidden traces and speed are remembered under it, for each kind of
            picture apart, as long as the browser's tab lives.
        height: of the plot with its legend and notes, in pixels or as a CSS length; the transport bar (36 px)
            comes below it where there are paths.
        presenter: large controls, and the remote control's keys wherever the focus is.
        pick: report clicks on the picture.
        mix: offer sliders for the terms' weights where the figure carries several terms.
        link: stages with the same non-empty name share camera, zoom and step.
        transport: whether the transport bar is shown; of linked stages one bar moves all.
        steps: how far the bar reaches at least, for linked stages of which another has longer paths.
        status: a word in the corner such as "refining, 65²"; changing it draws nothing.
        filename: of pictures saved in the browser, without extension.
        description: what the picture shows, for those who hear it, before what the figure says of itself.
        on_pick, on_weights: called with the coordinates or the weights before the script runs again, the place to
            set other widgets' state.
    """
    drawing = figure if isinstance(figure, Drawing) else Drawing.of(figure)
    options = {
        "id": drawing.id,
        "name": key,
        "plotly": plotly_url(),
        "height": f"{height}px" if isinstance(height, int) else height,
        "presenter": presenter,
        "pick": pick,
        "mix": mix,
        "link": link,
        "transport": transport,
        "steps": steps,
        "status": status,
        "filename": filename,
        "description": f"{description} {drawing.description}".strip(),
    }

    def picked() -> None:
        place = _pick(st.session_state[key].get("pick"))
        if on_pick and place:
            on_pick(place)

    def mixed() -> None:
        weights = _weights(st.session_state[key].get("weights"))
        if on_weights and weights:
            on_weights(weights)

    result = _component(
        key=key,
        data=f"{json.dumps(options)}\n{drawing.text}".encode(),
        on_pick_change=picked,
        on_weights_change=mixed,
    )
    return StageResult(_pick(result.get("pick")), _weights(result.get("weights")))


def _pick(value: object) -> tuple[float, ...] | None:
    return tuple(float(c) for c in value) if isinstance(value, list | tuple) and value else None


def _weights(value: object) -> dict[str, float] | None:
    return {str(name): float(weight) for name, weight in value.items()} if isinstance(value, dict) else None
