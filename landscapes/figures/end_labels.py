"""The labels at the ends of the paths in a scene, placed so that none covers another.

Each is an annotation named "end" or "stop" (of a diverged path), with the last step and the path's label. The
stage takes them out of the layout and places them anew for every camera.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscapes.figures.palette import label_color, page_color, size, styles, text_color
from landscapes.figures.picture import Picture

if TYPE_CHECKING:
    from landscapes.figures.palette import Theme
    from landscapes.slices.projection import Projection

# Size in pixels of the image for which the labels are placed; that of an exported image.
IMAGE_WIDTH, IMAGE_HEIGHT = 1000, 700
# Offsets of a label's center from its point: directions in degrees and distances in pixels, in the order tried.
DIRECTIONS, DISTANCES = (0, 180, 315, 225, 45, 135, 270, 90), (14, 28, 48, 72, 100, 132)
CHARACTER_WIDTH = 0.55  # in font sizes
FIELD_OF_VIEW = np.pi / 4  # of gl3d, vertically


def end_labels(
    picture: Picture,
    paths: Mapping[str, Projection],
    *,
    camera: Mapping[str, Mapping[str, float]],
    box_size: Sequence[float],
    theme: Theme,
    presenter: bool,
) -> list[dict[str, Any]]:
    """One annotation per path at its last point inside the picture, in the path's color.

    They are annotations because the surface would hide the text of a trace.

    Args:
        camera: Plotly's camera, with "eye" and "center".
        box_size: width, depth and height of the scene's box.
    """
    styles_by_label, labels, boxes = styles(paths), [], []
    for label, path in paths.items():
        heights = picture.scale(path.plane_loss) + picture.lift
        if (last := last_visible_point(picture, path, heights)) is None:
            continue
        diverged = path.outcome.kind == "diverged"
        text = divergence_label(label, path) if diverged else label
        point = np.array([*path.coordinates[last], heights[last]])
        pixel = _projected(picture, point, camera, box_size)
        box, offset = _free_box(pixel, size(presenter), text, boxes)
        boxes.append(box)
        labels.append(
            {
                **dict(zip("xyz", point, strict=True)),
                "name": f"{'stop' if diverged else 'end'} {path.steps[last]} {label}",
                "text": text,
                **{"ax": offset[0], "ay": offset[1], "arrowhead": 0, "arrowwidth": 1},
                "arrowcolor": text_color(theme, 0.5),
                "bgcolor": page_color(theme),
                "opacity": 0.85,
                "borderpad": 1,
                "font": {"size": size(presenter), "color": label_color(styles_by_label[label].color, theme)},
            }
        )
    return labels


def last_visible_point(picture: Picture, path: Projection, heights: np.ndarray) -> int | None:
    """Index of the last point of a path inside the picture; None if it has none."""
    if not len(path.steps):
        return None
    visible = np.flatnonzero(picture.inside(path.coordinates) & np.isfinite(heights))
    return int(visible[-1]) if len(visible) else None


def divergence_label(label: str, path: Projection) -> str:
    return f"{label} diverged at step {path.outcome.step}"


def _projected(picture: Picture, point: np.ndarray, camera: Any, box_size: Sequence[float]) -> np.ndarray:
    """Pixel of a point of the picture, from the upper left corner of the image."""
    low, high = np.array([*picture.box, picture.span]).T
    position = ((point - low) / (high - low) - 0.5) * np.asarray(box_size)
    eye, center = (np.array([camera[name][axis] for axis in "xyz"]) for name in ("eye", "center"))
    forward = (center - eye) / np.linalg.norm(center - eye)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    view_vector = position - eye
    scale = IMAGE_HEIGHT / (2 * np.tan(FIELD_OF_VIEW / 2) * (view_vector @ forward))
    screen_x, screen_y = scale * (view_vector @ right), scale * (view_vector @ np.cross(right, forward))
    return np.array([IMAGE_WIDTH / 2 + screen_x, IMAGE_HEIGHT / 2 - screen_y])


def _free_box(
    pixel: np.ndarray, font_size: int, text: str, occupied: Sequence[np.ndarray]
) -> tuple[np.ndarray, tuple[float, float]]:
    """[left, top, right, bottom] of a label near the pixel that overlaps no box and is inside the image, and the
    offset of its center; the first candidate if there is none."""
    half = np.array([CHARACTER_WIDTH * font_size * len(text) + 6, 1.6 * font_size]) / 2
    candidates = []
    for distance in DISTANCES:
        for direction in np.radians(DIRECTIONS):
            unit = np.array([np.cos(direction), np.sin(direction)])
            offset = unit * (distance + half)
            box = np.concatenate([pixel + offset - half, pixel + offset + half])
            candidates.append((box, (float(offset[0]), float(offset[1]))))
    image = np.array([IMAGE_WIDTH, IMAGE_HEIGHT])
    for box, offset in candidates:
        inside = np.all(box[:2] >= 0) and np.all(box[2:] <= image)
        is_free = all(np.any(box[2:] <= other[:2]) or np.any(other[2:] <= box[:2]) for other in occupied)
        if inside and is_free:
            return box, offset
    return candidates[0]
