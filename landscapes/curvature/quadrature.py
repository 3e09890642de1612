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
from landscapes.evaluation.processes import each_piece
from landscapes.evaluation.result_directory import ResultDirectory
from landscapes.problem import Problem

LANCZOS_STEPS = 80  # per probe, which give as many Gauss nodes
PROBES_PER_DEVICE = 4  # whose products form one batch


def quadrature(
    problem: Problem,
    point: Any,
    key: Any,
    probes: int,
    report: Callable[[float], None],
    results: ResultDirectory | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Gauss nodes and weights of the spectral measure of each probe, ["R m"] each, at a flat point.

    The weights of a probe are the squared *first components* of the eigenvectors of its projected matrix (Golub &
    Meurant 2010; Ghorbani et al. 2019). After breakdown the measure of the probe is exact; the other nodes of its
    row have weight zero. Probes are computed in groups. With a directory each finished group is written, and
    several processes share them.
    """
    n = point.size
    count, mesh = min(LANCZOS_STEPS, n), mesh_for(problem.loss, problem.params)
    segments, hessian = lanczos.AdaptiveSegments(), None
    nodes, weights = np.zeros((probes, count)), np.zeros((probes, count))
    group = PROBES_PER_DEVICE * (mesh.size if mesh is not None else 1)
    firsts, done = range(0, probes, group), 0.0
    names = [f"probes-{first}" for first in firsts]
    for number in each_piece(results, names):
        if number is None:
            report(done)
            continue
        first = firsts[number]
        rules = {} if results is None else results.read(names[number])
        if not rules:
            # The group is always full, so that the program does not depend on the number of probes.
            keys = jax.vmap(jax.random.fold_in, in_axes=(None, 0))(key, jnp.arange(first, first + group))
            basis = lanczos.empty_basis(lanczos.random_unit_vectors(keys, n, point.dtype), count)
            hessian = copy_to_devices(jitted_linearize(problem, point)) if hessian is None else hessian
            size, last_size = 0, -1
            while last_size < size < count:
                basis = segments.extend(hessian, basis, count, mesh)
                last_size, size = size, int(basis.size)
                done = (first + group * size / count) / (probes + group)
                report(done)
            rules = {"nodes": np.zeros((group, count)), "weights": np.zeros((group, count))}
            for row, matrix in enumerate(np.asarray(basis.projected)[:, :size, :size]):
                pairs = rayleigh_ritz.ritz_pairs(matrix, {})
                rules["nodes"][row, :size], rules["weights"][row, :size] = pairs.values, pairs.coefficients[0] ** 2
            if results is not None:
                results.write(names[number], rules)
        rows = slice(first, min(first + group, probes))
        nodes[rows], weights[rows] = rules["nodes"][: probes - first], rules["weights"][: probes - first]
    return nodes, weights
