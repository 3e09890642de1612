"""The cells of a map of basins of attraction, colored by end point, by steps or by loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    SURFACE,
    VERMILLION,
    YELLOW,
    Theme,
    blended_text_color,
)
from landscapes.optimization.basins import DIVERGED, Basins

if TYPE_CHECKING:
    from landscapes.optimization.multistart import Ends

Color = Literal["end point", "steps", "loss"]
BROWN = "#7F5539"
DIVERGED_COLOR = "#7A1022"
HUES = (BLUE, ORANGE, GREEN, PURPLE, VERMILLION, SKY, YELLOW, BROWN)
"""More end points than these are colored by their loss."""
MAX_SHADE = 0.5
"""Opacity of black over the cells whose runs took the most steps."""
MAX_DECADES = 8
"""Of a logarithmic color scale; lower values have its lowest color."""


@dataclass(frozen=True, eq=False)
class Runs:
    """What the cells of one map are made of.

    Attributes:
        label: the optimizer.
        ends: its runs, and `index`, the end point of each.
        is_computed: which of them are computed.
        shape: of the grid, with the first axis slowest.
    """

    label: str
    ends: Ends
    index: np.ndarray
    is_computed: np.ndarray
    shape: tuple[int, int]

    def grid(self, values: Any) -> np.ndarray:
        """A value of each start as Plotly's z[y, x]."""
        return np.asarray(values, np.float32).reshape(self.shape).T

    @property
    def heights(self) -> np.ndarray:
        """The loss at the end; in a game the norm of the field."""
        is_game = np.isnan(self.ends.loss[self.is_computed]).all()
        return np.asarray(self.ends.gradient_norm if is_game else self.ends.loss, float)

    def hover(self, value: str) -> dict[str, Any]:
        """The facts about each run as Plotly's customdata[y, x]."""
        ends, count = self.ends, int(np.max(self.index, initial=0)) + 1
        names = np.array([*(f"end point {k + 1}" for k in range(count)), "diverged", "at no end point yet"])
        settled = np.where(ends.settled >= 0, ends.settled.astype(str), "not")
        losses = [f"{height:.4g}" for height in self.heights]
        facts = np.stack([names[self.index], settled, ends.steps.astype(str), losses], axis=-1).astype(object)
        return {
            "customdata": facts.reshape(*self.shape, -1).swapaxes(0, 1),
            "hovertemplate": "start (%{x:.3g}, %{y:.3g})<br>%{customdata[0]}<br>settled at step %{customdata[1]}, "
            f"last step %{{customdata[2]}}<br>{value} at the end %{{customdata[3]}}<extra></extra>",
        }


def elsewhere_color(theme: Theme) -> str:
    return blended_text_color(theme, 0.22)


def hued_cells(
    runs: Runs, span: tuple[float, float], theme: Theme, cells: dict[str, Any], hover: Any
) -> list[Any]:
    """Cells whose hue is the end point, and black over them that is darker the later a run settled."""
    colors = (DIVERGED_COLOR, elsewhere_color(theme), *HUES)
    count = len(colors)
    steps = [[position / count, color] for k, color in enumerate(colors) for position in (k, k + 1)]
    codes = np.where(runs.is_computed, runs.index - DIVERGED, np.nan)
    hues = {"zmin": -0.5, "zmax": count - 0.5, "colorscale": steps, "showscale": False, "hoverinfo": "skip"}
    shades = {"zmin": 0, "zmax": 1, "colorscale": [[0, "rgba(0,0,0,0)"], [1, f"rgba(0,0,0,{MAX_SHADE})"]]}
    return [
        go.Heatmap(z=runs.grid(codes), **hues, **cells),
        go.Heatmap(z=runs.grid(_shade(runs, span)), showscale=False, **shades, **hover, **cells),
    ]


def span_of_steps(maps: list[Runs]) -> tuple[float, float]:
    """The logarithms of the fewest and the most steps after which a run of any map settled."""
    steps = np.concatenate([each.ends.settled[each.is_computed] for each in maps] or [np.zeros(0)])
    steps = steps[steps >= 0]
    return (float(np.log1p(steps.min())), float(np.log1p(steps.max()))) if steps.size else (0.0, 0.0)


def _shade(runs: Runs, span: tuple[float, float]) -> np.ndarray:
    """From 0 for the runs that settled first to 1 for those that settled last or not at all."""
    low, high = span
    logs = np.log1p(np.maximum(runs.ends.settled, 0))
    shade = (logs - low) / (high - low) if high > low else np.zeros(len(logs))
    shade = np.where(runs.ends.settled < 0, 1.0, shade)
    return np.where(runs.is_computed, np.where(runs.index >= 0, shade, 0.0), np.nan)


@dataclass(frozen=True, eq=False)
class ColorScale:
    """A sequential color scale over a number of each run, shared by all maps."""

    title: str
    numbers: Mapping[str, np.ndarray]
    is_logarithmic: bool

    @classmethod
    def of(cls, color: Color, basins: Basins, maps: list[Runs], value: str) -> ColorScale:
        numbers: dict[str, np.ndarray] = {}
        for runs in maps:
            if color == "steps":
                run_values = np.where(runs.ends.settled >= 0, np.maximum(runs.ends.settled, 1), np.nan)
            elif color == "end point":
                values = np.append(basins.values, np.nan)
                run_values = values[np.where(runs.index >= 0, runs.index, -1)]
            else:
                run_values = np.where(runs.ends.diverged, np.nan, runs.heights)
            numbers[runs.label] = np.where(runs.is_computed, run_values, np.nan)
        title = {
            "steps": "settled at step",
            "end point": f"{value} of the end point",
            "loss": f"{value} at the end",
        }
        finite = np.concatenate([*numbers.values(), []])
        finite = finite[np.isfinite(finite)]
        is_wide = color != "end point" and finite.size and finite.min() > 0 and finite.max() > 10 * finite.min()
        return cls(title[color], numbers, bool(is_wide))

    def cells(
        self, runs: Runs, theme: Theme, cells: dict[str, Any], hover: dict[str, Any], bar: dict[str, Any] | None
    ) -> list[Any]:
        """The cells of one map; `bar` is the look of the color bar, where this map has it."""
        values = np.concatenate([*self.numbers.values(), []])
        numbers = self.numbers[runs.label]
        if self.is_logarithmic:
            values, numbers = np.log10(values), np.log10(numbers)
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        if self.is_logarithmic:
            low = max(low, high - MAX_DECADES)
        if low == high:
            low, high = low - 0.5, high + 0.5
        look: dict[str, Any] = {"title": {"text": self.title, "side": "right"}, "outlinewidth": 0, **(bar or {})}
        if self.is_logarithmic:
            positions = np.linspace(low, high, 5)
            look |= {"tickvals": positions, "ticktext": [f"{10.0**each:.3g}" for each in positions]}
        uncolored = np.where(
            runs.is_computed & ~np.isfinite(numbers), np.where(runs.index == DIVERGED, 0, 1), np.nan
        )
        greys = [
            *([position, DIVERGED_COLOR] for position in (0, 0.5)),
            *([position, elsewhere_color(theme)] for position in (0.5, 1)),
        ]
        scale = {"zmin": low, "zmax": high, "colorscale": SURFACE, "showscale": bar is not None, "colorbar": look}
        return [
            go.Heatmap(
                z=runs.grid(uncolored), zmin=0, zmax=1, colorscale=greys, showscale=False, **hover, **cells
            ),
            go.Heatmap(z=runs.grid(numbers), **scale, **hover, **cells),
        ]
