"""A verdict on convexity at a point from the extreme eigenvalue of the Hessian: three states and a sentence."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from landscapes import display
from landscapes.curvature.gradient_jump import Jump
from landscapes.objective import Sense

# An eigenvalue whose error exceeds this share of |λ|max does not decide about convexity.
MAX_RELATIVE_ERROR = 1e-3

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

State = Literal["convex", "non-convex", "undetermined"]


class Verdict(NamedTuple):
    """The verdict on convexity at one point.

    `state` is
    - "non-convex" if a direction v with vᵀHv < 0 beyond rounding was found. This is certain, whether or not v has
      converged, since every Rayleigh quotient is an upper bound of the smallest eigenvalue.
    - "convex" if the smallest eigenvalue has converged, its error is at most a thousandth of |λ|max, and it lies
      above −error: there is no negative curvature beyond ±error. `strict` says that it also lies above +error.
      Zero eigenvalues are common in overparametrized models (from a shift of all logits, or a dead input), so
      many convex problems can only be called "convex" without `strict` in floating point.
    - "undetermined" otherwise, and where the Hessian is exactly zero.

    Where the gradient or the second derivative jumps at the point, the Hessian is that of one side, or of none.
    The state is then "non-convex" if along some direction the loss at the point exceeds the mean of the losses on
    both sides beyond rounding, or if vᵀHv < 0 at a point nearby. Otherwise it is "undetermined".

    For an objective that is maximized, read "concave" for "convex": `eigenvalue` is then the largest one, and the
    sentence says "concave". The verdict holds at this point only.
    """

    state: State
    strict: bool
    eigenvalue: float
    error: float
    sentence: str

    __repr__ = display.short_repr

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return f"{self.state}; {self.sentence}"

    def at(self, place: str) -> str:
        """The sentence with a name for the point, such as "at the trained point", in place of "here"."""
        return self.sentence.replace(" here", f" {place}", 1)


def verdict(
    eigenvalue: float,
    error: float,
    *,
    converged: bool,
    scale: float,
    rounding: float,
    sense: Sense,
    jump: Jump | None = None,
) -> Verdict:
    """The verdict from the smallest eigenvalue (the largest, for an objective that is maximized).

    Args:
        eigenvalue: a Rayleigh quotient.
        error: its error bar.
        converged: whether it is the extreme eigenvalue to within the tolerance.
        scale: |λ|max.
        rounding: a bound on the rounding error of a Hessian-vector product.
        sense: of the problem.
        jump: the jump of a derivative at the point, if there is one.
    """
    if sense == "maximize":
        shape, opposite, extreme_name, curvature = "concave", "positive", "largest", -eigenvalue
    else:
        shape, opposite, extreme_name, curvature = "convex", "negative", "smallest", eigenvalue
    figures = f"{extreme_name} eigenvalue {eigenvalue:.3g} ± {error:.1g}"
    if jump is not None:
        proof = _nonconvexity_from_jump(jump, shape, opposite, rounding, sense)
        state = "undetermined" if proof is None else "non-convex"
        sentence = (
            proof
            or f"Undetermined here: the {jump.kind} jumps by {jump.size:.3g}, so the Hessian decides nothing."
        )
        return Verdict(state, proof is not None, eigenvalue, error, sentence)
    if scale == 0:
        sentence = "Undetermined here: the Hessian is exactly zero and decides nothing."
        return Verdict("undetermined", False, eigenvalue, error, sentence)
    if curvature + rounding < 0:
        # The quotient proves negative curvature even where the error of the eigenvalue exceeds its size.
        evidence = figures if error < abs(eigenvalue) else f"{eigenvalue:.3g} along it, to within {rounding:.1g}"
        sentence = f"Not {shape} here: a direction of {opposite} curvature was found ({evidence})."
        return Verdict("non-convex", True, eigenvalue, error, sentence)
    if not converged or error > MAX_RELATIVE_ERROR * scale:
        sentence = f"Undetermined here: the {extreme_name} eigenvalue has not been resolved ({figures})."
        return Verdict("undetermined", False, eigenvalue, error, sentence)
    if curvature > error:
        sentence = f"Strictly {shape} here: the {extreme_name} eigenvalue is {eigenvalue:.3g} ± {error:.1g}."
        return Verdict("convex", True, eigenvalue, error, sentence)
    # λ ≥ curvature − error, which is at most zero here.
    sign, side = ("−", "below") if sense == "minimize" else ("", "above")
    limit = "0" if curvature == error else sign + scientific_notation(error - curvature)
    sentence = f"{shape.capitalize()} here, as far as can be told: no eigenvalue {side} {limit}."
    return Verdict("convex", False, eigenvalue, error, sentence)


def scientific_notation(value: float) -> str:
    """A positive number to one digit, rounded up: "2·10⁻¹³"."""
    exponent = math.floor(math.log10(value))
    digit = math.ceil(value / 10.0**exponent * (1 - 1e-12))
    if digit == 10:
        digit, exponent = 1, exponent + 1
    return f"{digit}·10{str(exponent).translate(SUPERSCRIPTS)}"


def _nonconvexity_from_jump(jump: Jump, shape: str, opposite: str, rounding: float, sense: Sense) -> str | None:
    """The sentence of a jump that proves the loss not convex; None where it proves nothing."""
    sign = -1 if sense == "maximize" else 1
    if jump.direction is not None:
        slope_before, slope_after = jump.slopes
        is_peak = sign * slope_before > 0 > sign * slope_after
        moves, change = ("the loss falls", "drops") if sign > 0 else ("the objective rises", "rises")
        description = f"{moves} both ways" if is_peak else f"its slope {change}"
        return (
            f"Not {shape} here: the gradient jumps; along one direction {description} "
            f"(slope {slope_before:.3g} before the point, {slope_after:.3g} after)."
        )
    if sign * jump.nearby_curvature + rounding < 0:
        return (
            f"Not {shape} here: the {jump.kind} jumps, and beside the point a direction of {opposite} curvature "
            f"was found ({jump.nearby_curvature:.3g})."
        )
    return None
