"""NPZ: all arrays of a picture, to be read with `np.load`."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from landscapes.exports.bundle import Bundle, Export


def archive(bundle: Bundle) -> bytes:
    """The arrays by name, in the precision in which they were computed; nothing is pickled.

    - `axis/0`, `axis/1`: the coordinates of the grid; `evaluated`: whether each of its points is evaluated.
    - `term/NAME`: the unweighted term, indexed [i, j] at (axis/0[i], axis/1[j]); `weight/NAME`, `error/NAME`.
    - `loss`, `error`: their weighted sum and its error (not for a game); an error is that of a spline through the
      grid, and no standard error of means of samples, which is a term; `evaluations`.
    - `error_share`: the errors are estimates, at 95 % confidence for this share of the area; `note`: what was
      found where finer grids did not reduce them.
    - `path/LABEL/` + `steps`, `coordinates`, `distance`, `loss`, `plane_loss`: a projected path.
    - `run/LABEL/` + `loss`, `gradient_norm`: the same run at every step; `outcome`: how it ended.
    - for a game, whose losses are NaN: `path/LABEL/term/NAME`, `path/LABEL/plane_term/NAME`,
      `run/LABEL/term/NAME`; `jacobian/eigenvalues`, complex, and `jacobian/errors`; `flow/0`, `flow/1`,
      `flow/motion`, `flow/share`.
    - `eigenvalues`, `eigenvalue_errors`, `eigenvalues_converged`; `density/nodes`, `density/weights`.
    - `caption`, with its details, and `recipe`, as JSON: strings.
    """
    surface = bundle.surface
    arrays: dict[str, Any] = {f"axis/{k}": axis for k, axis in enumerate(surface.axes)}
    arrays |= {"evaluated": surface.evaluated, "evaluations": surface.evaluations}
    arrays |= {f"term/{name}": grid for name, grid in surface.terms.items()}
    arrays |= {f"weight/{name}": weight for name, weight in surface.weights.items()}
    arrays |= {"error_share": surface.checked_share, "note": surface.note}
    arrays |= {f"error/{name}": error for name, error in surface.errors.items()}
    if not surface.game:
        arrays |= {"loss": surface.loss, "error": surface.error}
    for label, path in bundle.paths.items():
        for name in ("steps", "coordinates", "distance", "loss", "plane_loss"):
            arrays[f"path/{label}/{name}"] = getattr(path, name)
    for label, run in bundle.trajectories.items():
        arrays[f"run/{label}/loss"] = run.loss
        arrays[f"run/{label}/gradient_norm"] = run.gradient_norm
        arrays[f"run/{label}/outcome"] = run.outcome.note
    if surface.game:
        arrays |= _game_arrays(bundle)
    if (spectrum := bundle.spectrum) is not None:
        arrays |= {
            "eigenvalues": spectrum.eigenvalues,
            "eigenvalue_errors": spectrum.errors,
            "eigenvalues_converged": spectrum.converged,
            "density/nodes": spectrum.nodes,
            "density/weights": spectrum.weights,
        }
    arrays |= {"caption": bundle.description, "recipe": bundle.recipe.to_json()}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})
    return file.getvalue()


def _game_arrays(bundle: Bundle) -> dict[str, Any]:
    """The arrays that a game has instead of a loss and a Hessian."""
    arrays: dict[str, Any] = {}
    for label, path in bundle.paths.items():
        arrays |= {f"path/{label}/term/{name}": values for name, values in path.terms.items()}
        arrays |= {f"path/{label}/plane_term/{name}": values for name, values in path.plane_terms.items()}
    for label, run in bundle.trajectories.items():
        arrays |= {f"run/{label}/term/{name}": values for name, values in run.terms.items()}
    if (jacobian := bundle.jacobian) is not None:
        arrays |= {"jacobian/eigenvalues": jacobian.eigenvalues, "jacobian/errors": jacobian.errors}
    if (flow := bundle.flow) is not None:
        arrays |= {f"flow/{k}": axis for k, axis in enumerate(flow.axes)}
        arrays |= {"flow/motion": flow.motion, "flow/share": flow.share}
    return arrays


EXPORTS = {"npz": Export("All data (NPZ)", ".npz", "application/x-npz", archive)}
