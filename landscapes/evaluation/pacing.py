"""Pacing: how much work goes into one compiled call.

A running XLA call cannot be interrupted, so long work runs in segments of at most 100 ms, between which the
caller hears of progress and may cancel. Nobody knows beforehand what a step costs on this machine; the segments
find out.
"""

from __future__ import annotations

# Half of what is allowed, because a step can cost more than the last ones did (a line search, a busy machine).
SEGMENT_SECONDS = 0.05

# A first call spends its time on dispatch or compilation and says little, so trust grows by this much at most.
GROWTH = 32


def next_count(count: int, seconds: float) -> int:
    """How many units of work the next segment gets, after `count` of them took `seconds`; at least 1."""
    fitting = count * SEGMENT_SECONDS / max(seconds, 1e-9)
    return max(1, min(int(fitting), GROWTH * count))
