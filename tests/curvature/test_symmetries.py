"""What leaves a network's function as it is: on parameters whose arrays one can follow by hand."""

import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.connectivity.permutation_matching import match_units
from landscapes.curvature.symmetries import Units, check_same, permuted, rescaled, similarity
from landscapes.recipes import catalog
from tests import problems
from tests.problems import normal

HIDDEN = Units(("first/kernel", "first/bias"), ("second/kernel",))


def test_units_change_places_and_rescale():
    params = problems.mlp().params
    order = np.array([2, 0, 3, 1])
    moved = permuted(params, HIDDEN, order)
    np.testing.assert_array_equal(moved["first"]["kernel"], np.asarray(params["first"]["kernel"])[:, order])
    np.testing.assert_array_equal(moved["second"]["kernel"], np.asarray(params["second"]["kernel"])[order])
    scaled = rescaled(params, HIDDEN, 4.0)
    np.testing.assert_array_equal(scaled["first"]["kernel"], 4 * np.asarray(params["first"]["kernel"]))
    np.testing.assert_array_equal(scaled["second"]["kernel"], np.asarray(params["second"]["kernel"]) / 4)
    np.testing.assert_array_equal(scaled["second"]["bias"], params["second"]["bias"])
    for other in (moved, scaled):
        check_same(problems.mlp(), other)


def test_channels_of_flattened_pixels_are_read_pixel_by_pixel():
    # Two pixels of three channels are six rows: pixel 0's channels, then pixel 1's.
    params = {"conv": normal(0, 3, 3, 2, 3), "output": np.arange(6.0)[:, None] * np.ones(4)}
    moved = permuted(params, Units(("conv",), ("output",)), np.array([2, 0, 1]))
    np.testing.assert_array_equal(moved["output"][:, 0], [2, 0, 1, 5, 3, 4])


def test_rows_of_pytorch_and_equinox_change_places():
    """A convolution of 3 channels over 2 pixels, flattened channel by channel, and a layer of 4 outputs."""
    rows = Units(("conv/weight", "conv/bias"), ("linear/weight", "pool/weight"), layout="out-in")
    params = {
        "conv": {"weight": normal(0, 3, 2, 5, 4), "bias": normal(1, 3)},
        "linear": {"weight": np.ones((4, 1)) * np.arange(6.0)},
        "pool": {"weight": normal(2, 7, 3, 2, 2)},
    }
    order = np.array([2, 0, 1])
    moved = permuted(params, rows, order)
    np.testing.assert_array_equal(moved["conv"]["weight"], params["conv"]["weight"][order])
    np.testing.assert_array_equal(moved["conv"]["bias"], params["conv"]["bias"][order])
    np.testing.assert_array_equal(moved["linear"]["weight"][0], [4, 5, 0, 1, 2, 3])
    np.testing.assert_array_equal(moved["pool"]["weight"], params["pool"]["weight"][:, order])


def test_matching_finds_units_in_either_layout():
    first = {"first": normal(0, 6, 5), "bias": normal(1, 6), "second": normal(2, 3, 6)}
    units = Units(("first", "bias"), ("second",), layout="out-in")
    second = permuted(first, units, np.array([3, 5, 0, 1, 4, 2]))
    found = match_units(first, second, [units])
    assert found.distance_after == 0 < found.distance_before
    for name in first:
        np.testing.assert_array_equal(found.params[name], first[name])
    transposed = [{name: leaf.T for name, leaf in params.items()} for params in (first, second)]
    columns = match_units(transposed[0], transposed[1], [units._replace(layout="in-out")])
    np.testing.assert_array_equal(columns.permutations, found.permutations)


def test_units_in_the_wrong_layout_are_refused():
    params = {"first": normal(0, 6, 5), "second": normal(2, 3, 6)}
    with pytest.raises(ValueError, match=r"'second' of shape \(3, 6\) does not read 5 units in the layout in-out"):
        permuted(params, Units(("first",), ("second",)), np.arange(5))
    with pytest.raises(ValueError, match=r"'first' of shape \(6, 5\) does not write 6 units in the layout in-out"):
        permuted(params, Units(("first",), ("second",)), np.arange(6))


def test_similarity_is_the_inner_product_of_the_networks_as_units_are_paired():
    first, second = (
        problems.mlp().params,
        {
            "first": {"kernel": normal(20, 5, 4), "bias": normal(21, 4)},
            "second": {"kernel": normal(22, 4, 3), "bias": normal(23, 3)},
        },
    )
    order = np.array([1, 3, 0, 2])
    moved = permuted(second, HIDDEN, order)
    inner = sum(
        float(np.sum(np.asarray(first[layer][name]) * moved[layer][name]))
        for layer, name in (("first", "kernel"), ("first", "bias"), ("second", "kernel"))
    )
    found = similarity(first, second, HIDDEN)
    np.testing.assert_allclose(np.sum(found[np.arange(4), order]), inner, rtol=1e-12)


def test_what_changes_the_loss_is_told():
    problem = problems.mlp()
    with pytest.raises(ValueError, match="set the weights of the penalties to 0"):
        check_same(problem, rescaled(problem.params, HIDDEN._replace(reads=()), 2.0))
    with pytest.raises(ValueError, match="'third' is no parameter; choose from first/bias"):
        permuted(problem.params, Units(("third",), ()), np.arange(4))
    with pytest.raises(ValueError, match="give a positive number"):
        rescaled(problem.params, HIDDEN, -1.0)


def test_the_catalog_knows_which_models_have_units():
    def recipe(model, **knobs):
        return Recipe(model=Choice.of(model, **knobs))

    assert [len(group.writes) for group in catalog.units(recipe("mlp", depth=2))] == [2, 2]
    with pytest.raises(ValueError, match="softmax has no hidden units that may change places; choose an mlp"):
        catalog.units(recipe("softmax"))
    with pytest.raises(ValueError, match="only a ReLU layer without normalization rescales"):
        catalog.units(recipe("mlp", activation="tanh"), homogeneous=True)
    with pytest.raises(ValueError, match="a test function has no hidden units"):
        catalog.units(Recipe(objective=Choice("himmelblau")))
