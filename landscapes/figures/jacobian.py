"""Eigenvalues of a game's Jacobian in the complex plane, with the circle that tells rest from flight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, SKY, Theme, ink, size, styles, template
from landscapes.games.step_stability import MULTIPLIERS

if TYPE_CHECKING:
    from landscapes.games.jacobian import Jacobian
    from landscapes.games.step_stability import UnitCircle

# Points along the border of where an optimizer comes to rest.
BORDER = 181
AIR = 0.15
ASPECT = 1.4  # width over height of the panel beside a picture


@check_arguments
def jacobian(
    found: Jacobian,
    tests: Mapping[str, UnitCircle] | None = None,
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    legend: bool = False,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """Every eigenvalue λ of v′ in the complex plane, and for each optimizer with a unit-circle test the border
    |μ(λ)| = 1 in its color: what lies inside comes to rest, what lies outside flies apart. For players who move at
    once that is the circle |1 − ηλ| = 1. Players who move in turn have no such border, since their μ depends on
    more than λ.

    Args:
        tests: by optimizer, whose multipliers stand beside each eigenvalue.
        settings: the knobs of the same optimizers, learning rate included; without them no border is drawn.
        legend: whether to name the borders, where no picture beside it does.
    """
    values = found.eigenvalues
    x, y = np.real(values), np.imag(values)
    points = size(presenter)
    reach = max(float(np.max(np.abs(values), initial=0)), 1e-12)
    box = _box(x, y, AIR * reach)
    multipliers = {
        name: test.multipliers
        for name, test in (tests or {}).items()
        if name in MULTIPLIERS and len(test.multipliers) == len(values)
    }
    facts = np.column_stack([x, y, found.errors, found.rotation, *map(np.abs, multipliers.values())])
    hover = "λ = %{customdata[0]:.4g} + %{customdata[1]:.4g}i ± %{customdata[2]:.1g}<br>"
    hover += "rotation %{customdata[3]:.0%}"
    hover += "".join(f"<br>{name}: |μ| = %{{customdata[{k + 4}]:.6g}}" for k, name in enumerate(multipliers))
    looks = styles(tests or {})
    borders = [
        go.Scatter(
            x=np.real(edge),
            y=np.imag(edge),
            mode="lines",
            line={"color": looks[name].color, "dash": looks[name].dash, "width": 3 if presenter else 1.8},
            name=name,
            hovertemplate=f"{name} neither grows nor shrinks here<extra></extra>",
            legendgroup=name,
            showlegend=legend,
            meta={"role": "border", "label": name},
        )
        for name, knobs in (settings or {}).items()
        if name in MULTIPLIERS and (edge := border(name, knobs)) is not None
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
    axis = {"zeroline": True, "zerolinecolor": ink(theme, 0.5), "nticks": 6}
    figure = go.Figure(
        [*borders, dots],
        {
            "template": template(theme, presenter),
            # One scale for both, so that a circle is one.
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
        font={"size": points, "color": ink(theme, 0.8)},
    )
    return figure


def _box(x: np.ndarray, y: np.ndarray, air: float) -> list[tuple[float, float]]:
    """What is shown: the origin, every eigenvalue and some air, neither side much longer than the other."""
    ends = [(min(float(np.min(edge, initial=0)), 0), max(float(np.max(edge, initial=0)), 0)) for edge in (x, y)]
    half = [(high - low) / 2 + air for low, high in ends]
    half = [max(half[0], ASPECT * half[1]), max(half[1], half[0] / ASPECT)]
    return [((low + high) / 2 - h, (low + high) / 2 + h) for (low, high), h in zip(ends, half, strict=True)]


def border(name: str, knobs: Mapping[str, Any]) -> np.ndarray | None:
    """Where |μ(λ)| = 1 with |μ| < 1 inside, as a closed curve about the attracting side, or None if it has no
    inside: along rays from a point at rest, the first place at which the modulus reaches 1."""
    rule, rate = MULTIPLIERS[name], float(knobs["learning_rate"])
    # On the real axis every rule here is at its calmest somewhere in 0 < ηλ < 2.
    along = np.linspace(0, 2, 401)[1:-1] / rate
    modulus = np.abs(rule(along.astype(complex), rate, knobs))
    if modulus.min() >= 1:
        return None
    centre = along[int(np.argmin(modulus))]
    ways = np.exp(2j * np.pi * np.linspace(0, 1, BORDER))
    far = np.linspace(0, 8 / rate, 4001)
    outside = np.abs(rule(centre + ways[:, None] * far, rate, knobs)) >= 1
    first = np.argmax(outside, axis=1)
    low, high = far[np.maximum(first - 1, 0)], far[first]
    for _ in range(40):
        middle = (low + high) / 2
        out = np.abs(rule(centre + ways * middle, rate, knobs)) >= 1
        low, high = np.where(out, low, middle), np.where(out, middle, high)
    return centre + ways * high
