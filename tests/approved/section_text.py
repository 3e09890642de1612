"""What the sections say and draw of results with known numbers, and the figure and summary of every result."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np

from landscapes.curvature import Trace
from landscapes.figures.results import figure_of
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.volume import Volume
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections import conflict, noisescale, pareto, spectrum, terms, topology, volume
from landscapes.views.sections.section import Result
from tests.approved import figure_text, shipped
from tests.approved.page_text import Page, as_text, lines_of
from tests.figures.scenes import asymmetric
from tests.figures.test_conflict_figure import cosines
from tests.figures.test_pareto_figure import front
from tests.figures.test_results import DRAWN
from tests.figures.test_volume_picture import volume as volume_surface
from tests.small_recipes import TINY
from tests.views import test_noisescale, test_topology

RECIPE = catalog.complete(replace(TINY, split="test", seed=7, directions=Choice("gaussian")))
Made = tuple[Any, Any, dict[str, Any]]  # a section, its result, and the knobs of its drawing and its page


def _scene(name: str) -> Any:
    return shipped.scenes(name)[0]


def _conflict() -> Any:
    values = np.array([[-0.5, -0.25, 0.75, np.nan, 0.5], [1e-9, 0.25, -0.9, 0.1, 0.2], [0.3, 0.4, -0.6, 0.7, 0.8]])
    axes = (np.array([-1.0, 0.0, 2.0]), np.linspace(-2.0, 2.0, 5))
    along = ConflictPath(np.array([0, 4, 9]), cosines([-0.5, 0.25, 0.75]))
    places = {"sgd": np.array([[-1.0, 2.0], [0.0, 0.5], [1.5, -1.0]])}
    return conflict.ConflictResult(("a", "b"), {"sgd": along}, places, ConflictMap(axes, cosines(values)))


SECTIONS: dict[str, Callable[[], Made]] = {
    "spectrum": lambda: (
        spectrum,
        spectrum.SpectrumResult(_scene("explore").spectrum, Trace(3.5, 0.25, 32), None, "no such matrix here"),
        {},
    ),
    "spectrum-game": lambda: (spectrum, _scene("minimax-gan").equilibrium, {"recipe": "minimax-gan"}),
    "terms": lambda: (
        terms,
        _scene("classify-reconstruct"),
        {"view": "contour", "recipe": "classify-reconstruct"},
    ),
    "conflict": lambda: (conflict, _conflict(), {}),
    "pareto": lambda: (pareto, front(), {}),
    "noisescale": lambda: (noisescale, test_noisescale.NOISE, {}),
    "topology": lambda: (
        topology,
        topology.TopologyResult(asymmetric(), ("first", "second"), test_topology.FOUND),
        {"plot": "diagram"},
    ),
    "volume": lambda: (
        volume,
        Volume(volume_surface(), ("a", "b", "c"), "trained", {}, explained=(0.9, 0.75)),
        {},
    ),
}
RESULTS = {kind.__name__: result for kind, result in DRAWN.items()}


def names() -> list[str]:
    """The names of the records."""
    return [*(f"section-{name}" for name in SECTIONS), *RESULTS]


def text(name: str) -> str:
    """What a section shows, or the summary and the figure of a result."""
    if name in RESULTS:
        figure = figure_of(RESULTS[name])
        lines = [repr(RESULTS[name]), *figure_text.said(figure), *figure_text.drawn(figure)]
        return as_text(lines)
    module, result, knobs = SECTIONS[name.removeprefix("section-")]()
    recipe = shipped.pages()[knobs.pop("recipe")] if "recipe" in knobs else RECIPE
    page = Page()
    with ExitStack() as stack:
        for attribute, stand_in in (
            ("st", page),
            ("stage", page.stage),
            ("drawing", lambda key, inputs, make: make()),
            ("export_menu", lambda *arguments: None),
        ):
            if hasattr(module, attribute):
                stack.enter_context(patch.object(module, attribute, stand_in))
        stack.enter_context(patch.object(instruments, "st", page))
        stack.enter_context(patch.object(widgets, "st", page))
        stack.enter_context(patch.object(instruments, "theme", return_value="light"))
        stack.enter_context(patch.object(widgets, "setting", lambda key, default=None: default))
        module.draw(Result(result, recipe), **knobs)
    lines = [line for part in page.parts for line in lines_of(*part)]
    for function, shown in page.parts:
        if hasattr(shown, "to_plotly_json") and module is not terms:  # pictures as those of `drawings`
            lines += [f"drawn: {function}", *(f"  {line}" for line in figure_text.drawn(shown))]
    return as_text(lines)
