"""The unit-circle test: what a way of moving makes of a game near an equilibrium, from the Jacobian's eigenvalues.

One step multiplies a small displacement along an eigenvector by μ, and a game comes to rest only where every
|μ| < 1. What μ is depends on how the players move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Complex, Float

from landscapes.games.jacobian import Jacobian, conditioned

Eigenvalues = Complex[np.ndarray, "..."]
Multiplier = Callable[[Eigenvalues, float, Mapping[str, Any]], Eigenvalues]
# Directions in which an eigenvalue is moved by its error, to see what becomes of |μ|.
AROUND = np.exp(2j * np.pi * np.arange(8) / 8)
# The error of |μ| up to which |μ| = 1 is called a circle.
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
    """Of the two numbers with this sum and product the one of larger modulus."""
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


@dataclass(frozen=True, eq=False)
class UnitCircle:
    """The outcome for one way to move.

    Attributes:
        name: of the optimizer.
        rate: η, its learning rate.
        multipliers: μ, one for each eigenvalue λ in their order; for "alternating" those of its own map, by
            falling modulus. Empty where they are not known.
        errors: of each |μ|.
        state: "diverges" if some |μ| > 1 beyond its error; "converges" if all eigenvalues are known and every
            |μ| < 1 beyond its error; "undetermined" otherwise, as on the unit circle itself and where
            the field jumps.
        sentence: that, in words.
    """

    name: str
    rate: float
    multipliers: Complex[np.ndarray, "k"]
    errors: Float[np.ndarray, "k"]
    state: Literal["converges", "diverges", "undetermined"]
    sentence: str

    @property
    def radius(self) -> float:
        """The largest |μ|: what a displacement grows by per step, in the long run; NaN where none is known."""
        return float(np.max(np.abs(self.multipliers), initial=-np.inf)) if len(self.multipliers) else float("nan")


def unit_circle(found: Jacobian, name: str, knobs: Mapping[str, Any]) -> UnitCircle:
    """The unit-circle test for an optimizer at its learning rate, `knobs["learning_rate"]`.

    Optimizers whose step is no linear function of the field (Adam, Lion, …) have no such test; their state is
    "undetermined".
    """
    rate = float(knobs["learning_rate"])
    begin = f"{name} steps (η = {rate:g})"
    if name == "alternating" and found.matrix is not None:
        multipliers, errors = _in_turn(found, rate)
    elif name in MULTIPLIERS:
        rule = MULTIPLIERS[name]
        multipliers = rule(found.eigenvalues, rate, knobs)
        around = rule(found.eigenvalues[:, None] + found.errors[:, None] * AROUND, rate, knobs)
        errors = np.max(np.abs(np.abs(around) - np.abs(multipliers)[:, None]), axis=1, initial=0.0)
        errors = errors + 8 * np.finfo(float).eps * np.maximum(np.abs(multipliers), 1)
    else:
        why = (
            f"the test needs the whole Jacobian, which is not formed for {found.dim:,} parameters"
            if name == "alternating"
            else f"{name} has no unit-circle test, since its step is no linear function of the field"
        )
        return UnitCircle(
            name, rate, np.zeros(0, complex), np.zeros(0), "undetermined", f"{begin}: unknown; {why}."
        )
    state, words = _told(found, multipliers, errors)
    return UnitCircle(name, rate, multipliers, errors, state, f"{begin}: {words}.")


def _in_turn(found: Jacobian, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Multipliers of (I − ηP₂v′)(I − ηP₁v′), Pₚ the projection on the parameters of player p."""
    assert found.matrix is not None
    step = np.eye(found.dim)
    for player in range(int(found.owners.max()) + 1):
        own = found.owners == player
        step = step - rate * np.where(own[:, None], found.matrix @ step, 0)
    reach = 1 + rate * float(np.linalg.norm(found.matrix, 2))
    rounding = 8 * np.finfo(float).eps * reach**2 + rate * found.rounding * reach
    multipliers, errors, _ = conditioned(step, rounding)
    order = np.argsort(-np.abs(multipliers), kind="stable")
    return multipliers[order], errors[order]


def _told(found: Jacobian, multipliers: np.ndarray, errors: np.ndarray) -> tuple[Any, str]:
    size = np.abs(multipliers)
    if found.jump:
        return "undetermined", f"unknown, since the field jumps here by {found.jump:.3g}"
    if not len(size):
        return "undetermined", f"unknown, since none of {found.dim:,} eigenvalues is resolved"
    excess = size - 1 - errors
    if np.max(excess) > 0:
        worst = int(np.argmax(excess))
        return "diverges", f"no. Each step {_turning(multipliers[worst])}{_growth(size[worst])}"
    if not found.complete:
        return "undetermined", f"unknown; the {len(size)} outermost of {found.dim:,} eigenvalues do not grow"
    if np.all(size + errors < 1):
        worst = int(np.argmax(size))
        return "converges", f"yes. The slowest mode {_turning(multipliers[worst])}{_growth(size[worst])} per step"
    on = int(np.sum(size + errors >= 1))
    error = float(np.max(errors[size + errors >= 1]))
    if on == len(size) and error < CIRCLE_TOLERANCE and np.all(np.abs(np.angle(multipliers)) > CIRCLE_TOLERANCE):
        return "undetermined", f"they circle for ever, to first order (all |μ| = 1 to within {error:.0e})"
    return "undetermined", (
        f"unknown; to first order {on} of {len(size)} modes neither grow nor shrink "
        f"(|μ| = 1 to within {error:.0e})"
    )


def _turning(multiplier: complex) -> str:
    """How fast it turns, where it does."""
    degrees = abs(np.degrees(np.angle(multiplier)))
    return f"turns by {_short(degrees)}° and " if degrees > 1e-6 else ""


def _growth(size: float) -> str:
    """By how much a multiplier of this size changes the distance."""
    if size >= 2:
        return f"multiplies the distance by {size:.3g}"
    return f"{'grows' if size > 1 else 'shrinks'} by {_short(100 * abs(size - 1))} %"


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.3g}"
