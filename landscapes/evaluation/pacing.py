"""The amount of work in one compiled call.

A running XLA call cannot be interrupted. Long work therefore runs in segments of at most 100 ms, between which the
caller receives progress and may cancel. The time of a step is measured from segment to segment.
"""

from __future__ import annotations

# Half of the limit, because a step can cost more than the last ones did (a line search, a busy machine).
SEGMENT_SECONDS = 0.05

# The time of a first call is mostly dispatch or compilation, so a segment grows by at most this factor.
MAX_GROWTH = 32


def next_count(count: int, seconds: float) -> int:
    """Units of work for the next segment, after `count` of them took `seconds`; at least 1."""
    fitting = count * SEGMENT_SECONDS / max(seconds, 1e-9)
    return max(1, min(int(fitting), MAX_GROWTH * count))
