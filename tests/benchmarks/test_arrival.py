"""The rule of the benchmark's verdict, on paths whose ends are known."""

import numpy as np
import pytest

from tests.benchmarks.arrival import of_values

T = np.arange(101)
SETTLED = 1 + 3 * 0.8**T  # from 4 to 1


def judged(values, best=None, sign=1):
    return of_values(values, np.ones(len(values)), best, {}, sign)


@pytest.mark.parametrize(
    ("values", "best", "sign", "sensible"),
    [
        (SETTLED, 1.0, 1, True),
        (SETTLED, 0.7, 1, True),  # 3 of 3.3
        (SETTLED, 0.6, 1, False),  # 3 of 3.4
        (-SETTLED, -0.7, -1, True),
        (-SETTLED, -0.6, -1, False),
        (SETTLED, None, 1, True),
        (-SETTLED, None, -1, True),
        (SETTLED, None, -1, False),  # a reward that fell
        (4.0 - 0.01 * T, None, 1, False),  # still falling as fast as ever
        (4.0 - 0.01 * T**2, None, 1, False),  # faster and faster
        (np.full(101, 4.0), None, 1, False),  # nowhere
        (np.append(SETTLED, np.nan), 1.0, 1, False),
    ],
)
def test_what_arrives_is_told_from_what_does_not(values, best, sign, sensible):
    assert judged(values, best, sign).sensible == sensible


def test_the_share_of_a_gap_is_the_algebra_of_its_ends():
    assert judged(SETTLED, 0.0).closed == pytest.approx(0.75)
    assert judged(4.0 - 0.01 * T).late == pytest.approx(0.1)
