"""The unit-circle test: whether an optimizer converges near an equilibrium, from the Jacobian's eigenvalues.

One step multiplies a small displacement along an eigenvector by μ, which depends on the optimizer. The players
converge only where every |μ| < 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Complex, Float

from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.games.game_jacobian import Jacobian, perturbed_eigenvalues

Eigenvalues = Complex[np.ndarray, "..."]
Multiplier = Callable[[Eigenvalues, float, Mapping[str, Any]], Eigenvalues]
# Unit directions in which an eigenvalue is perturbed by its error, for the error of |μ|.
PERTURBATIONS = np.exp(2j * np.pi * np.arange(8) / 8)
# Largest error of |μ| at which |μ| = 1 counts as a circle.
CIRCLE_TOLERANCE = 1e-6


def simultaneous(eigenvalues: Eigenvalues, rate: float, knobs: Mapping[str, Any]) -> Eigenvalues:
    """μ = 1 − ηλ."""
    return 1 - rate * eigenvalues


def extragradient(eigenvalues: Eigenvalues, rate: float, knobs: Mapping[str, Any]) -> Eigenvalues:
    """μ = 1 − ηλ + η²λ²."""
    return 1 - rate * eigenvalues + (rate * eigenvalues) ** 2


def optimistic(eigenvalues: Eigenvalues, rate: float, knobs: Mapping[str, Any]) -> Eigenvalues:
    """The larger root of μ² − (1 − 2ηλ)μ − ηλ = 0."""
    return _larger_root(1 - 2 * rate * eigenvalues, -rate * eigenvalues)


def momentum(eigenvalues: Eigenvalues, rate: float, knobs: Mapping[str, Any]) -> Eigenvalues:
    """The larger root of μ² − (1 + β − ηλ)μ + β = 0."""
    beta = knobs["beta"]
    return _larger_root(1 + beta - rate * eigenvalues, beta + 0 * eigenvalues)


def nesterov(eigenvalues: Eigenvalues, rate: float, knobs: Mapping[str, Any]) -> Eigenvalues:
    """The larger root of μ² − (1 + β − ηλ(1 + β))μ + β(1 − ηλ) = 0."""
    beta = knobs["beta"]
    return _larger_root(1 + beta - rate * (1 + beta) * eigenvalues, beta * (1 - rate * eigenvalues))


def _larger_root(total: Eigenvalues, product: Eigenvalues) -> Eigenvalues:
    """The number of larger modulus of the two with this sum and product."""
    root = np.sqrt(np.asarray(total**2 - 4 * product, complex))
    one, other = (total + root) / 2, (total - root) / 2
    return np.where(np.abs(one) >= np.abs(other), one, other)


MULTIPLIERS: dict[str, Multiplier] = {
    "simultaneous": simultaneous,
    "sgd": simultaneous,
    "extragradient": extragradient,
    "optimistic": optimistic,
    "momentum": momentum,
    "nesterov": nesterov,
}


@dataclass(frozen=True, eq=False, repr=False)
class UnitCircle(Display):
    """The result of the test for one optimizer.

    Attributes:
        name: of the optimizer.
        rate: η, its learning rate.
        multipliers: μ for each eigenvalue λ, in their order; for "alternating" those of its own linear map, by
            falling modulus. Empty where they are not known.
        errors: error of each |μ|.
        state: "diverges" if some |μ| > 1 beyond its error; "converges" if all eigenvalues are known and every
            |μ| < 1 beyond its error; "undetermined" otherwise, as on the unit circle and where the field
            jumps.
        sentence: the state in words.
    """

    name: str
    rate: float
    multipliers: Complex[np.ndarray, "k"]
    errors: Float[np.ndarray, "k"]
    state: Literal["converges", "diverges", "undetermined"]
    sentence: str

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return f"{self.name}, η = {self.rate:g}, {self.state}, |μ| up to {self.radius:.6g}"

    @property
    def radius(self) -> float:
        """The largest |μ|, the asymptotic growth of a displacement per step; NaN where none is known."""
        return float(np.max(np.abs(self.multipliers), initial=-np.inf)) if len(self.multipliers) else float("nan")


@check_arguments
def unit_circle(jacobian: Jacobian, name: str, knobs: Mapping[str, Any]) -> UnitCircle:
    """The unit-circle test for an optimizer at its learning rate, `knobs["learning_rate"]`.

    For optimizers whose step is not a linear function of the field (Adam, Lion, …) the state is "undetermined".

    Raises:
        ValueError: without a learning rate.
    """
    if "learning_rate" not in knobs:
        raise ValueError("the knobs name no learning rate; give {'learning_rate': 0.1} and the optimizer's others")
    rate = float(knobs["learning_rate"])
    subject = f"{name} steps (η = {rate:g})"
    if name == "alternating" and jacobian.matrix is not None:
        multipliers, errors = _alternating(jacobian, rate)
    elif name in MULTIPLIERS:
        rule = MULTIPLIERS[name]
        multipliers = rule(jacobian.eigenvalues, rate, knobs)
        perturbed = rule(jacobian.eigenvalues[:, None] + jacobian.errors[:, None] * PERTURBATIONS, rate, knobs)
        errors = np.max(np.abs(np.abs(perturbed) - np.abs(multipliers)[:, None]), axis=1, initial=0.0)
        errors = errors + 8 * np.finfo(float).eps * np.maximum(np.abs(multipliers), 1)
    else:
        reason = (
            f"the test needs the whole Jacobian, which is not formed for {jacobian.dim:,} parameters"
            if name == "alternating"
            else f"{name} has no unit-circle test, since its step is no linear function of the field"
        )
        return UnitCircle(
            name, rate, np.zeros(0, complex), np.zeros(0), "undetermined", f"{subject}: unknown; {reason}."
        )
    state, words = _state_and_words(jacobian, multipliers, errors)
    return UnitCircle(name, rate, multipliers, errors, state, f"{subject}: {words}.")


def _alternating(jacobian: Jacobian, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Multipliers of (I − ηP₂v′)(I − ηP₁v′), Pₚ the projection on the parameters of player p."""
    assert jacobian.matrix is not None
    step = np.eye(jacobian.dim)
    for player in range(int(jacobian.owners.max()) + 1):
        is_own = jacobian.owners == player
        step = step - rate * np.where(is_own[:, None], jacobian.matrix @ step, 0)
    norm = 1 + rate * float(np.linalg.norm(jacobian.matrix, 2))
    rounding = 8 * np.finfo(float).eps * norm**2 + rate * jacobian.rounding * norm
    multipliers, errors, _ = perturbed_eigenvalues(step, rounding)
    order = np.argsort(-np.abs(multipliers), kind="stable")
    return multipliers[order], errors[order]


