"""What viewers do on stages, step by step: the pages that `node.run` opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from landscapes import figures
from landscapes.figures.step_data import step_data
from tests.browser.stage_scene import LABELS, landscape, steps_of_walks, walks
from tests.figures.scenes import X, Y, asymmetric, path
from tests.figures.test_history_figure import run
from tests.figures.test_volume_picture import volume

SIZES = {
    ".stage": {"size": [620, 460], "place": [20, 30]},
    ".stage-canvas": {"size": [600, 380], "place": [30, 60]},
    ".stage-plot": {"size": [600, 380], "place": [30, 60]},
}
NARROW = {
    ".stage": {"size": [300, 420], "place": [0, 0]},
    ".stage-canvas": {"size": [290, 340], "place": [0, 40]},
    ".stage-plot": {"size": [290, 340], "place": [0, 40]},
}
HALL = {".stage": {"size": [696, 649], "place": [0, 0]}}
HALL |= {name: {"size": [696, 539], "place": [0, 40]} for name in (".stage-canvas", ".stage-plot")}
SHARE = {"qr": "/qr", "longest": 400, "notes": ["A table <b>stays</b> here."]}
OPTIONS = {
    **{"id": "one", "name": "stage picture", "plotly": "/plotly.js", "height": "400px", "presenter": False},
    **{"fill": False, "pick": True, "mix": True, "link": "", "transport": True, "steps": 0, "autoplay": False},
    **{"status": "refining, 65²", "filename": "landscape", "description": "A bowl.", "view": "", "share": SHARE},
}
HOSTILE = "a*b%c"  # a path whose name has the marks of a link


def page(name: str, figure: go.Figure, *steps: str, **settings: Any) -> dict[str, Any]:
    """A page with one stage; the steps are those of steps.js.

    Args:
        quiet: whether the record leaves out how it opens, which is that of another page.
        others: figures that a step may show, by name.
        last: the smallest last step of the bar.
        settings: what else differs from `OPTIONS`.
    """
    page_settings = {key: settings.pop(key, default) for key, default in (("sizes", SIZES), ("quiet", False))}
    others = {key: each.to_json() for key, each in settings.pop("others", {}).items()}
    settings |= {"steps": settings.pop("last", 0)}
    data = {"options": OPTIONS | settings, "figure": figure.to_json(), **others}
    html = '<div class="stage"></div><input class="typed">'
    fixed = {"name": name, "script": "stage", "html": html, "data": data, "steps": ["MOUNT", *steps]}
    return fixed | page_settings


def small_paths() -> dict[str, Any]:
    return {HOSTILE: path(drift=0.5), "sgd": path(leave=True, kind="diverged")}


def looks(**more: Any) -> Mapping[str, Any]:
    return {"labels": ("weight", "bias of the second layer"), "value": "loss", **more}


def with_steps(figure: go.Figure) -> go.Figure:
    """The figure of the demonstration with the steps of its paths, of which one pretends to be of a network."""
    steps = step_data(steps_of_walks(), walks(0.0, 2), side=10.0, model=True, own_axes=True)
    steps["sgd"] |= {"whole": False, "batch": 16}
    steps["sgd"]["norms"] = {name: [1.25 * each for each in row] for name, row in steps["sgd"]["norms"].items()}
    return figure.update_layout(meta={**figure.layout.meta, "steps": steps})


def demonstration(kind: str, **more: Any) -> go.Figure:
    draw = {"surface": figures.surface, "contour": figures.contour}[kind]
    axis = np.linspace(-5.0, 5.0, 65)[::4]
    surface = landscape(0.0, 2)
    terms = {name: grid[::4, ::4] for name, grid in surface.terms.items()}
    surface = type(surface)(
        (axis, axis), terms, np.ones((17, 17), bool), surface.weights, dict.fromkeys(terms, 0.3), 289
    )
    return draw(
        surface, {k: v for k, v in walks(0.0, 2).items() if k in ("momentum", "sgd")}, labels=LABELS, **more
    )


def histories() -> go.Figure:
    return figures.race(
        {"sgd": run([5.0, 2.0, 1.0, 0.5]), "adam": run([5.0, 1.0, 0.25, 0.125])}, distances={}, lowest=0.1
    )


def losses() -> go.Figure:
    """A history with a reference whose name is longer than the panel is wide."""
    references = {"the entropy of the next token given the last " * 3: 0.75}
    return figures.history({"sgd": run([5.0, 2.0, 1.0, 0.5])}, references=references, scale="log")


def pages() -> list[dict[str, Any]]:
    """All of them."""
    view = "picture*ha%2Ab%25c*s6*c1_2_1.5_0.1_0_-0.2*p0.3"
    surface = figures.surface(asymmetric(), small_paths(), minima=[(1.0, -1.0)], **looks())
    contour = figures.contour(asymmetric(sense="maximize"), small_paths(), **looks(scale="log"))
    unweighted = asymmetric(weights={"square": 1.0, "slope": 0.0})
    dark = figures.contour(unweighted, small_paths(), theme="dark", **looks())
    # Twice as wide as tall: a stage in a hall stretches it.
    wide = figures.contour(replace(asymmetric(), axes=(4 * X, 1.5 * Y)), {}, presenter=True, **looks())
    log = figures.surface(asymmetric(), small_paths(), **looks(scale="log"))
    return [
        page("surface", surface, "PLAY", "STILL", "LEGEND", "SHARED", "SCENE"),
        page("surface-mix", surface, "MIX", "ANOTHER", others={"other": contour}, quiet=True),
        page("surface-narrow", surface, sizes=NARROW),
        page("surface-log", log, "MIX", quiet=True),
        page("shared", surface, "VIEW", view=view),
        page("contour", contour, "PLAY", "LEGEND", "FLAT", "MIX"),
        page("contour-narrow", contour, sizes=NARROW),
        page("contour-wide", wide, sizes=HALL, presenter=True),
        page("contour-dark", dark, "MIX"),
        page("loss", losses(), "FLAT"),
        page("line", figures.line(_line(), **looks(labels=("weight",))), "MIX", "FLAT"),
        page("history", histories(), "HISTORY", "FLAT"),
        page("volume", figures.volume(volume((5, 7, 9)), labels=("a", "b", "c")), "SLICES"),
        page("steps", with_steps(demonstration("surface")), "STEPS"),
        page("steps-contour", with_steps(demonstration("contour")), "STEPS"),
        page("hall", surface, "HALL", presenter=True, autoplay=True, fill=True, quiet=True),
        page("linked", surface, "LINKED", link="pair", last=20, quiet=True),
    ]


def _line() -> Any:
    surface = asymmetric()
    terms = {name: grid[1] + (grid[2] if name == "square" else 0) for name, grid in surface.terms.items()}
    errors = dict.fromkeys(terms, 0.0)
    return type(surface)((surface.axes[1],), terms, np.ones(5, bool), surface.weights, errors, 5)
