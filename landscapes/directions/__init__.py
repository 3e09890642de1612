"""Directions that span the line or plane of a picture, and the loss along many random lines.

`DIRECTIONS` registers the kinds. A direction function takes the problem, the optimizers' paths, a random key and
the number of directions. It returns a tree like the parameters whose leaves have a leading axis, one entry for
each direction.
"""

from landscapes.directions.line_bands import Band, band, band_over_keys, band_over_minibatches, bands
from landscapes.directions.player_directions import players
from landscapes.directions.registry import (
    DIRECTIONS,
    RANDOM_WALK_VARIANCE_SHARES,
    Direction,
    coordinates,
    explained_variance,
    gradient,
    hessian,
    plane_along,
    principal,
    solutions,
)
from landscapes.registry import gather
from landscapes.slices.random_directions import filter_normalized, gaussian, layer_normalized

__all__ = [
    "DIRECTIONS",
    "RANDOM_WALK_VARIANCE_SHARES",
    "Band",
    "Direction",
    "band",
    "band_over_keys",
    "band_over_minibatches",
    "bands",
    "coordinates",
    "explained_variance",
    "filter_normalized",
    "gaussian",
    "gradient",
    "hessian",
    "layer_normalized",
    "plane_along",
    "players",
    "principal",
    "solutions",
]

# The entries of the other files follow those of the registry.
DIRECTIONS |= gather(__name__, __path__, "DIRECTIONS", first=("registry",))
