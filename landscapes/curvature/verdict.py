"""What the extreme eigenvalue of a Hessian says about convexity: three states and a sentence."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from landscapes.curvature.gradient_jump import Jump
from landscapes.problem import Sense

# An eigenvalue whose error bar is wider than this share of |λ|max says nothing about a sign.
RESOLUTION = 1e-3

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

State = Literal["convex", "non-convex", "undetermined"]


class Verdict(NamedTuple):
    """What the Hessian at one point says about convexity there.

    `state` is
    - "non-convex" if a direction v with vᵀHv < 0 beyond rounding was found. It need not have converged, since
      every Rayleigh quotient bounds the smallest eigenvalue from above. This is certain.
    - "convex" if the smallest eigenvalue has converged, with an error of at most a thousandth of |λ|max, and
      lies above minus its error: no negative curvature beyond ±error. `strict` says that it lies above plus
      its error. Zero modes are usual in overparametrized models (a shift of all logits, a dead input), so
      "convex" without `strict` is all that floating point can say of many convex problems.
    - "undetermined" otherwise; so also where the Hessian is exactly zero.

    Where the gradient or the second derivative jumps at the point, the Hessian is that of one side or of none. The
    state is then "non-convex" if the loss at the point lies above the mean of its two sides along a direction,
    beyond rounding, or if vᵀHv < 0 at a point beside it, and "undetermined" otherwise.

    For an objective that is maximized read "concave" for convex: `eigenvalue` is then the largest, and the
    sentence says so. The statement is about the Hessian at this point only.
    """

    state: State
    strict: bool
    eigenvalue: float
    error: float
    sentence: str


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
    """The verdict on the smallest eigenvalue (the largest, for an objective that is maximized).

    Args:
        eigenvalue: a Rayleigh quotient.
        error: its error bar.
        converged: whether it is an eigenvalue to within the tolerance, and the extreme one.
        scale: |λ|max.
        rounding: what a product may be off by through rounding alone.
        sense: that of the problem.
        jump: of a derivative at the point.
    """
    if sense == "maximize":
        word, wrong, name, inner = "concave", "positive", "largest", -eigenvalue
    else:
        word, wrong, name, inner = "convex", "negative", "smallest", eigenvalue
    figures = f"{name} eigenvalue {eigenvalue:.3g} ± {error:.1g}"
    if jump is not None:
        proof = _not_convex(jump, word, wrong, rounding, sense)
        state = "undetermined" if proof is None else "non-convex"
        sentence = (
            proof
            or f"Undetermined: the {jump.kind} jumps here, by {jump.size:.3g}, so the Hessian decides nothing."
        )
        return Verdict(state, proof is not None, eigenvalue, error, sentence)
    if scale == 0:
        sentence = "Undetermined: the Hessian is exactly zero here and decides nothing."
        return Verdict("undetermined", False, eigenvalue, error, sentence)
    if inner + rounding < 0:
        # The quotient proves the direction even where the eigenvalue itself is known less well than its sign.
        along = figures if error < abs(eigenvalue) else f"{eigenvalue:.3g} along it, to within {rounding:.1g}"
        sentence = f"Not {word} here: a direction of {wrong} curvature was found ({along})."
        return Verdict("non-convex", True, eigenvalue, error, sentence)
    if not converged or error > RESOLUTION * scale:
        sentence = f"Undetermined: the {name} eigenvalue has not been resolved ({figures})."
        return Verdict("undetermined", False, eigenvalue, error, sentence)
    if inner > error:
        return Verdict("convex", True, eigenvalue, error, f"Strictly {word} here: {figures}.")
    # λ ≥ inner − error, which is below zero by now.
    sign, side = ("−", "below") if sense == "minimize" else ("", "above")
    limit = "0" if inner == error else sign + scientific(error - inner)
    sentence = f"{word.capitalize()} here, as far as can be told: no eigenvalue {side} {limit}."
    return Verdict("convex", False, eigenvalue, error, sentence)


def scientific(value: float) -> str:
    """A positive number to one digit, rounded up: "2·10⁻¹³"."""
    exponent = math.floor(math.log10(value))
    digit = math.ceil(value / 10.0**exponent * (1 - 1e-12))
    if digit == 10:
        digit, exponent = 1, exponent + 1
    return f"{digit}·10{str(exponent).translate(SUPERSCRIPTS)}"


def _not_convex(jump: Jump, word: str, wrong: str, rounding: float, sense: Sense) -> str | None:
    """The sentence for a jump beside which the loss is proved not to be convex; None where it is not."""
    sign = -1 if sense == "maximize" else 1
    if jump.direction is not None:
        before, after = jump.slopes
        both = sign * before > 0 > sign * after
        way, moves = ("the loss falls", "drops") if sign > 0 else ("the objective rises", "rises")
        turn = f"{way} both ways" if both else f"its slope {moves}"
        return (
            f"Not {word} here: the gradient jumps; along one direction {turn} "
            f"(slope {before:.3g} before the point, {after:.3g} after)."
        )
    if sign * jump.beside + rounding < 0:
        return (
            f"Not {word} here: the {jump.kind} jumps, and beside the point a direction of {wrong} curvature was "
            f"found ({jump.beside:.3g})."
        )
    return None
