"""Images carry their caption, and their recipe where the format has room for it."""

import io
import struct
import threading
import zlib
from dataclasses import replace

import plotly.graph_objects as go
import pytest
from PIL import Image

from landscapes import figures
from landscapes.exports import EXPORTS, chrome, image
from landscapes.exports.image import HEIGHT, WIDTH, background_color, with_caption
from landscapes.recipes.recipe import Recipe
from tests.exports.export_data import CAPTION, RECIPE


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_caption_is_below_picture(bundle, theme):
    for figure in (
        figures.surface(bundle.surface, theme=theme),
        figures.contour(bundle.surface, theme=theme),
    ):
        before = figure.to_json()
        copy, height = with_caption(figure, CAPTION * 9)
        assert figure.to_json() == before, "the original is unchanged"
        layout = copy.to_dict()["layout"]
        (caption,) = [note for note in layout["annotations"] if note.get("name") == "caption"]
        assert caption["text"].count("<br>") >= 3
        assert "a &lt; b &amp; c" in caption["text"]
        assert height > HEIGHT
        assert layout["margin"]["b"] >= -caption["yshift"] > 15 * caption["text"].count("<br>")
        assert (
            layout["paper_bgcolor"] == background_color(figure) == {"light": "#FFFFFF", "dark": "#0F1216"}[theme]
        )


def test_camera_of_an_image_is_farther_away_in_the_same_direction():
    eye = {"x": 1.0, "y": -2.0, "z": 0.5}
    scene = go.Figure(go.Surface(z=[[1, 2], [3, 4]]), {"scene": {"camera": {"eye": eye}}})
    copy, _ = with_caption(scene, CAPTION)
    moved = copy.to_dict()["layout"]["scene"]["camera"]["eye"]
    assert moved == pytest.approx({axis: 1.15 * value for axis, value in eye.items()})
    assert scene.to_dict()["layout"]["scene"]["camera"]["eye"] == eye


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + data), kind
        chunks.append((kind, data))
        at += 12 + length
    return chunks


def test_concurrent_images_carry_their_captions(bundle, monkeypatch):
    """Three threads render at once."""
    monkeypatch.setattr(image, "SCALE", 1)  # a quarter of the time without a GPU
    drawn: dict[str, bytes] = {}
    flat = replace(bundle, figure=go.Figure(bundle.figure.data[-1:], layout={"height": 300}))
    jobs = [("scene", bundle), ("curve", flat), ("again", flat)]
    threads = [
        threading.Thread(target=lambda name=name, of=of: drawn.update({name: EXPORTS["png"].encode(of)}))
        for name, of in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chrome.close_browser()

    assert drawn["scene"].startswith(b"\x89PNG\r\n\x1a\n")
    chunks = _chunks(drawn["scene"])
    width, height = struct.unpack(">II", chunks[0][1][:8])
    assert (width, height) == (WIDTH, with_caption(bundle.figure, CAPTION)[1])
    assert chunks[-1][0] == b"IEND"
    picture = Image.open(io.BytesIO(drawn["scene"])).convert("RGB").resize((200, 149))
    assert len(set(picture.get_flattened_data())) > 500, "a shaded surface has many colors"
    texts = dict(data.split(b"\0\0\0\0\0", 1) for kind, data in chunks if kind == b"iTXt")
    assert texts[b"Description"].decode() == bundle.description
    assert Recipe.from_json(texts[b"Recipe"].decode()) == RECIPE

    assert drawn["curve"] == drawn["again"] != drawn["scene"]
