"""Value iteration: the best that any policy can do in a process that is written out.

With a temperature τ > 0 the entropy of the policy counts too, and the best policy is a softmax,

    V(s) = τ ln Σ_a e^{Q(s,a)/τ},   Q(s,a) = r(s,a) + γ Σ_s′ P(s′|s,a)V(s′),   π*(a|s) ∝ e^{Q(s,a)/τ},

(Ziebart 2010; Haarnoja et al. 2017, arXiv:1702.08165); with τ = 0, V(s) = max_a Q(s,a) (Bellman 1957).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from objectives.data import Examples

# Sweeps until nothing changes by more than this, or this many: γ = 0.999 needs 28,000.
CLOSE, MOST = 1e-13, 100_000


def plan(
    process: Examples, temperature: float = 0.0, horizon: int | None = None
) -> tuple[float, Float[np.ndarray, "S A"]]:
    """The largest μᵀV and the values Q of the actions under the best policy, in float64.

    Args:
        process: see `objectives.environments`.
        temperature: τ ≥ 0, the worth of a nat of entropy.
        horizon: steps after which every episode ends; None for no limit. Q is then that of the first step.
    """
    rewards, transitions, start = (process[name].astype(float) for name in ("rewards", "transitions", "start"))
    discount = float(process["discount"][0])
    values, action_values = np.zeros(len(start)), rewards
    for _ in range(MOST if horizon is None else horizon):
        action_values = rewards + discount * transitions @ values
        best = np.max(action_values, axis=1)
        if temperature > 0:
            excess = (action_values - best[:, None]) / temperature
            best = best + temperature * np.log(np.sum(np.exp(excess), axis=1))
        change, values = np.max(np.abs(best - values)), best
        if horizon is None and change <= CLOSE * max(1.0, float(np.max(np.abs(values)))):
            break
    return float(start @ values), action_values
