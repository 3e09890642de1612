"""The class of the widget. It is imported when a widget is made, because it needs the package anywidget."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import anywidget
import plotly.graph_objects as go
import traitlets
from ipywidgets import CallbackDispatcher

from landscapes.figures.notebook import caption_of, images
from landscapes.figures.results import figure_of
from landscapes.figures.stage import WIDGET_SCRIPT, WIDGET_STYLE
from landscapes.figures.stage.page import stage_options
from landscapes.figures.stage.snippet import packed_plotly

OnClick = Callable[[tuple[float, ...]], Any]


class StageWidget(anywidget.AnyWidget):
    """A figure on the stage.

    Attributes:
        step: the step of the paths that is drawn; None for a figure without paths, or before it is drawn. It
            follows the play bar, and the picture follows it.
    """

    _esm = WIDGET_SCRIPT
    _css = WIDGET_STYLE
    _figure = traitlets.Unicode("{}").tag(sync=True)
    _options = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(None, allow_none=True, min=0).tag(sync=True)

    def __init__(self, height: int) -> None:
        # The name under which the page remembers camera, hidden paths and speed.
        self._name, self._height = f"widget {uuid4().hex}", height
        self._clicked, self._is_receiving = CallbackDispatcher(), False
        super().__init__()
        self.on_msg(self._receive)

    def show(self, picture: Any, **options: Any) -> StageWidget:
        """Shows another result or figure in the same place, with the camera as the viewer has set it.

        Args:
            picture, options: as in `figures.widget`.

        Raises:
            ValueError: for what has no figure, and for options of a figure that is already drawn.
        """
        is_drawn = isinstance(picture, go.Figure)
        if is_drawn and options:
            raise ValueError(f"{', '.join(options)}: the figure is already drawn; give its result, or no options")
        figure: Any = go.Figure(picture if is_drawn else figure_of(picture, **options))
        caption = "" if is_drawn else caption_of(picture)
        figure.update_layout(meta={**(figure.layout.meta or {}), "terms": {}})  # there are no sliders for them
        text = figure.to_json()
        drawn = {
            **stage_options(figure, caption, "landscape"),
            "id": hashlib.blake2b(text.encode(), digest_size=12).hexdigest(),
            "name": self._name,
            "height": f"{self._height}px",
            "pick": True,
        }
        with self.hold_sync():
            self._figure, self._options = text, drawn
        self._drawn, self._caption = figure, caption
        return self

    def on_click(self, callback: OnClick, remove: bool = False) -> StageWidget:
        """Calls `callback((x, y))` with the coordinates of every click in the picture, or no longer."""
        self._clicked.register_callback(callback, remove=remove)
        return self

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Takes what the browser sends; a step from there is not sent back."""
        self._is_receiving = True
        try:
            super().set_state(sync_data)
        finally:
            self._is_receiving = False

    @traitlets.observe("step")
    def _seek(self, change: Any) -> None:
        if change["new"] is not None and not self._is_receiving:
            self.send({"type": "seek", "step": change["new"]})

    def _receive(self, widget: Any, content: Any, buffers: Any) -> None:
        if content.get("type") == "plotly":
            self.send({"type": "plotly"}, [packed_plotly()])
        elif content.get("type") == "click":
            self._clicked(tuple(float(each) for each in content["coordinates"]))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The view of the widget, and the paper figure for a notebook that is converted without its state."""
        view, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return images(self._drawn, self._caption) | view, metadata
