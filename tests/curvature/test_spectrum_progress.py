"""A spectrum reports its progress, may be cancelled, and compiles once for all keys, points and data."""

import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.hessian_spectrum import spectrum
from tests.problems import normal

KEY = jax.random.key(0)


@pytest.fixture(autouse=True)
def lanczos(monkeypatch):
    """Uses Lanczos for problems of more than 100 parameters."""
    monkeypatch.setattr(
        importlib.import_module("landscapes.curvature.hessian_spectrum"), "MAX_DENSE_PARAMETERS", 100
    )


def _diagonal(p, diagonal):
    return 0.5 * jnp.sum(diagonal * p**2)


class Stop(Exception):
    pass


@pytest.mark.parametrize("size", [30, 120])
def test_progress_rises_and_may_cancel(size):
    problem = Problem.from_loss(_diagonal, np.zeros(size), np.linspace(-1, 3, size))
    reports = []
    spectrum(problem, KEY, tolerance=1e-2, progress=lambda fraction, partial: reports.append((fraction, partial)))
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] <= 1
    partial = [p for _, p in reports if p is not None]
    assert all(len(p.eigenvalues) == len(p.errors) and not np.any(p.converged) for p in partial)

    def cancel(fraction, partial):
        # The precision of the caller, not of the problem.
        assert jnp.zeros(()).dtype == jnp.float32
        raise Stop

    with pytest.raises(Stop):
        spectrum(problem, KEY, progress=cancel)
    assert jnp.zeros(()).dtype == jnp.float32


TRACES = []


def _counted(p, diagonal):
    TRACES.append(1)
    return 0.5 * jnp.sum(diagonal * jnp.cos(p))


@pytest.mark.parametrize("size", [20, 120])
def test_other_key_point_or_data_traces_nothing(size):
    both = [Problem.from_loss(_counted, normal(s, size), normal(s + 5, size)) for s in (0, 1)]
    spectrum(both[0], KEY, tolerance=1e-2)
    before = len(TRACES)
    spectrum(both[0], jax.random.key(7), params=normal(3, size), tolerance=1e-3)
    spectrum(both[1], KEY, top=2, bottom=0, tolerance=1e-3)
    assert len(TRACES) == before
