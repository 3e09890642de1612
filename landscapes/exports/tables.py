"""CSV (RFC 4180): one table per file, one observation per row.

Numbers have enough digits to restore the same float64. A loss that is NaN or infinite is written as `nan`, `inf`
or `-inf`; a value that was not evaluated, or is not recorded at that step, is an empty field.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from landscapes.exports.bundle import Bundle, Export
from landscapes.recipes.sampling import is_sampled

AXES = ("x", "y", "z")


def surface(bundle: Bundle) -> bytes:
    """One row per grid point; the last axis varies fastest.

    Columns: the coordinates `x` (and `y`, `z`); `loss`, the weighted sum; `error`, the estimated interpolation
    error of the surface between the points; and for each term `term.NAME`, unweighted. A game has neither `loss`
    nor `error`; means of samples have a term with their standard error instead of `error`.
    """
    surface = bundle.surface
    coordinates = np.meshgrid(*surface.axes, indexing="ij")
    columns = {AXES[k]: [_format_number(value) for value in axis.ravel()] for k, axis in enumerate(coordinates)}
    evaluated = surface.evaluated.ravel()
    if not surface.game:
        columns["loss"] = _evaluated_cells(evaluated, surface.loss)
        if not is_sampled(surface.terms):
            columns["error"] = [_format_number(surface.error)] * evaluated.size
    columns |= {f"term.{name}": _evaluated_cells(evaluated, grid) for name, grid in surface.terms.items()}
    return _table(list(columns), zip(*columns.values(), strict=True))


def paths(bundle: Bundle) -> bytes:
    """One row per step of each path; no rows without paths.

    Columns: the label `path`; `step`; `training_loss` and `gradient_norm` as the optimizer computed them
    before that step; and at the drawn steps the coordinates `x` (and `y`, `z`) on the plane, the `distance` from
    the plane, the `loss` at the point itself and `plane_loss`, the loss at its projection. A game has no loss:
    each loss column becomes one column per term, `training_term.NAME`, `term.NAME`, `plane_term.NAME`.
    """
    dim = len(bundle.surface.axes)

    def column(name: str) -> list[str]:
        if not bundle.surface.game:
            return [name]
        return [f"{name.removesuffix('loss')}term.{term}" for term in bundle.surface.terms]

    header = ["path", "step", *column("training_loss"), "gradient_norm", *AXES[:dim], "distance"]
    return _table([*header, *column("loss"), *column("plane_loss")], _path_rows(bundle, dim))


def eigenvalues(bundle: Bundle) -> bytes:
    """One row per computed eigenvalue of the Hessian, ascending.

    Columns: `eigenvalue`; `error`, its error bar; `converged`, 1 if Lanczos met its tolerance. For a game: the
    eigenvalues of the Jacobian of its field by decreasing modulus, in the columns `real`, `imaginary` and `error`.
    """
    rows: list[list[str]] = []
    if (jacobian := bundle.jacobian) is not None:
        pairs = zip(jacobian.eigenvalues, jacobian.errors, strict=True)
        rows = [
            [_format_number(value.real), _format_number(value.imag), _format_number(error)]
            for value, error in pairs
        ]
    if bundle.surface.game:
        return _table(["real", "imaginary", "error"], rows)
    if (spectrum := bundle.spectrum) is not None:
        values = zip(spectrum.eigenvalues, spectrum.errors, spectrum.converged, strict=True)
        rows = [
            [_format_number(value), _format_number(error), str(int(converged))]
            for value, error, converged in values
        ]
    return _table(["eigenvalue", "error", "converged"], rows)


def _path_rows(bundle: Bundle, dim: int) -> Iterable[list[str]]:
    names = list(bundle.surface.terms) if bundle.surface.game else None

    def losses(loss: Any, terms: Any) -> list[Any]:
        return [loss] if names is None else [terms[name] for name in names]

    for label, path in bundle.paths.items():
        columns = [*losses(path.loss, path.terms), *losses(path.plane_loss, path.plane_terms)]
        rows_by_step = {
            int(step): [*path.coordinates[i], path.distance[i], *(column[i] for column in columns)]
            for i, step in enumerate(path.steps)
        }
        run = bundle.trajectories.get(label)
        curves = [] if run is None else [*losses(run.loss, run.terms), run.gradient_norm]
        for step in range(len(run.loss)) if run is not None else rows_by_step:
            training_cells = [_format_number(curve[step]) for curve in curves] or [""] * (len(columns) // 2 + 1)
            path_cells = (
                [_format_number(value) for value in rows_by_step[step]]
                if step in rows_by_step
                else [""] * (dim + 1 + len(columns))
            )
            yield [label, str(step), *training_cells, *path_cells]


def _evaluated_cells(evaluated: np.ndarray, values: np.ndarray) -> list[str]:
    return [_format_number(value) if done else "" for done, value in zip(evaluated, values.ravel(), strict=True)]


def _format_number(value: Any) -> str:
    return repr(float(value))


def _table(header: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()


EXPORTS = {
    "csv": Export("Surface (CSV)", ".csv", "text/csv", surface, volume=True),
    "paths": Export("Paths (CSV)", ".paths.csv", "text/csv", paths, volume=True),
    "eigenvalues": Export("Eigenvalues (CSV)", ".eigenvalues.csv", "text/csv", eigenvalues),
}
