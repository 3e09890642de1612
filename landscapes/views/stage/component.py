"""The stage: the interactive Plotly figure at the middle of every page.

`st.plotly_chart` forgets the camera whenever the data change and reports no clicks on surfaces, contours or lines;
this component keeps the camera, reports clicks, plays paths and mixes terms in the browser.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from landscapes.figures.stage import HTML, SCRIPT, STYLE
from landscapes.views.stage import shared_view
from landscapes.views.stage.drawing import Drawing
from landscapes.views.stage.plotly_route import plotly_url

NAME = "landscapes_stage"
# Styles are not isolated: in a shadow root Plotly's own style sheet does not reach its modebar and legend.
_component = component(
    NAME,
    html=HTML,
    css=STYLE,
    js=SCRIPT,
    isolate_styles=False,
)


@dataclass(frozen=True)
class StageResult:
    """The viewer's actions on the figure.

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
    fill: bool = False,
    pick: bool = False,
    mix: bool = True,
    link: str = "",
    transport: bool = True,
    steps: int = 0,
    autoplay: bool = False,
    status: str = "",
    filename: str = "landscape",
    description: str = "",
    share: bool = True,
    on_pick: Callable[[tuple[float, ...]], None] | None = None,
    on_weights: Callable[[dict[str, float]], None] | None = None,
) -> StageResult:
    """Draw a figure of `landscapes.figures`. An unchanged figure is not drawn again.

    Args:
        key: the component's key. The browser tab remembers camera, zoom, hidden traces and speed under it,
            separately for each kind of picture.
        height: of the plot with its legend and notes, in pixels or as a CSS length; the transport bar (36 px)
            comes below it where there are paths.
        presenter: large controls; the keys of a remote control work wherever the focus is.
        fill: take the height that the other parts of the page leave of the window, in place of `height`.
        pick: report clicks on the picture.
        mix: offer sliders for the terms' weights where the figure carries several terms.
        link: stages with the same non-empty name share camera, zoom and step.
        transport: whether the transport bar is shown. One bar moves all linked stages.
        steps: the smallest last step of the bar, for a stage that is linked to one with longer paths.
        autoplay: play the first figure that has paths once, except for viewers who prefer reduced motion.
        status: a word in the corner such as "refining, 65²"; changing it draws nothing.
        filename: of pictures saved in the browser, without extension.
        description: text for screen readers, which precedes the figure's own description.
        share: offer the link and the QR code of all stages on the page. Small plots beside another one offer none.
        on_pick, on_weights: called with the coordinates or the weights before the script runs again, when the
            state of other widgets can still be set.
    """
    drawing = figure if isinstance(figure, Drawing) else Drawing.of(figure)
    options = {
        "id": drawing.id,
        "name": key,
        "plotly": plotly_url(),
        "height": f"{height}px" if isinstance(height, int) else height,
        "presenter": presenter,
        "fill": fill,
        "pick": pick,
        "mix": mix,
        "link": link,
        "transport": transport,
        "steps": steps,
        "autoplay": autoplay,
        "status": status,
        "filename": filename,
        "description": f"{description} {drawing.description}".strip(),
        "view": shared_view.text(),
        "share": shared_view.share_options() if share and transport and isinstance(height, str) else None,
    }

    def report_pick() -> None:
        coordinates = _pick(st.session_state[key].get("pick"))
        if on_pick and coordinates:
            on_pick(coordinates)

    def report_weights() -> None:
        weights = _weights(st.session_state[key].get("weights"))
        if on_weights and weights:
            on_weights(weights)

    result = _component(
        key=key,
        data=f"{json.dumps(options)}\n{drawing.text}".encode(),
        on_pick_change=report_pick,
        on_weights_change=report_weights,
    )
    return StageResult(_pick(result.get("pick")), _weights(result.get("weights")))


def _pick(value: object) -> tuple[float, ...] | None:
    return tuple(float(c) for c in value) if isinstance(value, list | tuple) and value else None


def _weights(value: object) -> dict[str, float] | None:
    return {str(name): float(weight) for name, weight in value.items()} if isinstance(value, dict) else None
