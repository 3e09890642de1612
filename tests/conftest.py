"""Shared test settings: warnings are errors (pyproject.toml), rank promotion raises, shapes are checked."""

import os

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

# Most of the suite's time is XLA compiling small programs once: at its lowest level of optimization that takes a
# quarter less. XLA reads its flags once, here; what a test starts as a program of its own is optimized as ever.
LEVEL = "--xla_backend_optimization_level=0"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {LEVEL}".strip()

# Whatever a test compiles first, XLA has the program's own flags by then.
import landscapes  # noqa: E402, F401

jax.jit(lambda x: x + 1)(0.0)
os.environ["XLA_FLAGS"] = os.environ["XLA_FLAGS"].replace(LEVEL, "").strip()

jax.config.update("jax_numpy_rank_promotion", "raise")
