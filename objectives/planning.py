"""Value iteration: the largest return of any policy in a process with known transitions.

With a temperature τ > 0 the entropy of the policy is part of the return, and the optimal policy is a softmax,

    V(s) = τ ln Σ_a e^{Q(s,a)/τ},   Q(s,a) = r(s,a) + γ Σ_s′ P(s′|s,a)V(s′),   π*(a|s) ∝ e^{Q(s,a)/τ},

(Ziebart 2010; Haarnoja et al. 2017, arXiv:1702.08165); with τ = 0, V(s) = max_a Q(s,a) (Bellman 1957).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from .data import Examples

TOLERANCE = 1e-13  # relative change of the values at which the sweeps stop
MAX_SWEEPS = 100_000  # γ = 0.999 needs 28,000


def plan(
    process: Examples, temperature: float = 0.0, horizon: int | None = None
) -> tuple[float, Float[np.ndarray, "S A"]]:
    """The largest μᵀV, and the action values Q of the optimal policy, in float64.

    Args:
        process: see `objectives.environments`.
        temperature: τ ≥ 0, the reward per nat of entropy.
        horizon: number of steps after which every episode ends, or None. With a horizon, Q is that of the first
            step.
    """
    rewards, transitions, start = (process[name].astype(float) for name in ("rewards", "transitions", "start"))
    discount = float(process["discount"][0])
    values, action_values = np.zeros(len(start)), rewards
    for _ in range(MAX_SWEEPS if horizon is None else horizon):
        action_values = rewards + discount * transitions @ values
        best = np.max(action_values, axis=1)
        if temperature > 0:
            excess = (action_values - best[:, None]) / temperature
            best = best + temperature * np.log(np.sum(np.exp(excess), axis=1))
        change, values = np.max(np.abs(best - values)), best
        if horizon is None and change <= TOLERANCE * max(1.0, float(np.max(np.abs(values)))):
            break
    return float(start @ values), action_values
