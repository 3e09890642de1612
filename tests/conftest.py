"""Shared test settings: warnings are errors (pyproject.toml), rank promotion raises, shapes are checked."""

from pathlib import Path

import jax
from jaxtyping import install_import_hook

# Shapes in signatures are checked by beartype here, and only here.
install_import_hook(
    [
        "landscapes.plane",
        "landscapes.problem",
        "landscapes.surface",
        "landscapes.spectrum",
        "landscapes.trajectory",
        "landscapes.directions",
        "landscapes.projection",
    ],
    "beartype.beartype",
)

# Whatever a test compiles first, XLA has its flags by then.
import landscapes  # noqa: E402, F401
from landscapes.compilation import keep_compiled  # noqa: E402

# Compiling is most of what the suite does: the workers share their programs, and the next run finds them.
keep_compiled(Path(__file__).parents[1] / ".cache" / "compiled")

jax.config.update("jax_numpy_rank_promotion", "raise")
