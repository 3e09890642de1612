"""Diagonal blocks of the Hessian against those of the dense matrix."""

import functools
import importlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.curvature.layer_blocks import Block, blocks
from tests import problems
from tests.error_bars import median_ratio
from tests.hessians import classifier
from tests.problems import normal

KEY = jax.random.key(0)
MODULE = importlib.import_module("landscapes.curvature.layer_blocks")


def _net(p, data):
    hidden = jnp.tanh(data["x"] @ p["low"]["kernel"] + p["low"]["bias"][None])
    return jnp.mean((hidden @ p["high"]["kernel"] - data["y"]) ** 2)


def network(dtype: Any = np.float64, width: int = 4) -> Problem:
    params = {
        "low": {"kernel": normal(0, 3, width), "bias": normal(1, width)},
        "high": {"kernel": normal(2, width, 2)},
    }
    data = {"x": normal(3, 20, 3), "y": normal(4, 20, 2)}
    return Problem.from_loss(_net, jax.tree.map(dtype, params), jax.tree.map(dtype, data))


@pytest.mark.parametrize("method", ["dense", "lanczos"])
def test_blocks_equal_those_of_dense_hessian(monkeypatch, method):
    problem = network()
    hessian = dense_hessian(problem)
    monkeypatch.setattr(MODULE, "MAX_DENSE_PARAMETERS", 0 if method == "lanczos" else 2000)
    # Dictionaries are flattened in the order of their keys: high, then low/bias and low/kernel.
    high, low = blocks(problem, KEY)
    assert (high.name, high.size, low.name, low.size) == ("high", 8, "low", 16)
    leaves = blocks(problem, KEY, by="leaf")
    assert [(leaf.name, leaf.size) for leaf in leaves] == [("high/kernel", 8), ("low/bias", 4), ("low/kernel", 12)]
    edges = ((high, 0, 8), (low, 8, 24), (leaves[1], 8, 12), (leaves[2], 12, 24))
    for block, start, stop in edges:
        values = np.linalg.eigvalsh(hessian[start:stop, start:stop])
        np.testing.assert_allclose(block.ends, values[[0, -1]], atol=1e-10)
        assert block.is_exact == (method == "dense")
        # After as many steps as parameters, the nodes of Lanczos are all distinct eigenvalues.
        nodes = block.nodes[0, block.weights[0] > 0]
        gaps = np.abs(nodes[:, None] - values[None])
        assert max(gaps.min(axis=0).max(), gaps.min(axis=1).max()) < 1e-8
        np.testing.assert_allclose(block.weights.sum(axis=1), 1)
        trace, error = block.trace
        assert abs(trace - values.sum()) <= 1e-9 if method == "dense" else abs(trace - values.sum()) <= 4 * error
        assert block.quantile(0.0) == pytest.approx(values[0], abs=1e-8)
        assert block.quantile(1.0) == pytest.approx(values[-1], abs=1e-8)
    full = spectrum(problem, KEY)
    assert full.eigenvalues[0] <= min(high.ends[0], low.ends[0])
    assert full.eigenvalues[-1] >= max(high.ends[1], low.ends[1])


def random_network(seed, dtype):
    """Layers of 8, 40 and 24 parameters."""
    return classifier(seed, dtype, 5, 8, 3, scale=2.0 ** (seed % 4 - 1))


@functools.cache
def exact_ends(seed):
    """The ends of each layer, as Rayleigh quotients in extended precision."""
    hessian = dense_hessian(random_network(seed, np.float64))
    ends = []
    for start, stop in ((0, 8), (8, 48), (48, 72)):
        block = hessian[start:stop, start:stop]
        vectors = np.linalg.eigh(block)[1][:, [0, -1]].astype(np.longdouble)
        ends.append(np.sum(vectors * (block.astype(np.longdouble) @ vectors), axis=0) / np.sum(vectors**2, axis=0))
    return np.array(ends)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("steps", [0, 8, 20])
def test_ends_lie_within_their_error_bars(monkeypatch, dtype, steps):
    # Fifty networks, dense and by Lanczos: chains of 8 steps, which is too few, and of 20.
    monkeypatch.setattr(MODULE, "MAX_DENSE_PARAMETERS", 0 if steps else 2000)
    monkeypatch.setattr(MODULE, "LANCZOS_STEPS", steps)
    errors, bars = [], []
    for seed in range(50):
        result = blocks(random_network(seed, dtype), jax.random.key(seed))
        assert [block.name for block in result] == ["bias", "first", "second"]
        errors.append(np.abs([block.ends for block in result] - exact_ends(seed)))
        bars.append([block.errors for block in result])
    errors, bars = np.array(errors, float), np.array(bars)
    assert np.all(errors <= bars)
    scales = np.max(np.abs([exact_ends(seed) for seed in range(50)]), axis=2, keepdims=True).astype(float)
    assert median_ratio(bars, errors, scales) <= 100


def test_other_blocks_do_not_retrace(monkeypatch):
    monkeypatch.setattr(MODULE, "MAX_DENSE_PARAMETERS", 0)
    params = {"a": normal(0, 9), "b": normal(1, 9), "c": normal(2, 9)}
    reports = []
    blocks(
        Problem.from_loss(_counted, params), KEY, progress=lambda fraction, part: reports.append((fraction, part))
    )
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert [len(part) for _, part in reports][-1] == 3
    traced = len(TRACES)
    blocks(Problem.from_loss(_counted, params), KEY, by="leaf")
    assert len(TRACES) - traced <= 1  # the check of the shape of the loss when the problem is built


TRACES = []


def _counted(p):
    TRACES.append(1)
    return jnp.sum(jnp.cos(p["a"])) + jnp.sum(p["b"] ** 4) + jnp.sum(p["c"] ** 2)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="Jacobian"):
        blocks(problems.game(), KEY)
    with pytest.raises(ValueError, match="neither 'module' nor 'leaf'"):
        blocks(network(), KEY, by="layer")  # type: ignore[arg-type]  # refused
    with pytest.raises(ValueError, match="loss is not finite"):
        blocks(problems.half_nan(), KEY, params=np.array([0.5, -1.0]))


def test_quantiles_weigh_each_node_by_its_own_weight():
    nodes, weights = np.array([[3.0, 1.0, 2.0], [9.0, 5.0, 7.0]]), np.array([[0.2, 0.5, 0.3], [0.0, 0.0, 1.0]])
    block = Block("layer", 10, np.array([1.0, 9.0]), np.zeros(2), nodes, weights, is_exact=False)
    # Over both probes: 1 with a weight of 0.25, 2 with 0.15, 3 with 0.1, and 7 with 0.5.
    assert [block.quantile(share) for share in (0.24, 0.26, 0.39, 0.41, 0.49, 0.51)] == [1, 2, 2, 3, 3, 7]
