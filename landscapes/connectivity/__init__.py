"""What lies between two solutions: the barrier on the straight line, the same after matching hidden units, and a
curved path of low loss.
"""

from landscapes.connectivity.barrier import Barrier, Profile
from landscapes.connectivity.connection import Connection, between
from landscapes.connectivity.curve import Curve, connect
from landscapes.connectivity.permutation_matching import Matching, match

__all__ = [
    "Barrier",
    "Connection",
    "Curve",
    "Matching",
    "Profile",
    "between",
    "connect",
    "match",
]
