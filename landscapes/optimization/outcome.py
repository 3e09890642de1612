"""How a run of an optimizer ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    No run is called converged: the gradient is as small on a plateau or at a saddle as at a minimum, and no
    threshold tells them apart. `gradient_norm` and the spectrum say more.

    Attributes:
        kind: "finished" after all steps; "diverged" at the first point where parameters, loss or gradient are not
            finite, or the loss is worse than at the start by 10⁸·max(1, |L(θ₀)|); "running" in a partial result.
        step: updates taken when the run ended, the one that diverged included.
        note: one sentence.
    """

    kind: Literal["finished", "diverged", "running"]
    step: int
    note: str
