"""What exports write, as text: words as they are, and tables, arrays and lists of numbers in summary."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from landscapes import figures
from landscapes.exports import EXPORTS, Bundle
from landscapes.exports.folder import described_files, offered
from landscapes.recipes import catalog
from landscapes.scenes.volume import Volume
from tests.approved import shipped
from tests.approved.drawings import sliced
from tests.approved.figure_text import number, summary
from tests.approved.page_text import as_text
from tests.exports.export_data import CAPTION, DETAILS, RECIPE
from tests.figures.scenes import asymmetric, path
from tests.figures.test_volume_picture import volume

LEFT_OUT = ("everything", "json", "png", "pdf", "svg", "panels", "mp4", "webp", "gif", "glb", "stl", "snippet")
MAX_ROWS = 3  # of a table that are written out
NUMBER = r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf)"
NUMBERS = re.compile(rf"(?:[(]?{NUMBER}[)]?[ ,]+){{8,}}[(]?{NUMBER}[)]?")  # nine or more


def scene(name: str) -> Callable[[], Bundle]:
    return lambda: Bundle.from_scene(shipped.scenes(name)[0])


def hostile() -> Bundle:
    """Texts full of markup, a surface whose transpose is another one, and a path off its plane."""
    surface, paths = asymmetric(), {"sgd & <b>_1%": path(drift=0.5)}
    labels, value = ("first_direction", "50% of #2"), "loss <i>L</i> & more"
    figure = figures.contour(surface, paths, labels=labels, value=value)
    more = {"value": value, "labels": labels, "directions": "random", "seed": 3}
    return Bundle(figure, CAPTION, RECIPE, surface, paths, details=DETAILS | {"Path": r"C:\new_{x}^~"}, **more)


def of_volume() -> Bundle:
    shown = Volume(volume(), ("a", "b", "c"), "trained", {})
    recipe = catalog.complete(replace(shipped.scenes("explore")[0].recipe, seed=7))
    figure = figures.volume(shown.surface, labels=shown.labels)
    return Bundle(figure, "A volume; seed 7.", recipe, shown.surface, labels=shown.labels, value="loss")


def bare() -> Bundle:
    """A surface without a recipe, labels or a name of its values, with two paths."""
    surface = asymmetric(sense="maximize")
    paths = {"b": path(leave=True, kind="diverged"), "a": path(drift=0.25)}
    return Bundle(figures.surface(surface, paths), "A caption.", None, surface, paths)


BUNDLES: dict[str, Callable[[], Bundle]] = {
    "function": scene("lesson-ravine"),
    "term": lambda: Bundle.from_scene(shipped.scenes("lesson-conflict")[1]),
    "game": scene("minimax-gan"),
    "line": lambda: Bundle.from_scene(sliced(shipped.scenes("classify-reconstruct")[0])),
    "volume": of_volume,
    "hostile": hostile,
    "bare": bare,
}


def text(name: str) -> str:
    """All formats of a bundle, one after the other."""
    bundle = _bundle(name)
    lines = []
    manifest = described_files(bundle) | {"versions": "", "data_sha256": ""}
    lines.append(f"manifest: {json.dumps(manifest, ensure_ascii=False)}")
    for export_name, export in offered(bundle.recipe, len(bundle.surface.axes)).items():
        lines.append(f"{export_name}: {export.title} | {bundle.stem}{export.extension} | {export.mime}")
        if export_name not in LEFT_OUT and export.is_available():
            lines += [f"  {line}" for line in _lines(export.mime, EXPORTS[export_name].encode(bundle))]
    return as_text(lines)


@cache
def _bundle(name: str) -> Bundle:
    return BUNDLES[name]()


def _lines(mime: str, data: bytes) -> Iterator[str]:
    if mime == "text/csv":
        yield from _table(list(csv.reader(io.StringIO(data.decode()))))
    elif mime == "application/x-npz":
        yield from _arrays(data)
    elif mime == "text/html":
        yield from _page(data.decode())
    elif mime == "text/x-python":
        text = re.sub(r"(?m)^(VERSIONS|ARRAYS) = .*$", r"\1 = …", data.decode())
        yield from text.partition("\narguments =")[0].splitlines()
    elif data.decode().startswith("x "):
        yield from _table([line.split(" ") for line in data.decode().splitlines() if line])
    else:
        for line in data.decode().splitlines():
            yield NUMBERS.sub(lambda match: summary([float(each) for each in re.findall(NUMBER, match[0])]), line)


def _table(rows: list[list[str]]) -> Iterator[str]:
    """The header, the first rows, the last one, and each column in summary."""
    header, *body = rows
    yield ", ".join(header)
    shown = body if len(body) <= MAX_ROWS else [*body[: MAX_ROWS - 1], body[-1]]
    yield from (", ".join(map(_cell, row)) for row in shown)
    if len(body) > MAX_ROWS:
        for name, column in zip(header, zip(*body, strict=True), strict=True):
            filled = [cell for cell in column if cell]
            values = np.array([_number(cell) for cell in filled])
            yield f"{name} {len(filled)} of {len(column)}: {summary(values if filled else [])}"


def _cell(text: str) -> str:
    value = _number(text)
    return text if isinstance(value, str) else number(value, 1.0)


def _number(text: str) -> float | str:
    return float(text) if re.fullmatch(NUMBER, text) else text


def _arrays(data: bytes) -> Iterator[str]:
    with np.load(io.BytesIO(data)) as arrays:
        for name in sorted(arrays.files):
            array = arrays[name]
            if name in ("header", "recipe"):
                yield f"{name}: {len(str(array)) > 0}"
            elif array.dtype.kind == "c":
                yield f"{name} {array.dtype}: {summary(array.real)} | {summary(array.imag)}"
            else:
                yield f"{name} {array.dtype}: {summary(array)}"


def _page(text: str) -> Iterator[str]:
    """The words of a page, without its scripts and styles."""
    recipe = re.search(r'id="recipe"[^>]*>(.*?)</script>', text, re.DOTALL)
    yield f"recipe: {((recipe and json.loads(recipe[1])) or {'objective': 'none'})['objective']}"
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", "", text, flags=re.DOTALL)
    yield from (line.strip() for line in text.splitlines() if line.strip())
