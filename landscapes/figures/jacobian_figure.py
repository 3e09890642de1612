"""Eigenvalues of a game's Jacobian in the complex plane, with the stability boundary of each optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, SKY, Theme, size, styles, template, text_color
from landscapes.games.step_stability import MULTIPLIERS

if TYPE_CHECKING:
    from landscapes.games.game_jacobian import Jacobian
    from landscapes.games.step_stability import UnitCircle

BOUNDARY_POINTS = 181  # of a drawn circle, one every 2°
MARGIN_SHARE = 0.15  # margin around the eigenvalues, relative to the largest modulus
ASPECT_RATIO = 1.4  # width over height of the panel


@check_arguments
def jacobian(
    jacobian: Jacobian,
    tests: Mapping[str, UnitCircle] | None = None,
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    legend: bool = False,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """Every eigenvalue λ of v′ in the complex plane, with the stability boundary |μ(λ)| = 1 of each optimizer.

    Components with λ inside the boundary converge, and those outside diverge. For simultaneous steps the boundary
    is the circle |1 − ηλ| = 1. Alternating steps have none, because their multipliers μ do not depend on λ alone.

    Args:
        tests: unit-circle tests by optimizer; the hover text of each eigenvalue has their multipliers.
        settings: the knobs of the same optimizers with the learning rate; without them no boundary is drawn.
        legend: whether the legend names the boundaries.
    """
    values = jacobian.eigenvalues
    x, y = np.real(values), np.imag(values)
    points = size(presenter)
    largest_modulus = max(float(np.max(np.abs(values), initial=0)), 1e-12)
    box = _box(x, y, MARGIN_SHARE * largest_modulus)
    multipliers = {
        name: test.multipliers
        for name, test in (tests or {}).items()
        if name in MULTIPLIERS and len(test.multipliers) == len(values)
    }
    facts = np.column_stack([x, y, jacobian.errors, jacobian.rotation, *map(np.abs, multipliers.values())])
    hover = "λ = %{customdata[0]:.4g} + %{customdata[1]:.4g}i ± %{customdata[2]:.1g}<br>"
    hover += "rotation %{customdata[3]:.0%}"
    hover += "".join(f"<br>{name}: |μ| = %{{customdata[{k + 4}]:.6g}}" for k, name in enumerate(multipliers))
    styles_by_name = styles(tests or {})
    boundaries = [
        go.Scatter(
            x=np.real(edge),
            y=np.imag(edge),
            mode="lines",
            line={
                "color": styles_by_name[name].color,
                "dash": styles_by_name[name].dash,
                "width": 3 if presenter else 1.8,
            },
            name=name,
            hovertemplate=f"{name} neither grows nor shrinks here<extra></extra>",
            legendgroup=name,
            showlegend=legend,
            meta={"role": "border", "label": name},
        )
        for name, knobs in (settings or {}).items()
        if name in MULTIPLIERS and (edge := stability_boundary(name, knobs)) is not None
    ]
    dots = go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={
            "color": SKY if theme == "dark" else BLUE,
            "size": (9 if presenter else 6) if len(values) < 50 else (6 if presenter else 4),
            "opacity": 1 if len(values) < 50 else 0.6,
        },
        customdata=facts,
        hovertemplate=hover + "<extra></extra>",
        showlegend=False,
        meta={"role": "eigenvalues"},
    )
    axis = {"zeroline": True, "zerolinecolor": text_color(theme, 0.5), "nticks": 6}
    figure = go.Figure(
        [*boundaries, dots],
        {
            "template": template(theme, presenter),
            # Both axes share a scale, so that circles are round.
            "xaxis": {"title": {"text": "Re λ, attraction"}, "range": box[0], "scaleanchor": "y"} | axis,
            "yaxis": {"range": box[1]} | axis,
            "legend": {"x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
            "margin": {"t": points + 12},
            "meta": {"kind": "jacobian", "terms": {}, "weights": {}, "box": [list(span) for span in box]},
        },
    )
    figure.add_annotation(
        **{"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"},
        text="Im λ, rotation",
        showarrow=False,
        font={"size": points, "color": text_color(theme, 0.8)},
    )
    return figure


def _box(x: np.ndarray, y: np.ndarray, margin: float) -> list[tuple[float, float]]:
    """(low, high) of both axes: the origin and every eigenvalue with a margin, at `ASPECT_RATIO`."""
    ends = [(min(float(np.min(edge, initial=0)), 0), max(float(np.max(edge, initial=0)), 0)) for edge in (x, y)]
    half = [(high - low) / 2 + margin for low, high in ends]
    half = [max(half[0], ASPECT_RATIO * half[1]), max(half[1], half[0] / ASPECT_RATIO)]
    return [((low + high) / 2 - h, (low + high) / 2 + h) for (low, high), h in zip(ends, half, strict=True)]


def stability_boundary(name: str, knobs: Mapping[str, Any]) -> np.ndarray | None:
    """The closed curve |μ(λ)| = 1 around the stable region |μ| < 1 as complex numbers, or None if there is none.

    The curve is the first point with |μ| = 1 on each ray from the point of the real axis with the smallest |μ|.
    """
    multiplier, rate = MULTIPLIERS[name], float(knobs["learning_rate"])
    # On the real axis |μ| has its minimum at some 0 < ηλ < 2 for every optimizer here.
    reals = np.linspace(0, 2, 401)[1:-1] / rate
    modulus = np.abs(multiplier(reals.astype(complex), rate, knobs))
    if modulus.min() >= 1:
        return None
    center = reals[int(np.argmin(modulus))]
    rays = np.exp(2j * np.pi * np.linspace(0, 1, BOUNDARY_POINTS))
    radii = np.linspace(0, 8 / rate, 4001)
    is_unstable = np.abs(multiplier(center + rays[:, None] * radii, rate, knobs)) >= 1
    first = np.argmax(is_unstable, axis=1)
    low, high = radii[np.maximum(first - 1, 0)], radii[first]
    for _ in range(40):
        middle = (low + high) / 2
        is_outside = np.abs(multiplier(center + rays * middle, rate, knobs)) >= 1
        low, high = np.where(is_outside, low, middle), np.where(is_outside, middle, high)
    return center + rays * high
