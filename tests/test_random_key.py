"""An integer seed is accepted wherever a key is, and what is neither is refused in one sentence."""

import inspect
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import (
    Problem,
    connectivity,
    curvature,
    descend,
    directions,
    games,
    optimization,
    span,
    spectrum,
    tradeoffs,
)
from landscapes.connectivity.permutation_matching import match_units
from landscapes.curvature.convexity import convexity_map
from landscapes.curvature.critical_point_search import critical_points
from landscapes.curvature.edge_of_stability import stability
from landscapes.curvature.layer_blocks import blocks
from landscapes.curvature.sharpness_measures import sharpness
from landscapes.curvature.symmetries import Units
from landscapes.curvature.trace_estimate import trace
from landscapes.directions.line_bands import band
from landscapes.games.game_jacobian import jacobian
from landscapes.random_key import as_key
from landscapes.slices.random_directions import filter_normalized, gaussian, layer_normalized
from tests import game_problems

W = np.array([[0.3, -0.2], [0.5, 1.0]], np.float32)
X = np.arange(10, dtype=np.float32).reshape(5, 2)
PROBLEM = Problem.from_loss(lambda w, x: jnp.mean(jnp.sin(x @ w)), W, X)
LINE = span(W, np.ones((1, 2, 2), np.float32))

SQUARES = [np.random.default_rng(i).normal(size=(6, 6)).astype(np.float32) for i in range(4)]
CHAIN = {str(i): {"kernel": square} for i, square in enumerate(SQUARES)}
SHUFFLED = {str(i): {"kernel": square[::-1] + square.T} for i, square in enumerate(SQUARES)}
GROUPS = [Units((f"{i}/kernel",), (f"{i + 1}/kernel",), False) for i in range(3)]

TAKE_A_KEY = {
    "from_loss": lambda key: Problem.from_loss(lambda w, key: jnp.sum(w), W, key=key),
    "descend": lambda key: descend(PROBLEM, "sgd", 2, batch_size=2, key=key).loss,
    "gaussian": lambda key: gaussian(PROBLEM, (), key, 1),
    "layer-normalized": lambda key: layer_normalized(PROBLEM, (), key, 1),
    "filter-normalized": lambda key: filter_normalized(PROBLEM, (), key, 1),
    "trace": lambda key: trace(PROBLEM, key, 2).value,
    "spectrum": lambda key: spectrum(PROBLEM, key),
    "band": lambda key: band(PROBLEM, "gaussian", 1.0, key, lines=2, points=5),
    "blocks": lambda key: blocks(PROBLEM, key),
    "convexity map": lambda key: convexity_map(PROBLEM, LINE, 1.0, key=key),
    "critical points": lambda key: critical_points(PROBLEM, 1.0, key=key),
    "sharpness": lambda key: sharpness(PROBLEM, key),
    "stability": lambda key: stability(PROBLEM, descend(PROBLEM, "sgd", 2), ("sgd", {}), key=key, steps=2),
    "match units": lambda key: match_units(CHAIN, SHUFFLED, GROUPS, key=key).permutations,
    "jacobian": lambda key: jacobian(game_problems.quadratic()[0], key=key),
}
COMPARED = ("descend", "gaussian", "layer-normalized", "filter-normalized", "trace")


@pytest.mark.parametrize("name", COMPARED)
def test_integer_seed_draws_what_its_key_draws(name):
    seeded, keyed, other = (TAKE_A_KEY[name](key) for key in (3, jax.random.key(3), 4))
    np.testing.assert_array_equal(seeded, keyed)
    assert not np.array_equal(seeded, other)


@pytest.mark.parametrize(
    "key", [0.5, "0", True, [1, 2], np.zeros(2, np.float32), jax.random.split(jax.random.key(0))]
)
def test_what_is_no_key_is_refused(key):
    with pytest.raises(
        ValueError, match=r"is no random key; give one, such as jax\.random\.key\(0\), or an integer"
    ):
        as_key(key)


@pytest.mark.parametrize("name", TAKE_A_KEY)
def test_every_key_argument_refuses_other_values(name):
    with pytest.raises(ValueError, match=re.escape("key = 0.5 is no random key; give one")):
        TAKE_A_KEY[name](0.5)


def test_measures_need_no_key():
    np.testing.assert_array_equal(trace(PROBLEM, probes=2).value, trace(PROBLEM, 0, 2).value)
    wings = (curvature, connectivity, games, optimization, tradeoffs)
    functions = {name: getattr(wing, name) for wing in wings for name in wing.__all__}
    functions |= {"band": directions.band, "bands": directions.bands}
    for name, function in functions.items():
        if inspect.isfunction(function) and "key" in (arguments := inspect.signature(function).parameters):
            assert arguments["key"].default in (0, None), name


def test_negative_seeds_are_seeds_of_their_own():
    keys = {jax.random.key_data(as_key(seed)).tobytes() for seed in (-3, -1, 0, 1, 3)}
    assert len(keys) == 5
