"""One line on each of the larger results of this package."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes import display

if TYPE_CHECKING:
    from landscapes.curvature.convexity import ConvexityMap
    from landscapes.curvature.hessian_spectrum import Spectrum
    from landscapes.curvature.sharpness_measures import Rescaling, Sharpness


def spectrum_summary(spectrum: Spectrum) -> str:
    """The key figures with their errors, in one line."""
    count = f"{len(spectrum.eigenvalues)} of {spectrum.dim:,} eigenvalues"
    if not len(spectrum.eigenvalues):
        return f"{count}, {spectrum.method}"
    low, high = (display.with_error(spectrum.eigenvalues[k], spectrum.errors[k]) for k in (0, -1))
    unconverged = int(np.sum(~spectrum.converged))
    warning = f", {unconverged} not converged" if unconverged else ""
    return f"{count} from {low} to {high}{warning}, {spectrum.method}, {spectrum.products:,} products"


def map_summary(convexity_map: ConvexityMap) -> str:
    """The key figures with their errors, in one line."""
    shape = "concave" if convexity_map.sense == "maximize" else "convex"
    return (
        f"{display.grid_shape(convexity_map.axes)} cells: {convexity_map.share('convex'):.0%} {shape}, "
        f"{convexity_map.share('non-convex'):.0%} not, {convexity_map.share('undetermined'):.0%} undetermined; "
        f"eigenvalues from {_extreme(np.nanargmin, convexity_map.smallest, convexity_map.smallest_error)} "
        f"to {_extreme(np.nanargmax, convexity_map.largest, convexity_map.largest_error)}"
    )


def sharpness_summary(sharpness: Sharpness) -> str:
    """The key figures with their errors, in one line."""
    return ", ".join(f"{name} {display.with_error(m.value, m.error)}" for name, m in sharpness.measures.items())


def rescaling_summary(rescaling: Rescaling) -> str:
    """The key figures with their errors, in one line."""
    done = sum(each is not None for each in rescaling.results)
    original = "" if rescaling.original is None else f", at α = 1: {rescaling.original.summary}"
    alphas = f"α from {rescaling.alphas[0]:.3g} to {rescaling.alphas[-1]:.3g}"
    return f"{done} of {len(rescaling.alphas)} values of {alphas}{original}"


def _extreme(position: Callable[[np.ndarray], Any], values: np.ndarray, errors: np.ndarray) -> str:
    """The smallest or the largest value with its error; "nan" if there is none."""
    if not np.isfinite(values).any():
        return "nan"
    k = position(values)
    return display.with_error(values.flat[k], errors.flat[k])
