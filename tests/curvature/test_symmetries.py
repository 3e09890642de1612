"""Permuted and rescaled units, on parameters small enough to check by hand."""

import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.connectivity.permutation_matching import match_units
from landscapes.curvature.symmetries import Units, check_same_loss, permute_units, rescale_units, unit_similarity
from landscapes.recipes import catalog
from tests import problems
from tests.problems import normal

HIDDEN = Units(("first/kernel", "first/bias"), ("second/kernel",))


def test_units_permute_and_rescale():
    params = problems.mlp().params
    order = np.array([2, 0, 3, 1])
    permuted = permute_units(params, HIDDEN, order)
    np.testing.assert_array_equal(permuted["first"]["kernel"], np.asarray(params["first"]["kernel"])[:, order])
    np.testing.assert_array_equal(permuted["second"]["kernel"], np.asarray(params["second"]["kernel"])[order])
    rescaled = rescale_units(params, HIDDEN, 4.0)
    np.testing.assert_array_equal(rescaled["first"]["kernel"], 4 * np.asarray(params["first"]["kernel"]))
    np.testing.assert_array_equal(rescaled["second"]["kernel"], np.asarray(params["second"]["kernel"]) / 4)
    np.testing.assert_array_equal(rescaled["second"]["bias"], params["second"]["bias"])
    for other in (permuted, rescaled):
        check_same_loss(problems.mlp(), other)


def test_flattened_channels_are_permuted_in_every_pixel():
    # Two pixels of three channels make six rows: the channels of pixel 0, then those of pixel 1.
    params = {"conv": normal(0, 3, 3, 2, 3), "output": np.arange(6.0)[:, None] * np.ones(4)}
    permuted = permute_units(params, Units(("conv",), ("output",)), np.array([2, 0, 1]))
    np.testing.assert_array_equal(permuted["output"][:, 0], [2, 0, 1, 5, 3, 4])


def test_out_in_layout_permutes_rows():
    """A convolution of 3 channels over 2 pixels, flattened channel by channel, and a layer of 4 outputs."""
    rows = Units(("conv/weight", "conv/bias"), ("linear/weight", "pool/weight"), layout="out-in")
    params = {
        "conv": {"weight": normal(0, 3, 2, 5, 4), "bias": normal(1, 3)},
        "linear": {"weight": np.ones((4, 1)) * np.arange(6.0)},
        "pool": {"weight": normal(2, 7, 3, 2, 2)},
    }
    order = np.array([2, 0, 1])
    permuted = permute_units(params, rows, order)
    np.testing.assert_array_equal(permuted["conv"]["weight"], params["conv"]["weight"][order])
    np.testing.assert_array_equal(permuted["conv"]["bias"], params["conv"]["bias"][order])
    np.testing.assert_array_equal(permuted["linear"]["weight"][0], [4, 5, 0, 1, 2, 3])
    np.testing.assert_array_equal(permuted["pool"]["weight"], params["pool"]["weight"][:, order])


def test_matching_works_in_both_layouts():
    first = {"first": normal(0, 6, 5), "bias": normal(1, 6), "second": normal(2, 3, 6)}
    units = Units(("first", "bias"), ("second",), layout="out-in")
    second = permute_units(first, units, np.array([3, 5, 0, 1, 4, 2]))
    matching = match_units(first, second, [units])
    assert matching.distance_after == 0 < matching.distance_before
    for name in first:
        np.testing.assert_array_equal(matching.params[name], first[name])
    transposed = [{name: leaf.T for name, leaf in params.items()} for params in (first, second)]
    columns = match_units(transposed[0], transposed[1], [units._replace(layout="in-out")])
    np.testing.assert_array_equal(columns.permutations, matching.permutations)


def test_wrong_layout_is_refused():
    params = {"first": normal(0, 6, 5), "second": normal(2, 3, 6)}
    with pytest.raises(ValueError, match=r"'second' of shape \(3, 6\) does not read 5 units in the layout in-out"):
        permute_units(params, Units(("first",), ("second",)), np.arange(5))
    with pytest.raises(ValueError, match=r"'first' of shape \(6, 5\) does not write 6 units in the layout in-out"):
        permute_units(params, Units(("first",), ("second",)), np.arange(6))


def test_similarity_sums_to_inner_product_of_paired_networks():
    first, second = (
        problems.mlp().params,
        {
            "first": {"kernel": normal(20, 5, 4), "bias": normal(21, 4)},
            "second": {"kernel": normal(22, 4, 3), "bias": normal(23, 3)},
        },
    )
    order = np.array([1, 3, 0, 2])
    permuted = permute_units(second, HIDDEN, order)
    inner_product = sum(
        float(np.sum(np.asarray(first[layer][name]) * permuted[layer][name]))
        for layer, name in (("first", "kernel"), ("first", "bias"), ("second", "kernel"))
    )
    similarity = unit_similarity(first, second, HIDDEN)
    np.testing.assert_allclose(np.sum(similarity[np.arange(4), order]), inner_product, rtol=1e-12)


def test_changed_loss_and_bad_units_are_refused():
    problem = problems.mlp()
    with pytest.raises(ValueError, match="set the weights of the penalties to 0"):
        check_same_loss(problem, rescale_units(problem.params, HIDDEN._replace(reads=()), 2.0))
    with pytest.raises(ValueError, match="'third' is no parameter; choose from first/bias"):
        permute_units(problem.params, Units(("third",), ()), np.arange(4))
    with pytest.raises(ValueError, match="give a positive number"):
        rescale_units(problem.params, HIDDEN, -1.0)


def test_catalog_refuses_models_without_units():
    def recipe(model, **knobs):
        return Recipe(model=Choice.of(model, **knobs))

    assert [len(group.writes) for group in catalog.units(recipe("mlp", depth=2))] == [2, 2]
    with pytest.raises(ValueError, match="softmax has no hidden units that may change places; choose an mlp"):
        catalog.units(recipe("softmax"))
    with pytest.raises(ValueError, match="only a ReLU layer without normalization rescales"):
        catalog.units(recipe("mlp", activation="tanh"), homogeneous=True)
    with pytest.raises(ValueError, match="a test function has no hidden units"):
        catalog.units(Recipe(objective=Choice("himmelblau")))
