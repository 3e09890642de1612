"""A recipe developed step by step into all that one picture needs, and the caption that says what it shows.

The steps are the problem, the runs, the plane, the surface, the projected paths and the eigenvalues. Each is
cached under the part of the recipe that it depends on, so that a changed knob recomputes only what follows.
"""

from landscapes.scenes.captions import caption, details
from landscapes.scenes.scene import Scene, compute_scene

__all__ = [
    "Scene",
    "caption",
    "compute_scene",
    "details",
]
