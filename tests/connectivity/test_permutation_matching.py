"""Matching of hidden units, against all permutations and against known shuffles."""

import itertools

import jax
import numpy as np
import pytest

from landscapes.connectivity.permutation_matching import match_units
from landscapes.curvature.symmetries import Units, permute_units
from tests.problems import normal

HIDDEN = Units(("first/kernel", "first/bias"), ("second/kernel",))


def test_matching_finds_best_of_all_permutations():
    first, second = (
        {
            "first": {"kernel": normal(seed, 5, 4), "bias": normal(seed + 1, 4)},
            "second": {"kernel": normal(seed + 2, 4, 3), "bias": normal(seed + 3, 3)},
        }
        for seed in (60, 70)
    )
    matching = match_units(first, second, [HIDDEN])

    def distance(params):
        pairs = zip(jax.tree.leaves(first), jax.tree.leaves(params), strict=True)
        return np.sqrt(sum(np.sum((a - b) ** 2) for a, b in pairs))

    distances = [
        distance(permute_units(second, HIDDEN, np.array(order))) for order in itertools.permutations(range(4))
    ]
    assert matching.distance_after == pytest.approx(min(distances), rel=1e-12)
    assert matching.distance_before == pytest.approx(distance(second), rel=1e-12)
    np.testing.assert_array_equal(
        matching.params["first"]["kernel"],
        permute_units(second, HIDDEN, matching.permutations[0])["first"]["kernel"],
    )


@pytest.mark.parametrize("residual", [False, True])
def test_matching_undoes_shuffled_layers(residual):
    widths = [6, 9, 9, 9, 4]
    params = {f"layer{k}": {"kernel": normal(80 + k, widths[k], widths[k + 1])} for k in range(4)}
    names = [f"layer{k}/kernel" for k in range(4)]
    if residual:  # a residual stream is one group, which the inner layers both read and write
        units = [Units(tuple(names[:-1]), tuple(names[1:]))]
    else:
        units = [Units((writer,), (reader,)) for writer, reader in itertools.pairwise(names)]
    shuffled = params
    for group in units:
        shuffled = permute_units(shuffled, group, np.random.default_rng(7).permutation(9))
    matching = match_units(params, shuffled, units)
    assert matching.distance_before > 1
    assert matching.distance_after == 0
    assert match_units(params, shuffled, units, key=5).distance_after == 0


def test_permutations_of_several_layers_give_the_matched_parameters():
    # Unrelated networks: a layer is permuted again after its neighbours have been.
    units = [Units((f"{k}/kernel",), (f"{k + 1}/kernel",)) for k in range(3)]
    first, second = ({str(k): {"kernel": normal(seed + k, 6, 6)} for k in range(4)} for seed in (10, 20))
    matching = match_units(first, second, units)
    result = second
    for group, order in zip(units, matching.permutations, strict=True):
        result = permute_units(result, group, order)
    jax.tree.map(np.testing.assert_array_equal, result, matching.params)
    assert matching.distance_after < matching.distance_before


def test_matching_without_hidden_units_is_refused():
    params = {"first": {"kernel": normal(1, 3, 2)}}
    with pytest.raises(ValueError, match="no hidden units to match"):
        match_units(params, params, [])


def test_networks_that_point_away_from_each_other_are_matched_too():
    """Their inner product is negative before and after."""
    first = {"first": {"kernel": np.diag([3.0, 1.0])}, "second": {"kernel": np.eye(2)}}
    second = {"first": {"kernel": np.array([[-9.0, -1.0], [-1.0, -1e-3]])}, "second": {"kernel": -np.ones((2, 2))}}
    units = Units(("first/kernel",), ("second/kernel",))
    matching = match_units(first, second, [units])
    assert matching.permutations[0].tolist() == [1, 0]
    assert matching.distance_after < matching.distance_before
    (tiny,) = match_units(first, jax.tree.map(np.zeros_like, second), [units]).permutations
    assert tiny.tolist() == [0, 1]
