"""Stochastic Lanczos quadrature: Gauss nodes and weights of the spectral measure of random probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.hessian import linearized
from landscapes.evaluation.devices import copy_to_devices, mesh_for
from landscapes.problem import Problem

STEPS = 80  # Gauss nodes per probe
GROUP = 4  # probes whose products are batched, on each device


def quadrature(
    problem: Problem, point: Any, key: Any, probes: int, report: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Stochastic Lanczos quadrature (Golub & Meurant 2010; Ghorbani et al. 2019): nodes and weights ["R m"].

    A probe's weights are the squared *first components* of its projected matrix' eigenvectors. A chain that
    breaks down has found the exact measure of its probe; its row goes on with nodes of weight zero.
    """
    n = point.size
    count, mesh = min(STEPS, n), mesh_for(problem.loss, problem.params)
    pace, hessian = lanczos.Pace(), copy_to_devices(linearized(problem, point))
    nodes, weights = np.zeros((probes, count)), np.zeros((probes, count))
    group = GROUP * (mesh.size if mesh is not None else 1)
    for first in range(0, probes, group):
        # Always a whole group, so that the number of probes is never a shape of the program.
        keys = jax.vmap(jax.random.fold_in, in_axes=(None, 0))(key, jnp.arange(first, first + group))
        basis = lanczos.empty_basis(lanczos.random_unit_vectors(keys, n, point.dtype), count)
        size, before = 0, -1
        while before < size < count:
            basis = pace.extend(hessian, basis, count, mesh)
            before, size = size, int(basis.size)
            report((first + group * size / count) / (probes + group))
        for row, matrix in enumerate(np.asarray(basis.projected)[: probes - first, :size, :size], first):
            found = rayleigh_ritz.ritz_pairs(matrix, {})
            nodes[row, :size], weights[row, :size] = found.values, found.coefficients[0] ** 2
    return nodes, weights
