"""Data as CSV (RFC 4180): one table per file, one observation per row.

Numbers are written in full, so that reading them back gives the same float64. NaN and infinity of the loss
itself are `nan`, `inf` and `-inf`; what was not evaluated, or is not known at that step, is an empty field.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from landscapes.exports.bundle import Bundle

AXES = ("x", "y")


def surface(bundle: Bundle) -> bytes:
    """A row per grid point; the last axis varies fastest.

    Columns: `x` (and `y`) the coordinates; `loss`, the weighted sum, and `error`, by how much the surface
    drawn between the points may miss it (a game has neither); and for each term `term.NAME`, unweighted.
    """
    surface = bundle.surface
    coordinates = np.meshgrid(*surface.axes, indexing="ij")
    columns = {AXES[k]: [_text(value) for value in axis.ravel()] for k, axis in enumerate(coordinates)}
    evaluated = surface.evaluated.ravel()
    if not surface.game:
        columns["loss"] = _where(evaluated, surface.loss)
        columns["error"] = [_text(surface.error)] * evaluated.size
    columns |= {f"term.{name}": _where(evaluated, grid) for name, grid in surface.terms.items()}
    return _table(list(columns), zip(*columns.values(), strict=True))


def paths(bundle: Bundle) -> bytes:
    """A row per step of each path; none without paths.

    Columns: `path`, its label; `step`; `training_loss` and `gradient_norm` as the optimizer saw them before
    that step; and at the steps that are drawn `x` (and `y`), where the path is on the plane, `distance`, how
    far off the plane, `loss` there, and `plane_loss`, the loss of the point of the plane beneath it.
    """
    dim = len(bundle.surface.axes)
    header = ["path", "step", "training_loss", "gradient_norm", *AXES[:dim], "distance", "loss", "plane_loss"]
    return _table(header, _path_rows(bundle, dim))


def eigenvalues(bundle: Bundle) -> bytes:
    """A row per known eigenvalue of the Hessian, ascending; none before they are computed.

    Columns: `eigenvalue`; `error`, its error bar; `converged`, 1 where Lanczos met its tolerance.
    """
    rows: list[list[str]] = []
    if (spectrum := bundle.spectrum) is not None:
        found = zip(spectrum.eigenvalues, spectrum.errors, spectrum.converged, strict=True)
        rows = [[_text(value), _text(error), str(int(known))] for value, error, known in found]
    return _table(["eigenvalue", "error", "converged"], rows)


def _path_rows(bundle: Bundle, dim: int) -> Iterable[list[str]]:
    for label, path in bundle.paths.items():
        drawn = {
            int(step): [*path.coordinates[i], path.distance[i], path.loss[i], path.plane_loss[i]]
            for i, step in enumerate(path.steps)
        }
        run = bundle.trajectories.get(label)
        for step in range(len(run.loss)) if run is not None else drawn:
            seen = ["", ""] if run is None else [_text(run.loss[step]), _text(run.gradient_norm[step])]
            here = [_text(value) for value in drawn[step]] if step in drawn else [""] * (dim + 3)
            yield [label, str(step), *seen, *here]


def _where(evaluated: np.ndarray, values: np.ndarray) -> list[str]:
    return [_text(value) if known else "" for known, value in zip(evaluated, values.ravel(), strict=True)]


def _text(value: Any) -> str:
    return repr(float(value))


def _table(header: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()
