"""Pairs of completions, and objectives where the scores of the completions are the only parameters."""

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
    arrays = {name: jnp.asarray(array) for name, array in batch.items()}
    return OBJECTIVES[name].terms(lambda p, *_: p[:, None], jnp.asarray(tilt, float), {}, arrays, key, **knobs)
