"""Linear mode connectivity: the loss barrier on the straight line between two solutions, the barrier after the
hidden units are matched, and a trained curve of low loss.
"""

from landscapes.connectivity.barrier import Barrier, Profile
from landscapes.connectivity.connection import Connection, connect_solutions
from landscapes.connectivity.curve import Curve, train_curve
from landscapes.connectivity.permutation_matching import Matching, match_units
from landscapes.curvature.symmetries import Units

__all__ = [
    "Barrier",
    "Connection",
    "Curve",
    "Matching",
    "Profile",
    "Units",
    "connect_solutions",
    "match_units",
    "train_curve",
]
