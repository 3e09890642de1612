"""The second derivative of the loss in the full parameter space.

Hessian-vector products, extreme eigenvalues with error bars, spectral density, trace, blocks of layers, the
Gauss–Newton matrix, sharpness measures, the convexity map of a plane, critical points with an audit of their
number, and the edge of stability.
"""

from landscapes.curvature.convexity import ConvexityMap, convexity_map
from landscapes.curvature.convexity_verdict import Verdict, verdict
from landscapes.curvature.critical_point_search import CriticalPoints, critical_points
from landscapes.curvature.edge_of_stability import Stability, stability
from landscapes.curvature.generalized_gauss_newton import gauss_newton
from landscapes.curvature.hessian import dense_hessian, hvp
from landscapes.curvature.hessian_spectrum import Spectrum, spectrum
from landscapes.curvature.layer_blocks import Block, blocks
from landscapes.curvature.minibatch_noise import GradientNoise, gradient_noise
from landscapes.curvature.perturbations import worst_perturbation
from landscapes.curvature.sharpness_measures import MEASURES, Rescaling, Sharpness, rescaling, sharpness
from landscapes.curvature.spectral_density import density
from landscapes.curvature.trace_estimate import Trace, trace

__all__ = [
    "MEASURES",
    "Block",
    "ConvexityMap",
    "CriticalPoints",
    "GradientNoise",
    "Rescaling",
    "Sharpness",
    "Spectrum",
    "Stability",
    "Trace",
    "Verdict",
    "blocks",
    "convexity_map",
    "critical_points",
    "dense_hessian",
    "density",
    "gauss_newton",
    "gradient_noise",
    "hvp",
    "rescaling",
    "sharpness",
    "spectrum",
    "stability",
    "trace",
    "verdict",
    "worst_perturbation",
]
