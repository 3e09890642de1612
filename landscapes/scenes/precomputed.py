"""The facts of its problem that a scene from a file keeps, and how the scene was computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import jax

from landscapes.games.player_losses import player_weights
from landscapes.objective import Sense
from landscapes.problem import Problem


@dataclass(frozen=True)
class ProblemFacts:
    """The facts of a problem that captions and figures state.

    Attributes:
        dim: number of parameters.
        examples: in its data; 0 without data.
        sense: "minimize" or "maximize".
        player_weights: in a game, each player's weights over the terms.
    """

    dim: int
    examples: int
    sense: Sense
    player_weights: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, problem: Problem) -> ProblemFacts:
        leaves = jax.tree.leaves(problem.data)
        examples = len(leaves[0]) if leaves else 0
        return cls(problem.dim, examples, problem.sense, player_weights(problem))


@dataclass(frozen=True)
class Precomputed:
    """How a scene was computed that comes from a file.

    Attributes:
        version: of this package, which computed it.
        facts: of the problem.
        rounding: for each term of the surface by how much rounding moved its heights at most, in its own units;
            the errors of the surface include it. The same for each rounded array of `Behaviors`, by its name in
            the scene, such as "behaviors.displays.adam.sampled".
    """

    version: str
    facts: ProblemFacts
    rounding: Mapping[str, float] = field(default_factory=dict)
