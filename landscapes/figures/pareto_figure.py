"""The values of two terms at every computed point, with the Pareto-optimal ones filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, GREY, SKY, VERMILLION, Theme, size, template, text_color
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.tradeoffs.pareto import ParetoFront

# An axis is logarithmic if its term spans more than this many decades.
MIN_LOG_DECADES = 1.5


@check_arguments
def pareto(front: ParetoFront, *, theme: Theme = "light", presenter: bool = False) -> go.Figure:
    """One term against the other, for the solutions of the weighted sums and the line between the two single-term
    solutions. Filled points are not dominated by any computed point. An axis is logarithmic if its term is
    positive and spans more than 1.5 decades.
    """
    mark = SKY if theme == "dark" else BLUE
    points = size(presenter)
    figure = go.Figure()
    if front.line is not None:
        shares = np.linspace(0, 1, len(front.line))
        figure.add_trace(
            go.Scatter(
                x=front.line[:, 0],
                y=front.line[:, 1],
                customdata=shares,
                mode="lines+markers",
                line={"color": GREY, "width": 3 if presenter else 1.5},
                marker=_marker(front.efficient_line, GREY, 9 if presenter else 6, "circle"),
                name="straight line in parameter space",
                hovertemplate=f"{_hover(front)}<br>%{{customdata:.0%}} of the way<extra>straight line</extra>",
                meta={"role": "line"},
            )
        )
    ends = [solution for solution in front.solutions if np.isfinite(solution.values).all()]
    keep = [bool(np.isfinite(solution.values).all()) for solution in front.solutions]
    efficient = front.efficient_solutions[np.array(keep, bool)] if keep else np.zeros(0, bool)
    values = np.array([solution.values for solution in ends]).reshape(-1, 2)
    facts = np.array([[s.share, *s.weights, s.gradient_norm] for s in ends]).reshape(-1, 4)
    names = [_single_term_label(front.terms, solution.share) for solution in ends]
    one, other = map(symbol, front.terms)
    mixed = f"%{{customdata[1]:.3g}} · {one} + %{{customdata[2]:.3g}} · {other}"
    figure.add_trace(
        go.Scatter(
            x=values[:, 0],
            y=values[:, 1],
            customdata=facts,
            mode="markers+text",
            text=names,
            textposition=["top right" if share < 0.5 else "bottom left" for share in facts[:, 0]],
            textfont={"size": points - 1, "color": text_color(theme, 0.8)},
            cliponaxis=False,
            marker=_marker(efficient, mark, 16 if presenter else 11, "diamond"),
            name="trained on a weighted sum",
            hovertemplate=f"{_hover(front)}<br>λ = %{{customdata[0]:.3g}}: {mixed}"
            "<br>gradient norm left %{customdata[3]:.2g}<extra>weighted sum</extra>",
            meta={"role": "solutions"},
        )
    )
    figure.add_trace(
        go.Scatter(
            x=front.start[:1],
            y=front.start[1:],
            mode="markers",
            marker={"symbol": "x-thin", "size": points, "line": {"color": VERMILLION, "width": 2.5}},
            name="start of every run",
            hovertemplate=f"{_hover(front)}<extra>start</extra>",
            meta={"role": "start"},
        )
    )
    all_values = np.concatenate(
        [values, front.start[None], np.zeros((0, 2)) if front.line is None else front.line]
    )
    figure.update_layout(
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": one}, **_axis(all_values[:, 0])},
            "yaxis": {"title": {"text": other}, **_axis(all_values[:, 1])},
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": "pareto", "terms": {}, "weights": {}},
        }
    )
    return figure


def _marker(efficient: np.ndarray, color: str, points: int, symbol: str) -> dict[str, Any]:
    symbols = [symbol if filled else f"{symbol}-open" for filled in efficient]
    return {"symbol": symbols, "color": color, "size": points, "line": {"width": 1.5, "color": color}}


def _hover(front: ParetoFront) -> str:
    first, second = map(symbol, front.terms)
    return f"{first} %{{x:.4g}}<br>{second} %{{y:.4g}}"


def _single_term_label(terms: tuple[str, str], share: float) -> str:
    first, second = map(symbol, terms)
    return {0.0: f"{first} alone", 1.0: f"{second} alone"}.get(share, "")


def _axis(values: np.ndarray) -> dict[str, Any]:
    finite = values[np.isfinite(values)]
    if finite.size and finite.min() > 0 and np.log10(finite.max() / finite.min()) > MIN_LOG_DECADES:
        return {"type": "log", "exponentformat": "power"}
    return {}
