"""The karate club: one-hot members, both factions in both parts, and none in both."""

import numpy as np

from landscapes.objectives.graph import DATASETS


def test_members_are_one_hot_and_in_one_part():
    data = DATASETS["karate-club"].load(1)
    members = [np.argmax(part["x"], axis=1) for part in (data.train, data.test)]
    assert [len(each) for each in members] == [4, 14]
    assert not set(members[0]) & set(members[1])
    for part in (data.train, data.test):
        np.testing.assert_array_equal(part["x"].sum(axis=1), 1)
        assert set(part["y"]) == {0, 1}
    # The instructor is member 1, the officer member 34.
    whole = DATASETS["karate-club"].load(1, examples=20)
    assert len(whole.train["y"]) == 20
    assert np.bincount(np.concatenate([whole.train["y"], whole.test["y"]])).tolist() == [17, 17]
