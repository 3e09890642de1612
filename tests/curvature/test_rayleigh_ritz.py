"""Decompositions of projected matrices run on one BLAS thread."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from landscapes.curvature.rayleigh_ritz import ritz_pairs


def blas_threads():
    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_decomposition_uses_one_thread_and_restores_the_limit(monkeypatch):
    def eigh(matrix):
        during.append(blas_threads())
        return np.zeros(len(matrix)), matrix

    during = []
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        monkeypatch.setattr(np.linalg, "eigh", eigh)
        ritz_pairs(np.eye(3), {})
        assert blas_threads() == before
    assert set(during[0].values()) == {1} != set(before.values())
