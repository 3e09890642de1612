"""The spectral density of the Hessian from random probes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from landscapes.arguments import check_arguments
from landscapes.immutable import frozen

if TYPE_CHECKING:
    from landscapes.curvature.hessian_spectrum import Spectrum


@check_arguments
def density(spectrum: Spectrum, grid: Float[np.ndarray, "g"], width: float) -> Float[np.ndarray, "R g"]:
    """The spectral density on a grid, one row per probe: Σᵢ wᵢ·N(λ; nodeᵢ, width²).

    Each row integrates to one. The mean of the rows is the estimate, their spread its uncertainty.

    Raises:
        ValueError: if the spectrum was computed without a density, the width is not positive, or the grid is not
            one array of numbers.
    """
    if spectrum.nodes.shape[1] == 0:
        raise ValueError("this spectrum has no density; compute it with density=8 probes or more")
    if not (width > 0 and np.isfinite(width)):
        raise ValueError(f"the kernel width must be positive, not {width}")
    offset = (np.asarray(grid, np.float64)[None, :, None] - spectrum.nodes[:, None, :]) / width
    kernel = np.exp(-(offset**2) / 2) / (width * np.sqrt(2 * np.pi))
    return frozen(np.einsum("rgm,rm->rg", kernel, spectrum.weights))
