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

from landscapes.exports.bundle import Bundle, Export
from landscapes.recipes.sampling import is_sampled

AXES = ("x", "y")


def surface(bundle: Bundle) -> bytes:
    """A row per grid point; the last axis varies fastest.

    Columns: `x` (and `y`) the coordinates; `loss`, the weighted sum, and `error`, by how much the surface
    drawn between the points may miss it (a game has neither, and means of samples have a term of their own for
    their standard error instead); and for each term `term.NAME`, unweighted.
    """
    surface = bundle.surface
    coordinates = np.meshgrid(*surface.axes, indexing="ij")
    columns = {AXES[k]: [_text(value) for value in axis.ravel()] for k, axis in enumerate(coordinates)}
    evaluated = surface.evaluated.ravel()
    if not surface.game:
        columns["loss"] = _where(evaluated, surface.loss)
        if not is_sampled(surface.terms):
            columns["error"] = [_text(surface.error)] * evaluated.size
    columns |= {f"term.{name}": _where(evaluated, grid) for name, grid in surface.terms.items()}
    return _table(list(columns), zip(*columns.values(), strict=True))


def paths(bundle: Bundle) -> bytes:
    """A row per step of each path; none without paths.

    Columns: `path`, its label; `step`; `training_loss` and `gradient_norm` as the optimizer saw them before
    that step; and at the steps that are drawn `x` (and `y`), where the path is on the plane, `distance`, how
    far off the plane, `loss` there, and `plane_loss`, the loss of the point of the plane beneath it. A game has no
    loss: each of its columns becomes one for every term, `training_term.NAME`, `term.NAME`, `plane_term.NAME`.
    """
    dim = len(bundle.surface.axes)

    def column(name: str) -> list[str]:
        if not bundle.surface.game:
            return [name]
        return [f"{name.removesuffix('loss')}term.{term}" for term in bundle.surface.terms]

    header = ["path", "step", *column("training_loss"), "gradient_norm", *AXES[:dim], "distance"]
    return _table([*header, *column("loss"), *column("plane_loss")], _path_rows(bundle, dim))


def eigenvalues(bundle: Bundle) -> bytes:
    """A row per known eigenvalue of the Hessian, ascending; none before they are computed.

    Columns: `eigenvalue`; `error`, its error bar; `converged`, 1 where Lanczos met its tolerance. Of a game: the
    eigenvalues of its field's Jacobian by falling modulus, with the columns `real`, `imaginary` and `error`.
    """
    rows: list[list[str]] = []
    if (found := bundle.jacobian) is not None:
        pairs = zip(found.eigenvalues, found.errors, strict=True)
        rows = [[_text(value.real), _text(value.imag), _text(error)] for value, error in pairs]
    if bundle.surface.game:
        return _table(["real", "imaginary", "error"], rows)
    if (spectrum := bundle.spectrum) is not None:
        known = zip(spectrum.eigenvalues, spectrum.errors, spectrum.converged, strict=True)
        rows = [[_text(value), _text(error), str(int(met))] for value, error, met in known]
    return _table(["eigenvalue", "error", "converged"], rows)


def _path_rows(bundle: Bundle, dim: int) -> Iterable[list[str]]:
    names = list(bundle.surface.terms) if bundle.surface.game else None

    def losses(loss: Any, terms: Any) -> list[Any]:
        return [loss] if names is None else [terms[name] for name in names]

    for label, path in bundle.paths.items():
        columns = [*losses(path.loss, path.terms), *losses(path.plane_loss, path.plane_terms)]
        drawn = {
            int(step): [*path.coordinates[i], path.distance[i], *(column[i] for column in columns)]
            for i, step in enumerate(path.steps)
        }
        run = bundle.trajectories.get(label)
        curves = [] if run is None else [*losses(run.loss, run.terms), run.gradient_norm]
        for step in range(len(run.loss)) if run is not None else drawn:
            seen = [_text(curve[step]) for curve in curves] or [""] * (len(columns) // 2 + 1)
            here = [_text(value) for value in drawn[step]] if step in drawn else [""] * (dim + 1 + len(columns))
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


EXPORTS = {
    "csv": Export("Surface (CSV)", ".csv", "text/csv", surface),
    "paths": Export("Paths (CSV)", ".paths.csv", "text/csv", paths),
    "eigenvalues": Export("Eigenvalues (CSV)", ".eigenvalues.csv", "text/csv", eigenvalues),
}
