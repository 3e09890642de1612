"""`make thumbnails`: draw the small picture of every lesson whose recipe has changed, in light and in dark.

`ARGS=--all` draws all of them again, `ARGS="ravine duel"` those that are named. A run that was interrupted goes on
where it stopped.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from dataclasses import replace

import kaleido
import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageChops

from landscapes.evaluation.compilation import keep_compiled
from landscapes.exports.image import BACKGROUNDS
from landscapes.figures.palette import Theme
from landscapes.figures.scene import picture
from landscapes.lessons import LESSONS
from landscapes.lessons.thumbnail import FOLDER, HEIGHT, MANIFEST, THEMES, WIDTH, digest, drawn_recipes, path
from landscapes.openings import files
from landscapes.recipes import catalog
from landscapes.scenes.scene import Scene, compute_scene

SCENE_PX = (960, 900)  # of a surface, which does not fill it; what is around it is cut off
CAMERA_DISTANCE_FACTOR = 1.04  # no corner of a surface is cut off
MARGIN_PX = 12
MAX_BYTES = 25_000
QUALITIES = (85, 75, 65, 50)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Draw the small pictures of the lessons.")
    arguments.add_argument("names", nargs="*", metavar="NAME")
    arguments.add_argument("--all", action="store_true", help="also those whose recipe has not changed")
    options = arguments.parse_args()
    names = options.names or list(LESSONS)
    keep_compiled()
    FOLDER.mkdir(exist_ok=True)
    kaleido.start_sync_server(n=1, mathjax=False)  # MathJax would be loaded from the network
    for name in names:
        recipe = catalog.complete(LESSONS[name].recipe)
        if not options.all and not options.names and is_drawn(name, digest(recipe)):
            continue
        begin = time.monotonic()
        # The scene that it opens with, with its own view, or a new one where that has not been computed yet.
        opening = files.read(recipe)
        scene = compute_scene(recipe, eigenvalues=False) if opening is None else replace(opening, recipe=recipe)
        for theme in THEMES:
            path(name, theme).write_bytes(thumbnail(scene, theme))
        keep(drawn_recipes() | {name: digest(recipe)})
        print(f"{name}: {time.monotonic() - begin:.1f} s", flush=True)
    keep({name: value for name, value in drawn_recipes().items() if name in LESSONS})
    for file in FOLDER.glob("*.webp"):
        if file.stem.rpartition("-")[0] not in LESSONS:
            file.unlink()
    kaleido.stop_sync_server()


def is_drawn(name: str, recipe: str) -> bool:
    return drawn_recipes().get(name) == recipe and all(path(name, theme).exists() for theme in THEMES)


def keep(digests: dict[str, str]) -> None:
    ordered = {name: digests[name] for name in LESSONS if name in digests}
    MANIFEST.write_text(json.dumps(ordered, indent=2) + "\n", "utf-8")


def thumbnail(scene: Scene, theme: Theme) -> bytes:
    """The scene's picture without words and axes, as WebP."""
    background = BACKGROUNDS[theme]
    figure = bare(picture(scene, theme=theme), background)
    is_flat = scene.recipe.view == "contour" or len(scene.surface.axes) == 1
    size, scale = ((WIDTH, HEIGHT), 2) if is_flat else (SCENE_PX, 1)
    options = {"format": "png", "width": size[0], "height": size[1], "scale": scale}
    image = Image.open(io.BytesIO(kaleido.calc_fig_sync(figure.to_dict(), opts=options))).convert("RGB")
    image = cropped(image, background) if size == SCENE_PX else image
    image = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    for quality in QUALITIES:
        stream = io.BytesIO()
        image.save(stream, "WEBP", quality=quality, method=6)
        if stream.tell() <= MAX_BYTES:
            break
    return stream.getvalue()


def bare(figure: go.Figure, background: str) -> go.Figure:
    """The figure without titles, axes, legend and color bar."""
    figure.update_layout(
        showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0}, title=None,
        paper_bgcolor=background, plot_bgcolor=background,
    )  # fmt: skip
    figure.layout.annotations = ()
    if eye := figure.to_dict()["layout"].get("scene", {}).get("camera", {}).get("eye"):
        hidden = {"visible": False, "showbackground": False}
        eye = {axis: CAMERA_DISTANCE_FACTOR * value for axis, value in eye.items()}
        figure.update_scenes(xaxis=hidden, yaxis=hidden, zaxis=hidden, camera_eye=eye)
        figure.layout["scene"]["annotations"] = ()
        figure.update_traces(visible=False, selector=lambda trace: (trace.meta or {}).get("role") == "bounded")
    else:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False, scaleanchor=None)
    for kind in ("surface", "contour", "heatmap"):
        figure.update_traces(showscale=False, selector={"type": kind})
    return figure


def cropped(image: Image.Image, background: str) -> Image.Image:
    """The part of a picture that is not background, with the shape of a thumbnail."""
    difference = ImageChops.difference(image, Image.new("RGB", image.size, background))
    rows, columns = (np.flatnonzero(np.asarray(difference).max(axis=(2, axis)) > 12) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    width, height = right - left + 2 * MARGIN_PX, bottom - top + 2 * MARGIN_PX
    width, height = max(width, height * WIDTH / HEIGHT), max(height, width * HEIGHT / WIDTH)
    x, y = (left + right) / 2 - width / 2, (top + bottom) / 2 - height / 2
    frame = Image.new("RGB", (round(width), round(height)), background)
    frame.paste(image, (round(-x), round(-y)))
    return frame


if __name__ == "__main__":
    main()
