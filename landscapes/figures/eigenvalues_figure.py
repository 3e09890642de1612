"""The extreme eigenvalues of a Hessian as bars with error bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import BLUE, GREY, SKY, VERMILLION, Theme, size, template, text_color
from landscapes.figures.symlog import Symlog

if TYPE_CHECKING:
    from landscapes.curvature.hessian_spectrum import Spectrum


def best_scale(spectrum: Spectrum) -> Literal["linear", "symlog"]:
    """The scale on which every eigenvalue of known sign is visible: a bar below 1 % of the height is not."""
    sizes = np.abs(spectrum.eigenvalues)
    resolved_sizes = sizes[sizes > spectrum.errors]
    return "symlog" if resolved_sizes.size and resolved_sizes.min() < 0.01 * sizes.max() else "linear"


@check_arguments
def eigenvalues(
    spectrum: Spectrum,
    *,
    scale: Literal["linear", "symlog"] = "linear",
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """One bar per eigenvalue with its error, ascending, with a gap in place of those that were not computed.

    The color is the sign: negative, positive, or undetermined if |λ| is at most its error.

    Args:
        scale: "symlog" draws asinh(λ/τ)/ln 10, with τ the largest error, for values of either sign and very
            different magnitude. Its title contains the formula, and its ticks are eigenvalues.

    Raises:
        ValueError: for an unknown scale.
    """
    if scale not in ("linear", "symlog"):
        raise ValueError(f"scale = {scale!r} is neither 'linear' nor 'symlog'")
    values = np.asarray(spectrum.eigenvalues, np.float64)
    errors = np.asarray(spectrum.errors, np.float64)
    is_complete = len(values) == spectrum.dim
    bottom = len(values) if is_complete else spectrum.bottom
    positions = np.arange(len(values), dtype=float)
    positions[bottom:] += 1
    index = np.arange(len(values))
    ranks = np.where(index < bottom, index + 1, spectrum.dim - len(values) + index + 1)
    names = [str(rank) if i < bottom else _from_top(spectrum.dim - rank) for i, rank in enumerate(ranks)]
    positive = SKY if theme == "dark" else BLUE
    colors = np.where(values > errors, positive, np.where(values < -errors, VERMILLION, GREY))
    signs = np.where(values > errors, "positive", np.where(values < -errors, "negative", "undetermined"))

    largest = float(np.max(np.abs(values), initial=0)) or 1.0
    threshold = max(float(np.max(errors, initial=0)), 1e-6 * largest)

    symlog = Symlog(threshold)

    def height(x: np.ndarray) -> np.ndarray:
        return x if scale == "linear" else symlog(x)

    upper_bars, lower_bars = height(values + errors) - height(values), height(values) - height(values - errors)
    axis: dict[str, object] = {"zeroline": True, "zerolinecolor": text_color(theme, 0.5), "nticks": 6}
    title = "Hessian eigenvalues λ ± error"
    if scale == "symlog":
        axis |= symlog.ticks(float((values - errors).min(initial=0)), float((values + errors).max(initial=0)))
        title = f"eigenvalues λ, as asinh(λ / {threshold:.1g})"
    figure = go.Figure(
        go.Bar(
            x=positions,
            y=height(values),
            marker={"color": colors},
            error_y={
                "array": upper_bars,
                "arrayminus": lower_bars,
                "color": text_color(theme, 0.8),
                "thickness": 1.5,
                "width": 3,
            },
            customdata=np.column_stack([ranks, values, errors]),
            text=signs,
            textposition="none",
            hovertemplate="λ<sub>%{customdata[0]:d}</sub> = %{customdata[1]:.5g} ± %{customdata[2]:.2g}"
            "<br>%{text}<extra></extra>",
            showlegend=False,
            meta={"role": "eigenvalues"},
        ),
        {
            "template": template(theme, presenter),
            "xaxis": {
                "title": {"text": f"rank among d = {spectrum.dim:,}"},
                "tickmode": "array",
                "tickvals": positions,
                "ticktext": names,
                "tickangle": 0,
                "showgrid": False,
                "zeroline": False,
            },
            "yaxis": axis,
            "bargap": 0.25,
            "margin": {"t": size(presenter) + 12},
            "meta": {"kind": "eigenvalues", "scale": scale, "terms": {}, "weights": {}},
        },
    )
    figure.add_annotation(
        **{"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"},
        text=title,
        showarrow=False,
        font={"size": size(presenter), "color": text_color(theme, 0.8)},
    )
    if not is_complete and 0 < bottom < len(values):
        figure.add_annotation(x=bottom, y=0, text="⋯", showarrow=False, font={"color": text_color(theme, 0.8)})
    return figure


def _from_top(num_below: int) -> str:
    return f"d−{num_below}" if num_below else "d"
