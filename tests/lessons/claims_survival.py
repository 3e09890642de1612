"""The claims of lessons on survival: see `test_sentences`."""

from typing import Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

from tests.lessons.lesson_values import built, setting


def least_eigenvalue() -> float:
    problem = built("risks")
    start, unravel = ravel_pytree(problem.params)
    return float(np.linalg.eigvalsh(jax.hessian(lambda flat: problem.loss(unravel(flat)))(start))[0])


CLAIMS: dict[str, dict[str, Any]] = {
    "risks": {
        "150": lambda: [setting("risks", "data", "examples")],
        "three": lambda: [built("risks").data["x"].shape[1]],
        "0": lambda: [least_eigenvalue()],
    }
}
WORDS: dict[str, dict[str, Any]] = {}
POINTS: dict[str, dict[str, Any]] = {}
