"""Whose turn it is: the time of the worker that each viewer has used lately. There are no threads and no clock
here; `now` is an argument, in seconds.
"""

from __future__ import annotations

from collections.abc import Collection

# A second that was used this long ago counts as half a second.
HALF_LIFE_SECONDS = 60.0
# A computation without a picture goes before refinements, unless its viewer has used this much more than theirs.
# Without this bound a viewer who asks for picture after picture would block the others.
FIRST_PICTURE_SECONDS = 10.0
# A turn lasts at least this long, so that turns do not change at every report.
SLICE_SECONDS = 0.25
# The same before its first picture. Most take less, and shorter slices would delay the first of several pictures
# until all of them are nearly done: with slices of 1 s ten viewers of equal networks had theirs after 98 to 107 s.
FIRST_SLICE_SECONDS = 3.0
FORGOTTEN_SECONDS = 1e-6  # of use, below which a record is dropped


class Shares:
    """The seconds of worker time of each viewer, u(t) = Σᵢ sᵢ·2^(−(t − tᵢ)/60 s) for charges of sᵢ at times tᵢ."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[float, float]] = {}  # seconds, and the time at which they were that many

    def __len__(self) -> int:
        return len(self._used)

    def used(self, viewer: str, now: float) -> float:
        """u(now) of a viewer."""
        seconds, last_time = self._used.get(viewer, (0.0, now))
        return seconds * 0.5 ** ((now - last_time) / HALF_LIFE_SECONDS)

    def charge(self, viewers: Collection[str], seconds: float, now: float) -> None:
        """Divide the time of one computation among its viewers."""
        for viewer in viewers:
            self._used[viewer] = self.used(viewer, now) + seconds / len(viewers), now
        for viewer in [name for name in self._used if self.used(name, now) < FORGOTTEN_SECONDS]:
            del self._used[viewer]

    def rank(self, viewers: Collection[str], arrival: int, has_picture: bool, now: float) -> tuple[float, int]:
        """The computation of lowest rank runs next. Its rank is the time that its viewer has used, less ten
        seconds for a first picture; among equal ranks the first to arrive is next."""
        used = min((self.used(viewer, now) for viewer in viewers), default=0.0)
        return used - (0.0 if has_picture else FIRST_PICTURE_SECONDS), arrival


def slice_seconds(has_picture: bool) -> float:
    """How long the turn of a computation lasts."""
    return SLICE_SECONDS if has_picture else FIRST_SLICE_SECONDS
