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

# Most of a test's time is XLA compiling what runs for a millisecond; its older emitter of fused loops and fewer
# passes of LLVM halve that. What a user has set comes last, and holds.
QUICKLY = "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=1"
os.environ["XLA_FLAGS"] = f"{QUICKLY} {os.environ.get('XLA_FLAGS', '')}".strip()

# Whatever a test compiles first, XLA has its flags by then.
import landscapes  # noqa: E402, F401

jax.config.update("jax_numpy_rank_promotion", "raise")
