"""`landscapes render RECIPE --out picture.html data.npz`.

RECIPE is a JSON file with a recipe, or the address of a picture or its part from the `?` on. Progress goes to
standard error.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from landscapes.evaluation.compilation import keep_compiled
from landscapes.exports import EXPORTS, Bundle
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.tables import STORE, read_table

# Keys of an address that concern the page and not the picture.
PAGE_KEYS = ("present", "lessons")
OWNER = "command line"  # of the tables that it reads


def run(options: argparse.Namespace) -> int:
    """Computes the picture and writes it to the files.

    Raises:
        ValueError: if the recipe or a format is not valid.
        OSError: if a file cannot be read or written.
    """
    # The whole request is checked before anything is computed.
    kinds = [_export_name(out, options.format) for out in options.out]
    recipe = catalog.complete(read(options.recipe))
    bring_table(recipe, options.table)
    keep_compiled()
    progress = _progress_printer()
    scene = compute_scene(recipe, progress=progress)
    progress(1.0, scene)
    bundle = Bundle.from_scene(scene, theme=options.theme)
    for out, kind in zip(options.out, kinds, strict=True):
        out.write_bytes(EXPORTS[kind].encode(bundle))
    _print_error(bundle.caption)
    if recipe.beside:
        _print_error("The picture beside this one is another recipe; give its own address to export it.")
    return 0


def read(text: str) -> Recipe:
    """The recipe of a .json file or of an address.

    Raises:
        ValueError: if the text is neither, or if it has an unknown key.
        OSError: if the file cannot be read.
    """
    if text.endswith(".json"):
        return Recipe.from_json(Path(text).read_text("utf-8"))
    if "?" not in text and "=" not in text:
        raise ValueError(
            f"{text!r} is neither a .json file nor an address; give one such as '?objective=rosenbrock'"
        )
    query = parse_qs(urlsplit(text).query if "?" in text else text, keep_blank_values=True)
    lesson = query.pop("lesson", [""])[-1]
    known = [spec.name for spec in fields(Recipe)]
    for key in query:
        if "." not in key and key not in (*known, *PAGE_KEYS):
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"a recipe has {', '.join(known)}"
            raise ValueError(f"{key} is not part of a recipe; {hint}")
    if lesson:
        if lesson not in LESSONS:
            raise ValueError(f"there is no lesson {lesson!r}; there are {', '.join(LESSONS)}")
        return Recipe.from_query(query, base=LESSONS[lesson].recipe)
    return catalog.from_query(query)


def bring_table(recipe: Recipe, path: Path | None) -> None:
    """Reads the table that a recipe is about, if it is about one.

    Raises:
        ValueError: if there is no file, or it holds another table.
        OSError: if the file cannot be read.
    """
    if path is not None:
        STORE.add(OWNER, read_table(path.read_bytes(), path.name))
    try:
        catalog.check_table(recipe, OWNER)
    except ValueError:
        name = catalog.table_in_words(recipe.data)
        raise ValueError(f"the recipe is about the table {name}; give its file as --table FILE") from None


def parser() -> argparse.ArgumentParser:
    """The arguments of `landscapes render`."""
    formats = "\n".join(f"  {name:12} {export.title}: *{export.extension}" for name, export in EXPORTS.items())
    found = argparse.ArgumentParser(
        "landscapes render",
        description="Compute a picture from its recipe and write it, or the data behind it, to files.",
        epilog=f"formats:\n{formats}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("recipe", help="a recipe as a JSON file, or a picture's address from its ? on")
    found.add_argument("--out", "-o", nargs="+", type=Path, required=True, metavar="FILE")
    found.add_argument("--format", choices=EXPORTS, help="of every FILE; by default its extension says it")
    found.add_argument("--table", type=Path, metavar="FILE", help="the table that the recipe is about")
    found.add_argument("--theme", choices=("light", "dark"), default="light")
    return found


def _export_name(out: Path, requested: str | None) -> str:
    """The name of the export for a file: the requested format, or that of its extension.

    Raises:
        ValueError: if there is none, it is not available, or the folder does not exist.
    """
    fitting = [name for name, export in EXPORTS.items() if out.name.endswith(export.extension)]
    if not requested and not fitting:
        known = ", ".join(export.extension for export in EXPORTS.values())
        raise ValueError(
            f"{out.name} has none of the known extensions, {known}; name the file so, or give --format"
        )
    # paths.csv also ends in .csv, so the longest extension counts.
    kind = requested or max(fitting, key=lambda name: len(EXPORTS[name].extension))
    EXPORTS[kind].check()
    if not out.absolute().parent.is_dir():
        raise ValueError(f"there is no folder {out.absolute().parent}; make it, or choose another")
    return kind


def _progress_printer() -> Callable[[float, Scene | None], None]:
    """A callback that prints progress: in place on a terminal, otherwise one line for every 10 %."""
    last_text, last_fraction = [""], [0.0]

    def print_progress(fraction: float, scene: Scene | None) -> None:
        is_terminal = sys.stderr.isatty()
        last_fraction[0] = fraction = max(fraction, last_fraction[0])
        text = f"{fraction:4.0%}" if is_terminal else f"{int(fraction * 10) * 10:3d}%"
        text += f" {scene.missing}" if scene is not None and scene.missing else ""
        if text != last_text[0]:
            print(
                f"\r{text:40}" if is_terminal else text,
                end="" if is_terminal else "\n",
                file=sys.stderr,
                flush=True,
            )
            last_text[0] = text
        if is_terminal and fraction >= 1:
            print(file=sys.stderr)

    return print_progress


def _print_error(text: str) -> None:
    print(text, file=sys.stderr)
