"""Entries: which data an objective can be fitted to."""

import re

import jax
import pytest

import landscapes.objectives as objectives
from landscapes.objectives import DATASETS, OBJECTIVES


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def test_compatibility_follows_from_kinds():
    fits = objectives.compatible(OBJECTIVES, DATASETS["diabetes"])
    assert "squared-error" in fits
    assert "cross-entropy" not in fits
    sentence = "cross-entropy needs class labels, but diabetes has real targets; choose squared-error, "
    with pytest.raises(ValueError, match=re.escape(sentence)):
        objectives.check(OBJECTIVES, "cross-entropy", "diabetes", DATASETS["diabetes"])
    with pytest.raises(ValueError, match="there is no objective 'mse'; for iris choose cross-entropy"):
        objectives.check(OBJECTIVES, "mse", "iris", DATASETS["iris"])
    entry = objectives.check(OBJECTIVES, "hinge", "iris", DATASETS["iris"])
    assert entry is OBJECTIVES["hinge"]
    assert entry.fits.outputs(DATASETS["iris"].load(0)) == 3
    assert OBJECTIVES["huber"].fits.outputs(DATASETS["sine"].load(0)) == 1


def test_an_objective_may_ask_for_one_kind_of_inputs():
    fits = objectives.Fits({"classes"}, {"image"})
    entry = objectives.Entry("", OBJECTIVES["hinge"].terms, {}, objectives.Page("", ""), fits)
    with pytest.raises(ValueError, match="x needs image inputs, but iris has vector inputs; choose hinge"):
        objectives.check({"x": entry, "hinge": OBJECTIVES["hinge"]}, "x", "iris", DATASETS["iris"])
