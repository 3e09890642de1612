"""Divergence: which part of several runs a picture is made around when some of them leave for infinity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import jax
import numpy as np

from landscapes.optimization.trajectory import Trajectory

# Where every run diverged, a picture holds each of them up to this multiple of the loss at the start.
FAR_LOSS = 10.0


def without_divergence(paths: Mapping[str, Trajectory]) -> dict[str, Trajectory]:
    """The runs that a picture is made around: those that did not diverge. Where all did, each one up to the first
    snapshot whose loss is beyond `FAR_LOSS` times that of the start."""
    kept = {label: path for label, path in paths.items() if path.outcome.kind != "diverged"}
    return kept or {label: _before_divergence(path) for label, path in paths.items()}


def _before_divergence(path: Trajectory) -> Trajectory:
    losses = np.abs([path.loss, *path.terms.values()])[:, path.steps]
    limits = FAR_LOSS * np.maximum(losses[:, :1], 1)
    far = np.flatnonzero(np.any(losses > limits, axis=0))
    # Two snapshots at least: one point is no path.
    count = max(2, int(far[0])) if far.size else len(path.steps)
    last = int(path.steps[:count][-1]) + 1
    return replace(
        path,
        steps=path.steps[:count],
        params=jax.tree.map(lambda leaf: leaf[:count], path.params),
        loss=path.loss[:last],
        gradient_norm=path.gradient_norm[:last],
        terms={name: row[:last] for name, row in path.terms.items()},
        evaluations=None if path.evaluations is None else path.evaluations[:last],
        final_loss=float(path.loss[:last][-1]),
        final_terms={name: float(row[:last][-1]) for name, row in path.terms.items()},
    )
