"""NPZ: all results of a picture, to be read with `landscapes.load` or `np.load`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landscapes.exports.bundle import Bundle, Export
from landscapes.storage import SavedResults, encode_results


def archive(bundle: Bundle) -> bytes:
    """The file that `landscapes.save` would write; the snapshots of the runs are left out, because they hold all
    parameters. Arrays have the precision in which they were computed, and nothing is pickled.

    - `axis/0`, `axis/1`, `axis/2`: the coordinates of the grid, one for each direction; `evaluated`: whether each
      of its points is evaluated.
    - `term/NAME`: the unweighted term, indexed [i, j] at (axis/0[i], axis/1[j]); `weight/NAME`, `error/NAME`.
    - `loss`, `error`: their weighted sum and its error (not for a game); an error is that of a spline through the
      grid, and no standard error of means of samples, which is a term; `evaluations`.
    - `error_share`: the errors are estimates, at 95 % confidence for this share of the area; `note`: what was
      found where finer grids did not reduce them.
    - `path/LABEL/` + `steps`, `coordinates`, `distance`, `loss`, `plane_loss`, `term/NAME`, `plane_term/NAME`: a
      projected path.
    - `run/LABEL/` + `steps`, `loss`, `gradient_norm`, `term/NAME`: the same run at every step; `outcome`: how it
      ended.
    - `eigenvalues`, `eigenvalue_errors`, `eigenvalues_converged`; `density/nodes`, `density/weights`.
    - for a game, whose losses are NaN: `jacobian/eigenvalues`, complex, and `jacobian/errors`; `flow/0`, `flow/1`,
      `flow/motion`, `flow/share`.
    - `caption`, with its details, and `recipe`, as JSON: texts. `header` says for `load` which array is which.
    """
    surface = bundle.surface
    extra: dict[str, Any] = {"evaluations": surface.evaluations, "caption": bundle.description}
    extra |= {f"weight/{name}": weight for name, weight in surface.weights.items()}
    extra |= {f"error/{name}": error for name, error in surface.errors.items()}
    extra |= {"error_share": surface.checked_share, "note": surface.note}
    extra |= {f"run/{label}/outcome": run.outcome.note for label, run in bundle.trajectories.items()}
    if not surface.game:
        extra |= {"loss": surface.loss, "error": surface.error}
    return encode_results(
        SavedResults(
            surface,
            bundle.paths,
            {label: replace(run, params={}) for label, run in bundle.trajectories.items()},
            bundle.spectrum,
            bundle.jacobian,
            bundle.flow,
            caption=bundle.caption,
            details=bundle.details,
            value=bundle.value,
            labels=bundle.labels,
            directions=bundle.directions,
            seed=bundle.seed,
            recipe=None if bundle.recipe is None else bundle.recipe.to_json(),
        ),
        extra,
    )


EXPORTS = {"npz": Export("All data (NPZ)", ".npz", "application/x-npz", archive, volume=True)}
