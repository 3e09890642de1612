"""Stochastic Lanczos quadrature: Gauss nodes and weights of the spectral measures of random probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.hessian import jitted_linearize
from landscapes.evaluation.devices import copy_to_devices, mesh_for
from landscapes.problem import Problem

LANCZOS_STEPS = 80  # per probe, which give as many Gauss nodes
PROBES_PER_DEVICE = 4  # whose products form one batch


def quadrature(
    problem: Problem, point: Any, key: Any, probes: int, report: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Gauss nodes and weights of the spectral measure of each probe, ["R m"] each, at a flat point.

    The weights of a probe are the squared *first components* of the eigenvectors of its projected matrix (Golub &
    Meurant 2010; Ghorbani et al. 2019). After breakdown the measure of the probe is exact; the other nodes of its
    row have weight zero.
    """
    n = point.size
    count, mesh = min(LANCZOS_STEPS, n), mesh_for(problem.loss, problem.params)
    pace, hessian = lanczos.Pace(), copy_to_devices(jitted_linearize(problem, point))
    nodes, weights = np.zeros((probes, count)), np.zeros((probes, count))
    group = PROBES_PER_DEVICE * (mesh.size if mesh is not None else 1)
    for first in range(0, probes, group):
        # The group is always full, so that the program does not depend on the number of probes.
        keys = jax.vmap(jax.random.fold_in, in_axes=(None, 0))(key, jnp.arange(first, first + group))
        basis = lanczos.empty_basis(lanczos.random_unit_vectors(keys, n, point.dtype), count)
        size, last_size = 0, -1
        while last_size < size < count:
            basis = pace.extend(hessian, basis, count, mesh)
            last_size, size = size, int(basis.size)
            report((first + group * size / count) / (probes + group))
        for row, matrix in enumerate(np.asarray(basis.projected)[: probes - first, :size, :size], first):
            pairs = rayleigh_ritz.ritz_pairs(matrix, {})
            nodes[row, :size], weights[row, :size] = pairs.values, pairs.coefficients[0] ** 2
    return nodes, weights
