"""The members of a karate club, of which a few have a label.

Inputs are of the kind "nodes": x["N 34"], each member one-hot. The friendships are constants of the model that
reads them (`models.graph`), so that a batch of members is a batch of examples as any other.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Interval

from .data import Data, Dataset, split, standardized

MEMBERS = 34
# Zachary 1977: who stayed with the instructor, counted from 1. The others went with the officer.
INSTRUCTOR = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22)


def karate_club(
    seed: int, *, examples: Annotated[int, Interval(ge=2, le=20), "members whose label is known"] = 4
) -> Data:
    """Whom each member followed when the club split. Fourteen of them are for testing."""
    labels = np.array([member not in INSTRUCTOR for member in range(1, MEMBERS + 1)], np.int64)
    train, test = split(labels, seed, share=0.4, examples=examples)
    x = np.eye(MEMBERS)
    first, second = ({"x": x[each], "y": labels[each]} for each in (train, test))
    return standardized(first, second, 2, scaled=True)


DATASETS = {"karate-club": Dataset(karate_club, "nodes", "classes", "Karate club", "Zachary 1977", unit="members")}
