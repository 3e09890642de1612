"""A recipe developed step by step into all that one picture needs, and the caption that says what it shows."""

from landscapes.scenes.captions import caption, details
from landscapes.scenes.scene import Scene, compute_scene

__all__ = [
    "Scene",
    "caption",
    "compute_scene",
    "details",
]
