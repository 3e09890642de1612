"""The minima of a surface by persistence: as a diagram, and as the tree in which their components merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, GREY, ORANGE, Theme, size, template

if TYPE_CHECKING:
    from landscapes.slices.persistent_minima import Persistence

MAX_DRAWN = 2000  # points of the diagram; those of least persistence lie on one another along the diagonal


@check_arguments
def persistence_diagram(
    found: Persistence, *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """Each minimum at its value and that of the saddle where its component ends. Between the diagonal and the
    dashed line the persistence is below the threshold, and nothing is claimed. A component that never ends is at
    the top."""
    births, deaths = found.births[:MAX_DRAWN], found.deaths[:MAX_DRAWN]
    finite = np.concatenate([births, deaths[np.isfinite(deaths)]])
    low, high = float(finite.min()), float(finite.max())
    margin = 0.08 * ((high - low) or 1.0)
    sign = 1 if found.sense == "minimize" else -1
    ends = np.where(np.isfinite(deaths), deaths, high + margin if sign > 0 else low - margin)
    box = [low - 1.5 * margin, high + 1.5 * margin]
    traces: list[Any] = [
        _line(box, box, GREY, "solid", "no persistence"),
        _line(box, [each + sign * found.threshold for each in box], GREY, "dash", "threshold"),
    ]
    is_claimed = np.arange(len(births)) < found.significant
    for name, chosen, color in (("claimed", is_claimed, BLUE), ("not claimed", ~is_claimed, ORANGE)):
        if chosen.any():
            traces.append(
                go.Scatter(
                    x=births[chosen],
                    y=ends[chosen],
                    customdata=np.stack([deaths, found.persistence[:MAX_DRAWN]], axis=-1)[chosen],
                    mode="markers",
                    name=name,
                    marker={
                        "color": color,
                        "size": 12 if presenter else 9,
                        "line": {"width": 1, "color": "white"},
                    },
                    hovertemplate=f"{value} %{{x:.5g}}<br>merges at %{{customdata[0]:.5g}}<br>"
                    "persistence %{customdata[1]:.3g}<extra></extra>",
                    meta={"role": "points", "label": name},
                )
            )
    kind = "minimum" if sign > 0 else "maximum"
    return _figure(
        traces, f"{value} at the {kind}", f"{value} at the saddle", box, "persistence", theme, presenter
    )


@check_arguments
def merge_tree(
    found: Persistence, *, value: str = "loss", theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """The claimed minima as the leaves of the tree in which their components merge, in the order of the tree."""
    count = int(np.count_nonzero(found.parents[: found.significant] >= 0)) + int(
        np.count_nonzero(~np.isfinite(found.deaths[: found.significant]))
    )
    births, deaths, parents = found.births[:count], found.deaths[:count], found.parents[:count]
    finite = np.concatenate([births, deaths[np.isfinite(deaths)]])
    low, high = float(finite.min()), float(finite.max())
    margin = 0.08 * ((high - low) or 1.0)
    sign = 1 if found.sense == "minimize" else -1
    place = {leaf: k for k, leaf in enumerate(_leaves(parents, deaths, sign))}
    root = high + margin if sign > 0 else low - margin
    x: list[float | None] = []
    y: list[float | None] = []
    for leaf, at in place.items():
        end = deaths[leaf] if np.isfinite(deaths[leaf]) else root
        x += [at, at]
        y += [births[leaf], end]
        if parents[leaf] >= 0:
            x.append(place[int(parents[leaf])])
            y.append(end)
        x.append(None)
        y.append(None)
    traces = [
        go.Scatter(
            x=x, y=y, mode="lines", line={"color": GREY, "width": 2}, name="merges", hoverinfo="skip",
            meta={"role": "tree"},
        ),
        go.Scatter(
            x=list(place.values()),
            y=births[list(place)],
            customdata=found.minima[list(place)],
            mode="markers",
            marker={"color": BLUE, "size": 12 if presenter else 9, "line": {"width": 1, "color": "white"}},
            name="claimed",
            hovertemplate=f"{value} %{{y:.5g}}<br>at %{{customdata}}<extra></extra>",
            meta={"role": "points", "label": "claimed"},
        ),
    ]  # fmt: skip
    kind = "minima" if sign > 0 else "maxima"
    figure = _figure(traces, f"{kind}, in the order of the tree", value, None, "merge tree", theme, presenter)
    return figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False)


def _leaves(parents: np.ndarray, deaths: np.ndarray, sign: int) -> list[int]:
    """The leaves so that no two branches cross: behind each minimum those that merge with it, the first to merge
    nearest."""
    children: dict[int, list[int]] = {}
    for leaf, parent in enumerate(parents):
        children.setdefault(int(parent), []).append(leaf)
    order: list[int] = []
    pending = sorted(children.get(-1, []), reverse=True)
    while pending:
        leaf = pending.pop()
        order.append(leaf)
        pending += sorted(children.get(leaf, []), key=lambda child: -sign * deaths[child])
    return order


def _line(x: list[float], y: list[float], color: str, dash: str, name: str) -> go.Scatter:
    line = {"color": color, "width": 1.5, "dash": dash}
    return go.Scatter(x=x, y=y, mode="lines", line=line, name=name, hoverinfo="skip", meta={"role": "line"})


def _figure(
    traces: list[Any], x: str, y: str, box: list[float] | None, kind: str, theme: Theme, presenter: bool
) -> go.Figure:
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": x}} | ({"range": box} if box else {}),
            "yaxis": {"title": {"text": y}} | ({"range": box} if box else {}),
            "showlegend": True,
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": 3 * size(presenter)},
            "meta": {"kind": kind, "terms": {}, "weights": {}},
        },
    )
