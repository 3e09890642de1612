"""Figures' inputs with known values: x² + 10y over 3 × 5 points, and paths over it."""

import re
from typing import Any, Literal

import numpy as np

from landscapes.optimization.trajectory import Outcome
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

Kind = Literal["finished", "diverged"]

X, Y = np.array([-1.0, 0.0, 2.0]), np.linspace(-2.0, 2.0, 5)


def asymmetric(**settings) -> Surface:
    """x² with weight 1 and y with weight 10; a transpose changes the shape and every value."""
    x, y = np.meshgrid(X, Y, indexing="ij")
    terms = {"square": x**2, "slope": y}
    arguments = {"weights": {"square": 1.0, "slope": 10.0}, "sense": "minimize"} | settings
    errors = dict.fromkeys(terms, 0.0)
    return Surface((X, Y), terms, np.ones(x.shape, bool), errors=errors, evaluations=x.size, **arguments)


def curve() -> Surface:
    """The same loss along x at y = 1."""
    terms = {"square": X**2, "slope": np.ones(3)}
    errors = dict.fromkeys(terms, 0.0)
    return Surface((X,), terms, np.ones(3, bool), {"square": 1.0, "slope": 10.0}, errors, 3)


def value(x, y):
    return x**2 + 10 * y


def path(*, drift: float = 0.0, kind: Kind = "finished", leave: bool = False, dimension: int = 2) -> Projection:
    """Five snapshots, every third step, from (1.5, 1.5) to (−0.5, −1); `leave` sends the last one far away."""
    c = np.linspace([1.5, 1.5], [-0.5, -1.0], 5)
    if leave:
        c[-1] = [50.0, 3.0]
    loss = value(c[:, 0], c[:, 1] if dimension == 2 else 1.0)
    distance = drift * np.arange(5.0)
    return Projection(
        steps=np.arange(0, 15, 3),
        coordinates=c[:, :dimension],
        distance=distance,
        loss=loss + distance,
        plane_loss=loss,
        share=1.0,
        displacement=1.0,
        outcome=Outcome(kind, 13, ""),
    )


def layout(figure: Any) -> Any:
    return figure.layout


def traces(figure: Any) -> Any:
    return figure.data


def role(figure: Any, name: str) -> list:
    """The traces of a figure with this role."""
    return [trace for trace in traces(figure) if (trace.meta or {}).get("role") == name]


def panel_titles(figure: Any, direction: str) -> dict[str, str]:
    """The title of each panel by its axis."""
    starts = {
        name.replace("axis", ""): layout(figure)[name].domain[-1 if direction == "y" else 0]
        for name in layout(figure)
        if name.startswith(f"{direction}axis")
    }
    notes = layout(figure).annotations
    return {
        axis: next(note.text for note in notes if abs(note[direction] - start) < 1e-9)
        for axis, start in starts.items()
    }


def hover_text(trace: Any, at: Any) -> str:
    """The hover text of a point of a trace; points of a map are [row, column]."""
    row, column = at if isinstance(at, tuple) else (at, at)

    def word(match: re.Match[str]) -> str:
        name, entry, form = match.groups()
        if name == "fullData.legendgroup":
            return str(trace.legendgroup)
        values = np.asarray(trace[name], object)
        value = values[column if name == "x" else row if name == "y" else at]
        value = value if entry is None else value[int(entry)]
        return str(value) if isinstance(value, str) else format(int(value) if form == "d" else value, form or "g")

    shown = trace.hovertemplate.partition("<extra>")[0]
    return re.sub(r"%\{([\w.]+)(?:\[(\d+)\])?(?::([^}]*))?\}", word, shown)
