"""Pairs of completions, and objectives where the scores of the completions are the only parameters."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.objectives import OBJECTIVES


def pairs(chosen, rejected, reference, **rewards):
    n = len(reference)
    nothing = np.zeros(n)
    given = {"learned": nothing, "truth": nothing} | {k: np.asarray(v, float) for k, v in rewards.items()}
    return {"x": np.zeros((n, 1)), "reference": np.asarray(reference, float), "chosen": np.array(chosen),
            "rejected": np.array(rejected), **given}  # fmt: skip


def repeated_pair(p, count=20):
    """One pair with uniform reference whose first completion is chosen in a share p of the comparisons."""
    wins = round(p * count)
    return pairs([0] * wins + [1] * (count - wins), [1] * wins + [0] * (count - wins), np.log([0.5, 0.5]))


def terms(name, tilt, batch, key=None, **knobs):
    """The terms where the model's scores are `tilt`, its only parameters."""
    numbers = {knob: value for knob, value in knobs.items() if isinstance(value, float)}
    static = tuple((knob, value) for knob, value in knobs.items() if knob not in numbers)
    return _terms(name, static, jnp.asarray(tilt, float), batch, key, numbers)


@partial(jax.jit, static_argnums=(0, 1))
def _terms(name, static, tilt, batch, key, numbers):
    return OBJECTIVES[name].terms(lambda p, *_: p[:, None], tilt, {}, batch, key, **dict(static), **numbers)
