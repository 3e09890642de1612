"""What a reader chooses of a file: width of figures, resolution of images and motion of animations."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, get_args

from landscapes.figures.paper import PRESETS, Motion

DPI_RANGE = (50, 1200)  # pixels per inch of a PNG
FRAMES_RANGE = (2, 600)  # frames of an animation, at most a minute
WIDTH_RANGE_PX = (64, 1920)  # of a frame
FRAMES_PER_SECOND = 10  # of an animation


@dataclass(frozen=True)
class ExportSettings:
    """Settings of exports; each format reads those that concern it.

    Attributes:
        preset: width and type of paper figures, one of `figures.paper.PRESETS`; "" is that of each format.
        dpi: pixels per inch of a PNG.
        motion: what moves in an animation: "paths", "camera" or "both"; "" is as much as the picture has.
        frames: of an animation, 10 per second.
        frame_px: width of an animation.
    """

    preset: str = ""
    dpi: int = 300
    motion: Motion = ""
    frames: int = 50
    frame_px: int = 640

    def __post_init__(self) -> None:
        """Checks the settings.

        Raises:
            ValueError: for a value that is not valid.
        """
        if self.preset not in ("", *PRESETS):
            raise ValueError(f"there is no preset {self.preset!r}; there are {', '.join(PRESETS)}")
        if self.motion not in get_args(Motion):
            motions = ", ".join(filter(None, get_args(Motion)))
            raise ValueError(f"there is no motion {self.motion!r}; there are {motions}")
        ranges = {"dpi": DPI_RANGE, "frames": FRAMES_RANGE, "frame_px": WIDTH_RANGE_PX}
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(
                    f"{name} = {getattr(self, name)} is not valid; give a number from {low} to {high}"
                )

    def as_dict(self) -> dict[str, Any]:
        """The settings by name."""
        return asdict(self)
