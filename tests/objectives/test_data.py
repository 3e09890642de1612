"""Standardization of examples."""

import numpy as np
import pytest

from landscapes.objectives.data import split, standardized

TRAIN = {"x": np.array([[0.0, 5.0], [4.0, 5.0]]), "y": np.array([[1.0], [5.0]])}
TEST = {"x": np.array([[6.0, 7.0]]), "y": np.array([[9.0]])}


def test_mean_and_deviation_are_those_of_the_training_examples():
    result = standardized(TRAIN, TEST, None)
    np.testing.assert_array_equal(result.train["x"], [[-1, 0], [1, 0]])
    np.testing.assert_array_equal(result.test["x"], [[2, 2]])  # a constant column is only shifted
    np.testing.assert_array_equal(result.train["y"], [[-1], [1]])
    np.testing.assert_array_equal(result.test["y"], [[3]])
    assert {array.dtype for part in (result.train, result.test) for array in part.values()} == {
        np.dtype(np.float32)
    }
    assert result.input_shape == (2,)
    with pytest.raises(ValueError, match="read-only"):
        result.train["x"][0] = 0


def test_scaled_inputs_counts_and_labels_stay():
    counted = standardized(TRAIN, TEST, None, scaled=True, counts=True)
    np.testing.assert_array_equal(counted.train["x"], TRAIN["x"])
    np.testing.assert_array_equal(counted.test["y"], TEST["y"])
    labels = standardized({**TRAIN, "y": np.array([0, 1])}, {**TEST, "y": np.array([2])}, 3)
    np.testing.assert_array_equal(labels.test["y"], [2])
    assert (labels.train["y"].dtype, labels.classes) == (np.int32, 3)


def test_a_split_has_the_share_of_each_class_rounded_up():
    labels = np.repeat([0, 1], [24, 16])
    train, test = split(labels, 3, share=0.23)
    assert (len(train), len(test)) == (30, 10)
    assert sorted([*train, *test]) == list(range(40))
    np.testing.assert_array_equal(np.bincount(labels[test]), [6, 4])
    fewer, same = split(labels, 3, share=0.23, examples=7)
    np.testing.assert_array_equal(fewer, train[:7])
    np.testing.assert_array_equal(same, test)
    assert not np.array_equal(split(labels, 4, share=0.23)[1], test)
