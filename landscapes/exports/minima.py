"""CSV of the minima of the surface by persistence."""

from __future__ import annotations

import csv
import io

import numpy as np

from landscapes.exports.bundle import Bundle, Export
from landscapes.packages import find_spec
from landscapes.slices.persistent_minima import persistence


def minima(bundle: Bundle) -> bytes:
    """One row per minimum of the grid, most persistent first; none of a game, which has no loss.

    Columns: the coordinates `x` (and `y`), the `loss` there; `saddle_x` (and `saddle_y`) and `saddle_loss`, where
    its component ends; `persistence`, infinite where none ends; `claimed`, whether it is more persistent than
    `threshold`; `edge`, whether it lies on the edge of the picture.
    """
    axes = "xy"[: len(bundle.surface.axes)]
    text = io.StringIO()
    writer = csv.writer(text)
    saddle = [f"saddle_{axis}" for axis in axes]
    writer.writerow([*axes, "loss", *saddle, "saddle_loss", "persistence", "claimed", "threshold", "edge"])
    if not bundle.surface.game and np.isfinite(bundle.surface.loss).any():
        found = persistence(bundle.surface)
        for k in range(len(found.births)):
            numbers = [*found.minima[k], found.births[k], *found.saddles[k], found.deaths[k], found.persistence[k]]
            facts = [
                str(k < found.significant).lower(),
                f"{found.threshold:.17g}",
                str(found.on_boundary[k]).lower(),
            ]
            writer.writerow([*(f"{number:.17g}" for number in numbers), *facts])
    return text.getvalue().encode()


def missing() -> str:
    """What to install, if GUDHI is not installed."""
    found = find_spec("gudhi") is not None
    return "" if found else 'Minima by persistence need GUDHI; `pip install "landscapes[topology]"` brings it'


EXPORTS = {"minima": Export("Minima by persistence (CSV)", ".minima.csv", "text/csv", minima, missing)}
