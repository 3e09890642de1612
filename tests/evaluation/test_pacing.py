"""The amount of work between two reports."""

import pytest

from landscapes.evaluation.pacing import MAX_GROWTH, SEGMENT_SECONDS, next_count


@pytest.mark.parametrize(
    ("count", "segments", "expected"),
    [(100, 1.0, 100), (100, 2.0, 50), (100, 0.5, 200), (100, 1e3, 1), (3, 0.0, 3 * MAX_GROWTH)],
)
def test_next_segment_takes_as_long_as_a_segment_may(count, segments, expected):
    assert next_count(count, segments * SEGMENT_SECONDS * (1 - 1e-12)) == expected
