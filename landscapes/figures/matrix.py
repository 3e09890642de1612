"""A Hessian as a heat map, reduced to at most 500 × 500 pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import Theme, size, template, text_color
from landscapes.figures.symlog import Symlog

MAX_PIXELS_PER_SIDE = 500  # larger matrices are drawn in blocks
LOG_DECADES = 3  # below the largest entry; the color scale is linear near zero
# Vermillion below zero, the background's color at zero, blue above; color-blind readers can distinguish them.
LIGHT = [[0, "#7A2A00"], [0.25, "#D55E00"], [0.5, "#FFFFFF"], [0.75, "#0072B2"], [1, "#00304D"]]
DARK = [[0, "#FFB27A"], [0.25, "#D55E00"], [0.5, "#0F1216"], [0.75, "#2F8FC9"], [1, "#BFE3FA"]]


def matrix(
    values: np.ndarray,
    blocks: Mapping[str, int] | None = None,
    *,
    limit: float | None = None,
    theme: Theme = "light",
    presenter: bool = False,
    title: str | None = None,
) -> go.Figure:
    """A heat map of a symmetric matrix["n n"], on a color scale that is linear near zero and logarithmic beyond
    1/1000 of the largest entry.

    Each pixel of a matrix larger than 500 × 500 shows the entry of largest magnitude in a square of `thinning(n)`
    rows and columns.

    Args:
        blocks: {name: number of parameters} in order, drawn as lines and named along the vertical axis.
        limit: |entry| at the ends of the color scale, for matrices that share it; the largest |entry| by default.

    Raises:
        ValueError: if the blocks do not add up to the matrix.
    """
    values = np.asarray(values, np.float64)
    n = len(values)
    if blocks and sum(blocks.values()) != n:
        raise ValueError(f"the blocks have {sum(blocks.values())} parameters and the matrix {n}")
    limit = float(np.max(np.abs(values), initial=0)) if limit is None else limit
    scale = Symlog((limit or 1.0) * 10.0**-LOG_DECADES)
    factor = thinning(n)
    shown_values = _largest(values, factor)
    start = np.arange(len(shown_values)) * factor
    end = float(scale(limit)) or 1.0
    points = size(presenter)
    figure = go.Figure(
        go.Heatmap(
            x=start + (factor - 1) / 2,
            y=start + (factor - 1) / 2,
            z=scale(shown_values).astype(np.float32),
            customdata=shown_values.astype(np.float32),
            zmin=-end,
            zmax=end,
            colorscale=DARK if theme == "dark" else LIGHT,
            colorbar={
                # Below the matrix, so that all matrices have the same width.
                **{"orientation": "h", "y": -0.16, "yanchor": "top", "ypad": 0},
                "thickness": 10,
                "outlinewidth": 0,
                "tickfont": {"size": points - 1},
                **scale.ticks(-limit, limit, 2),
            },
            hovertemplate="row %{y:.0f}, column %{x:.0f}<br>%{customdata:.4g}<extra></extra>",
            meta={"role": "matrix"},
        ),
        {
            "template": template(theme, presenter),
            "title": {"text": title},
            "margin": {"t": (2 * points + 16) if title else 8},
            "meta": {"kind": "matrix", "box": [[-0.5, n - 0.5]] * 2, "narrow": True, "terms": {}, "weights": {}},
        },
    )
    axis = {"range": [-0.5, n - 0.5], "showgrid": False, "zeroline": False, "constrain": "domain"}
    y_axis = {"range": [n - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "bottom"}
    figure.update_layout(xaxis=axis, yaxis=axis | y_axis)
    figure.update_xaxes(title={"text": f"parameter, {n:,} in all"})
    if blocks:
        edges = np.cumsum([0, *blocks.values()])
        for edge in edges[1:-1] - 0.5:
            line = {"color": text_color(theme, 0.45), "width": 1}
            figure.add_vline(x=edge, line=line)
            figure.add_hline(y=edge, line=line)
        large = [(name, a, b) for name, a, b in zip(blocks, edges, edges[1:], strict=False) if b - a >= n / 6]
        points, names = [(a + b - 1) / 2 for _, a, b in large], [name for name, _, _ in large]
        figure.update_yaxes(tickvals=points, ticktext=names, tickangle=-90)
    return figure


def thinning(n: int) -> int:
    """Number of rows of an n × n matrix that are drawn as one pixel."""
    return -(-n // MAX_PIXELS_PER_SIDE)


def _largest(values: np.ndarray, factor: int) -> np.ndarray:
    """The entry of largest magnitude of each square of `factor` rows and columns."""
    if factor == 1:
        return values
    padded = np.pad(values, (0, -len(values) % factor))
    num_blocks = len(padded) // factor
    squares = (
        padded.reshape(num_blocks, factor, num_blocks, factor)
        .transpose(0, 2, 1, 3)
        .reshape(num_blocks, num_blocks, -1)
    )
    largest_indices = np.argmax(np.abs(squares), axis=2)
    return np.take_along_axis(squares, largest_indices[..., None], axis=2)[..., 0]