def _state_and_words(jacobian: Jacobian, multipliers: np.ndarray, errors: np.ndarray) -> tuple[Any, str]:
    size = np.abs(multipliers)
    if jacobian.jump:
        return "undetermined", f"unknown, since the field jumps here by {jacobian.jump:.3g}"
    if not len(size):
        return "undetermined", f"unknown, since none of {jacobian.dim:,} eigenvalues is resolved"
    excess = size - 1 - errors
    if np.max(excess) > 0:
        worst = int(np.argmax(excess))
        return "diverges", f"no. Each step {_turning(multipliers[worst])}{_growth(size[worst])}"
    if not jacobian.is_complete:
        return "undetermined", f"unknown; the {len(size)} outermost of {jacobian.dim:,} eigenvalues do not grow"
    if np.all(size + errors < 1):
        worst = int(np.argmax(size))
        return "converges", f"yes. The slowest mode {_turning(multipliers[worst])}{_growth(size[worst])} per step"
    neutral = int(np.sum(size + errors >= 1))
    error = float(np.max(errors[size + errors >= 1]))
    if (
        neutral == len(size)
        and error < CIRCLE_TOLERANCE
        and np.all(np.abs(np.angle(multipliers)) > CIRCLE_TOLERANCE)
    ):
        return "undetermined", f"they circle for ever, to first order (all |μ| = 1 to within {error:.0e})"
    neither = "neither grows nor shrinks" if neutral == 1 else "neither grow nor shrink"
    return "undetermined", (
        f"unknown; to first order {neutral} of {len(size)} modes {neither} (|μ| = 1 to within {error:.0e})"
    )


def _turning(multiplier: complex) -> str:
    """The angle of a step in words; "" where it does not turn."""
    degrees = abs(np.degrees(np.angle(multiplier)))
    return f"turns by {_short(degrees)}° and " if degrees > 1e-6 else ""


def _growth(size: float) -> str:
    """The change of the distance by a multiplier of this size, in words."""
    if size >= 2:
        return f"multiplies the distance by {size:.3g}"
    return f"{'grows' if size > 1 else 'shrinks'} by {_short(100 * abs(size - 1))} %"


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.3g}"
