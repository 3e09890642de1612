"""The rate at which an optimizer approaches a minimum or an equilibrium, from the eigenvalues there.

Near a point where the field vanishes, one step multiplies a small displacement along an eigenvector by μ(λ) (see
`step_stability`). The largest |μ| is the rate ρ. On a quadratic this holds everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from landscapes.arguments import check_arguments
from landscapes.games.step_stability import MULTIPLIERS, UnitCircle


@dataclass(frozen=True)
class Rate:
    """A linear rate of convergence.

    Attributes:
        factor: ρ, by which one step multiplies the distance in the long run.
        is_bound: whether the distance on a quadratic is at most ρᵗ times the first one for every t. If not, ρ is
            the slope after many steps, and the distance may exceed ρᵗ by a constant factor or a power of t.
        theorem: the formula of ρ and its source.
        condition: under which it holds.
    """

    factor: float
    is_bound: bool
    theorem: str
    condition: str


THEOREMS = {
    "sgd": ("ρ = max(|1 − ημ|, |1 − ηλmax|); (κ − 1)/(κ + 1) at η = 2/(μ + λmax) (Nesterov 2004, Theorem 2.1.15)"),
    "momentum": (
        "ρ = the larger root of z² − (1 + β − ηλ)z + β at λ = μ or λmax; (√κ − 1)/(√κ + 1) at the best η and β "
        "(Polyak 1964)"
    ),
    "nesterov": (
        "ρ = the larger root of z² − (1 + β)(1 − ηλ)z + β(1 − ηλ) at λ = μ or λmax; 1 − 1/√κ at η = 1/λmax and "
        "β = (√κ − 1)/(√κ + 1) (Lessard, Recht and Packard 2016, arXiv:1408.3595)"
    ),
}
CONDITION = "exact on a quadratic with eigenvalues from μ > 0 to λmax; elsewhere the limit near a minimum"
GAME_THEOREM = (
    "ρ = the largest |μ| of the step linearized at the equilibrium, from the eigenvalues of the Jacobian"
)
GAME_CONDITION = "near the equilibrium, if ρ < 1"


@check_arguments
def convergence_rate(
    optimizer: str, knobs: Mapping[str, Any], smallest: float, largest: float, error: float = 0.0
) -> Rate:
    """The rate of an optimizer at a constant learning rate, at a minimum with Hessian eigenvalues in an interval.

    |μ(λ)| of these optimizers has no maximum inside an interval, so that the two ends decide.

    Args:
        smallest, largest: the extreme eigenvalues.
        error: of them.

    Raises:
        ValueError: for an optimizer without a known rate, or if the smallest eigenvalue is not positive beyond its
            error, when the distance to a minimum shrinks by no fixed factor.
    """
    if optimizer not in THEOREMS:
        raise ValueError(f"no rate is known for {optimizer}, whose step is no linear function of the gradient")
    if not smallest > error:
        raise ValueError(
            f"no linear rate: the smallest eigenvalue {smallest:.3g} ± {error:.1g} is not above 0 by more than "
            "its error"
        )
    ends = np.array([smallest, largest], complex)
    factor = float(np.max(np.abs(MULTIPLIERS[optimizer](ends, float(knobs["learning_rate"]), knobs))))
    return Rate(factor, optimizer == "sgd", THEOREMS[optimizer], CONDITION)


def game_rate(test: UnitCircle) -> Rate:
    """The rate of an optimizer near the equilibrium of a game.

    Raises:
        ValueError: if its multipliers are not known.
    """
    if not np.isfinite(test.radius):
        raise ValueError(f"no rate is known for {test.name} in a game")
    return Rate(test.radius, False, GAME_THEOREM, GAME_CONDITION)
