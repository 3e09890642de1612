"""Shared test settings: warnings are errors (pyproject.toml), rank promotion raises, shapes are checked."""

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

jax.config.update("jax_numpy_rank_promotion", "raise")
