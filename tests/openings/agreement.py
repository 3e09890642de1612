"""Whether a scene from a file is the one that is computed now.

Another processor rounds otherwise, and a training run may amplify that. So what every processor computes alike is
compared exactly, values at the start closely, and what lies behind a run within a share of its range.
"""

from __future__ import annotations

import numpy as np

from landscapes.recipes import catalog
from landscapes.scenes.scene import Scene
from landscapes.slices.surface import Surface

CLOSE = 1e-3  # relative difference of what does not lie behind a run
SHARE = 0.05  # of a range, for what does
# Of the largest eigenvalues at the ends of two runs that rounding has separated: 13.2 and 4.8 under BatchNorm.
MAX_SCALE_RATIO = 5.0


def disagreements(file: Scene | None, live: Scene, *, behind_runs: bool = True) -> list[str]:
    """What differs, in words; empty if the scenes agree.

    Args:
        behind_runs: False leaves out what lies behind a training run. Under other flags of XLA 6 of 107 scenes
            differed there: the best of two optimizers, the sign of an axis, or the eigenvalues at the end.
    """
    if file is None:
        return ["there is no file; run `make openings`"]
    found = [
        f"{name}: {getattr(file, name)!r} in the file, {getattr(live, name)!r} computed"
        for name in ("recipe", "center", "flat", "facts", "dim", "missing", *(("labels",) if behind_runs else ()))
        if getattr(file, name) != getattr(live, name)
    ]
    for name in ("trajectories", "paths", "steps"):
        if list(getattr(file, name)) != list(getattr(live, name)):
            found.append(f"{name} of {list(getattr(file, name))}, computed of {list(getattr(live, name))}")
    for name in ("spectrum", "optimum", "flow", "equilibrium", "draws", "behaviors"):
        if (getattr(file, name) is None) != (getattr(live, name) is None):
            found.append(f"{name} is only in one of them")
    if found or not (behind_runs or catalog.is_function(live.recipe)):
        return found
    return [*_runs(file, live), *_surfaces(file.surface, live.surface), *_curvature(file, live)]


def _runs(file: Scene, live: Scene) -> list[str]:
    found = []
    for name, run in live.trajectories.items():
        kept = file.trajectories[name]
        for term, values in run.terms.items():
            here, there = np.asarray(values, float), np.asarray(kept.terms[term], float)
            scale = float(np.nanmax(np.abs(here))) or 1.0
            if not abs(here[0] - there[0]) <= CLOSE * scale:
                found.append(f"{term} of {name} starts at {there[0]:.6g}, computed {here[0]:.6g}")
            if not abs(here[-1] - there[-1]) <= SHARE * (float(np.ptp(here)) + CLOSE * scale):
                found.append(f"{term} of {name} ends at {there[-1]:.6g}, computed {here[-1]:.6g}")
        if kept.outcome.kind != run.outcome.kind:
            found.append(f"{name} {kept.outcome.kind}, computed {run.outcome.kind}")
    for name, path in live.paths.items():
        box = [float(np.ptp(axis)) for axis in live.surface.axes]
        moved = np.abs(path.coordinates[[0, -1]] - file.paths[name].coordinates[[0, -1]]) / box
        if not np.all(moved <= SHARE):
            found.append(f"the path of {name} lies elsewhere, by {moved.max():.2g} of the picture")
    return found


def _surfaces(file: Surface, live: Surface) -> list[str]:
    if (file.weights, list(file.terms), file.sense, file.game) != (
        live.weights, list(live.terms), live.sense, live.game,
    ):  # fmt: skip
        return ["the surface is of other terms"]
    found = []
    for mine, other in zip(file.axes, live.axes, strict=True):
        if not np.allclose(mine[[0, -1]], other[[0, -1]], rtol=0, atol=SHARE * float(np.ptp(other))):
            found.append(
                f"an axis from {mine[0]:.4g} to {mine[-1]:.4g}, computed {other[0]:.4g} to {other[-1]:.4g}"
            )
    for term in live.terms:
        here, there = (_coarse(each, term) for each in (live, file))
        both = np.isfinite(here) & np.isfinite(there)
        if np.mean(np.isfinite(here) != np.isfinite(there)) > SHARE:
            found.append(f"{term} is finite elsewhere")
        if np.any(both):
            differences = np.abs(here - there)[both]
            span = float(np.ptp(here[both]))
            scale = float(np.max(np.abs(here[both])))
            if np.median(differences) > SHARE / 2 * span + CLOSE * scale + file.errors[term]:
                found.append(f"{term} differs by {np.median(differences):.3g} (median), of a range of {span:.3g}")
    return found


def _coarse(surface: Surface, term: str) -> np.ndarray:
    """The nodes that all levels have."""
    strides = tuple(slice(None, None, max((len(axis) - 1) // 8, 1)) for axis in surface.axes)
    return np.asarray(surface.terms[term], float)[strides]


def _curvature(file: Scene, live: Scene) -> list[str]:
    found = []
    if live.spectrum is not None and file.spectrum is not None:
        here, there = live.spectrum, file.spectrum
        if len(here.eigenvalues) != len(there.eigenvalues):
            return [f"{len(there.eigenvalues)} eigenvalues, computed {len(here.eigenvalues)}"]
        allowed = here.errors + there.errors + 2 * SHARE * max(here.scale, there.scale)
        is_near = np.all(np.abs(here.eigenvalues - there.eigenvalues) <= allowed)
        is_alike = max(here.scale, there.scale) <= MAX_SCALE_RATIO * min(here.scale, there.scale)
        if not (is_near or (live.center == "trained" and is_alike)):
            found.append(f"eigenvalues {there.eigenvalues}, computed {here.eigenvalues}")
    if live.equilibrium is not None and file.equilibrium is not None:
        here, there = live.equilibrium.jacobian.eigenvalues, file.equilibrium.jacobian.eigenvalues
        largest = [float(np.max(np.abs(each), initial=0.0)) for each in (here, there)]
        if abs(largest[0] - largest[1]) > 2 * SHARE * max(largest):
            found.append(f"the field's Jacobian has |λ| up to {largest[1]:.3g}, computed {largest[0]:.3g}")
    return found
