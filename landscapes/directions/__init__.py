"""What a line or plane is spanned by: the registry `DIRECTIONS`, and the loss along many random lines.

A direction function takes the problem, the optimizers' paths, a random key and a number of directions, and returns
directions with the structure of the parameters behind a leading axis.
"""

from landscapes.directions.bands import Band, band, bands, over_draws
from landscapes.directions.players import players
from landscapes.directions.registry import (
    DIRECTIONS,
    RANDOM_WALK,
    Direction,
    coordinates,
    explained_variance,
    gradient,
    hessian,
    principal,
    solutions,
)
from landscapes.slices.random_directions import filter_normalized, gaussian, layer_normalized

__all__ = [
    "DIRECTIONS",
    "RANDOM_WALK",
    "Band",
    "Direction",
    "band",
    "bands",
    "coordinates",
    "explained_variance",
    "filter_normalized",
    "gaussian",
    "gradient",
    "hessian",
    "layer_normalized",
    "over_draws",
    "players",
    "principal",
    "solutions",
]
