"""The cosine between the gradients of two terms, over a plane or a line and along paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import OUTLINE_COLOR, Theme, size, styles, template, text_color
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath

# Red for conflict, blue for agreement, white for right angles; color-blind readers can distinguish them.
DIVERGING = "RdBu"
TICKS = {"tickvals": [-1, -0.5, 0, 0.5, 1], "ticktext": ["−1", "−½", "0", "½", "1"]}


@check_arguments
def conflict(
    conflict_map: ConflictMap,
    paths: Mapping[str, np.ndarray] | None = None,
    *,
    labels: Sequence[str] = ("first direction", "second direction"),
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """The cosine as a heat map over a plane, not smoothed, or as a curve along a line. Cells without a cosine are
    blank.

    Args:
        paths: coordinates["S K"] of the paths on the plane, by optimizer.
        labels: titles of the axes.
    """
    terms = conflict_map.cosines.terms
    draw = _plane if len(conflict_map.axes) == 2 else _line
    figure = draw(conflict_map, theme, presenter)
    looks = styles(paths or {})
    for label, coordinates in (paths or {}).items() if len(conflict_map.axes) == 2 else ():
        x, y = np.asarray(coordinates, np.float64).T
        shared = {"x": x, "y": y, "hoverinfo": "skip", "mode": "lines", "legendgroup": label}
        width = 3.5 if presenter else 2
        figure.add_trace(go.Scatter(**shared, line={"color": OUTLINE_COLOR, "width": width + 3}, showlegend=False))
        figure.add_trace(go.Scatter(**shared, line={"color": looks[label].color, "width": width}, name=label))
        end = {
            "color": looks[label].color,
            "size": 11 if presenter else 8,
            "line": {"color": "#222", "width": 1.5},
        }
        last = {"x": x[-1:], "y": y[-1:], "hovertemplate": f"{label}, end<extra></extra>", "legendgroup": label}
        figure.add_trace(go.Scatter(**last, mode="markers", marker=end, showlegend=False))
    box = [[float(axis[0]), float(axis[-1])] for axis in conflict_map.axes]
    axes = {"xaxis": {"title": {"text": labels[0]}, "range": box[0]}}
    if len(conflict_map.axes) == 2:
        axes["yaxis"] = {"title": {"text": labels[1]}, "range": box[1]}
        if max(b - a for a, b in box) <= 3 * min(b - a for a, b in box):
            axes["yaxis"] |= {"scaleanchor": "x", "constrain": "domain"}
            axes["xaxis"]["constrain"] = "domain"
        for axis in axes.values():
            axis |= {"showgrid": False, "zeroline": False}
    figure.update_layout(
        {
            "template": template(theme, presenter),
            **axes,
            "legend": {"y": 1.02, "yanchor": "bottom"},
            # The stage reads the box to fit figures whose axes share a scale.
            "meta": {
                "kind": "conflict",
                "box": box,
                "labels": list(labels),
                "value": _cosine_title(terms),
                "terms": {},
                "weights": {},
            },
        }
    )
    return figure


@check_arguments
def conflict_path(
    paths: Mapping[str, ConflictPath], *, theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """The cosine at every snapshot of each optimizer's path; NaN where |cosine| is at most its error."""
    looks = styles(paths)
    figure = go.Figure()
    for label, path in paths.items():
        cosine = np.where(np.abs(path.cosines.cosine) > path.cosines.errors, path.cosines.cosine, np.nan)
        line = {"color": looks[label].color, "dash": looks[label].dash, "width": 3 if presenter else 1.8}
        hover = f"<b>{label}</b> step %{{x}}<br>cosine %{{y:.3f}}<extra></extra>"
        figure.add_trace(
            go.Scatter(x=path.steps, y=cosine, mode="lines", line=line, name=label, hovertemplate=hover)
        )
    terms = next((path.cosines.terms for path in paths.values()), ("", ""))
    figure.update_layout(
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "step"}, "rangemode": "tozero"},
            "yaxis": _cosine_axis(terms, theme),
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": "conflict path", "terms": {}, "weights": {}},
        }
    )
    return figure


def _plane(conflict_map: ConflictMap, theme: Theme, presenter: bool) -> go.Figure:
    cosines = conflict_map.cosines
    # Transposed because Plotly expects z[y, x].
    facts = np.stack([cosines.errors, *cosines.norms], axis=-1).astype(np.float32).transpose(1, 0, 2)
    first, second = map(symbol, cosines.terms)
    return go.Figure(
        go.Heatmap(
            x=conflict_map.axes[0],
            y=conflict_map.axes[1],
            z=cosines.cosine.T.astype(np.float32),
            customdata=facts,
            zmin=-1,
            zmax=1,
            zmid=0,
            colorscale=DIVERGING,
            hoverongaps=False,
            hovertemplate="%{x:.4g}, %{y:.4g}<br>cosine %{z:.3f} ± %{customdata[0]:.1g}"
            f"<br>‖∇ {first}‖ %{{customdata[1]:.3g}}<br>‖∇ {second}‖ %{{customdata[2]:.3g}}<extra></extra>",
            colorbar={
                "title": {"text": _cosine_title(cosines.terms), "side": "right"},
                "thickness": 12,
                "outlinewidth": 0,
                "xpad": 6,
                "tickfont": {"size": size(presenter) - 1},
                **TICKS,
            },
            meta={"role": "conflict"},
        )
    )


def _line(conflict_map: ConflictMap, theme: Theme, presenter: bool) -> go.Figure:
    figure = go.Figure(
        go.Scatter(
            x=conflict_map.axes[0],
            y=conflict_map.cosines.cosine,
            customdata=conflict_map.cosines.errors,
            mode="lines+markers",
            line={"color": text_color(theme), "width": 4 if presenter else 2},
            hovertemplate="%{x:.4g}<br>cosine %{y:.3f} ± %{customdata:.1g}<extra></extra>",
            showlegend=False,
            meta={"role": "conflict"},
        )
    )
    figure.update_layout(yaxis=_cosine_axis(conflict_map.cosines.terms, theme))
    return figure


def _cosine_axis(terms: tuple[str, str], theme: Theme) -> dict[str, Any]:
    return {
        "title": {"text": _cosine_title(terms)},
        "range": [-1.05, 1.05],
        "zerolinecolor": text_color(theme, 0.6),
        **TICKS,
    }


def _cosine_title(terms: tuple[str, str]) -> str:
    first, second = map(symbol, terms)
    return f"cos(∇ {first}, ∇ {second})"
