"""The spectral densities of a Hessian and of related matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.curvature.spectral_density import density as estimate
from landscapes.figures.palette import BLUE, ORANGE, SKY, Theme, size, template, text_color

if TYPE_CHECKING:
    from landscapes.curvature.hessian_spectrum import Spectrum

POINTS_PER_KERNEL_WIDTH = 6  # with 3 the curve has visible corners
MIN_POINTS, MAX_POINTS = 400, 6000  # of a drawn density
MARGIN_IN_KERNEL_WIDTHS = 6  # beyond the extreme eigenvalues, where the density is below the axis
# Lower end of the axis, relative to the density of one eigenvalue.
LOWEST_RELATIVE_DENSITY = 0.2
MAX_EIGENVALUE_TICKS = 400  # more ticks would overlap


def density(
    spectra: Mapping[str, Spectrum],
    width: float,
    *,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """Σᵢ wᵢ·N(λ; nodeᵢ, σ²) on a logarithmic axis: the mean over the probes, and their range as a band.

    A dotted line has the height of a single eigenvalue; peaks of about that height are isolated outliers.

    Args:
        spectra: by name, {"Hessian": …}; those without a density are left out. The eigenvalues of the first are
            ticks along the bottom.
        width: the standard deviation σ of the kernel, as a share of the spectra's common range.

    Raises:
        ValueError: if there is no density to draw, or the width is not positive.
    """
    with_density = {name: spectrum for name, spectrum in spectra.items() if spectrum.nodes.shape[1]}
    if not with_density:
        raise ValueError("no spectrum here has a density; compute one with density=8 probes or more")
    if not width > 0:
        raise ValueError(f"the kernel width must be positive, not {width}")
    lows, highs = zip(*map(_ends, with_density.values()), strict=True)
    low, high = min(lows), max(highs)
    span = (high - low) or max(abs(high), 1.0)
    sigma = width * span
    count = int(np.clip(POINTS_PER_KERNEL_WIDTH * span / sigma, MIN_POINTS, MAX_POINTS))
    grid = np.linspace(low - MARGIN_IN_KERNEL_WIDTHS * sigma, high + MARGIN_IN_KERNEL_WIDTHS * sigma, count)
    first = next(iter(with_density.values()))
    single = 1 / (first.dim * sigma * np.sqrt(2 * np.pi))
    colors = ((SKY if theme == "dark" else BLUE), ORANGE)
    traces: list[Any] = []
    top = single
    for (name, spectrum), color, dash in zip(with_density.items(), colors, ("solid", "dash"), strict=False):
        rows = np.asarray(estimate(spectrum, grid, sigma))
        top = max(top, float(rows.max()))
        traces += _curve(name, grid, rows, color, dash, presenter)
    values, errors = np.asarray(first.eigenvalues), np.asarray(first.errors)
    if len(values) <= MAX_EIGENVALUE_TICKS:
        traces.append(
            go.Scatter(
                x=values,
                y=np.full(len(values), single * LOWEST_RELATIVE_DENSITY * 1.6),
                mode="markers",
                marker={
                    "symbol": "line-ns",
                    "size": 14,
                    "line": {"color": text_color(theme, 0.75), "width": 2 if presenter else 1.4},
                },
                customdata=errors,
                hovertemplate="λ = %{x:.5g} ± %{customdata:.2g}<extra></extra>",
                name="eigenvalues",
                showlegend=False,
                meta={"role": "eigenvalues"},
            )
        )
    figure = go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": f"eigenvalue λ (kernel width σ = {sigma:.2g})"}, "zeroline": True},
            "yaxis": {
                "type": "log",
                "title": {"text": "density of eigenvalues"},
                "range": [np.log10(single * LOWEST_RELATIVE_DENSITY), np.log10(top * 2)],
                "exponentformat": "power",
                "dtick": max(1, int(np.ceil(np.log10(top / single) / 4))),
            },
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "margin": {"t": size(presenter) + 12},
            "meta": {"kind": "density", "terms": {}, "weights": {}},
        },
    )
    figure.add_hline(y=single, line={"color": text_color(theme, 0.5), "width": 1, "dash": "dot"})
    figure.add_annotation(
        **{"x": 1, "xref": "paper", "y": np.log10(single), "xanchor": "right", "yanchor": "bottom"},
        text=f"one eigenvalue of {first.dim:,}",
        showarrow=False,
        font={"size": size(presenter) - 1, "color": text_color(theme, 0.7)},
    )
    return figure


def _curve(name: str, grid: np.ndarray, rows: np.ndarray, color: str, dash: str, presenter: bool) -> list[Any]:
    mean, traces = rows.mean(axis=0), []
    tiny = np.finfo(np.float64).tiny  # Plotly breaks a band at zeros on a logarithmic axis
    if len(rows) > 1:
        line_options = {"x": grid, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
        red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        fill = {"fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},0.25)"}
        role = {"legendgroup": name, "meta": {"role": "spread", "label": name}}
        traces = [
            go.Scatter(y=np.maximum(rows.min(axis=0), tiny), **line_options, **role),
            go.Scatter(y=np.maximum(rows.max(axis=0), tiny), **line_options, **role, **fill),
        ]
    legend_name = f"{name}, mean and range of {len(rows)} probes" if len(rows) > 1 else f"{name}, exact"
    return [
        *traces,
        go.Scatter(
            x=grid,
            y=np.maximum(mean, tiny),
            mode="lines",
            line={"color": color, "width": 4 if presenter else 2, "dash": dash},
            name=legend_name,
            legendgroup=name,
            hovertemplate="λ = %{x:.4g}<br>density %{y:.3g}<extra></extra>",
            meta={"role": "density", "label": name},
        ),
    ]


def _ends(spectrum: Spectrum) -> tuple[float, float]:
    nodes = spectrum.nodes[spectrum.weights > 0]
    return float(nodes.min()), float(nodes.max())
