"""`landscapes render PICTURE --out picture.html data.npz`, or `--out FOLDER` for everything about a picture.

PICTURE is a JSON file with a recipe, the address of a picture or its part from the `?` on, the name of a lesson,
a file of saved results (.npz) or a Python file with a problem of one's own. Progress goes to standard error.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs, urlsplit

from landscapes.evaluation.compilation import keep_compiled
from landscapes.exports import EXPORTS, Bundle
from landscapes.exports.folder import finished, write_folder
from landscapes.exports.settings import ExportSettings
from landscapes.figures import Theme
from landscapes.figures.paper import PRESETS, Motion
from landscapes.figures.saved_figure import saved_picture
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.storage import load
from landscapes.tables import STORE, read_table

# Keys of an address that concern the page and not the picture.
PAGE_KEYS = ("present", "lessons", "section", "stage")
OWNER = "command line"  # of the tables that it reads


def run(options: argparse.Namespace) -> int:
    """Computes the picture and writes it to the files, or everything about it to a folder.

    Raises:
        ValueError: if the recipe or a format is not valid.
        OSError: if a file cannot be read or written.
    """
    report = _print_nothing if options.quiet else _print_error
    # The whole request is checked before anything is computed.
    settings = ExportSettings(options.preset, options.dpi, options.motion)
    folder = _folder(options.out, options.format)
    kinds = [] if folder else [_export_name(out, options.format) for out in options.out]
    if options.recipe.endswith(".npz"):
        bundle = read_results(Path(options.recipe), options.theme, settings)
    else:
        if options.own:
            load_own(options.own)
        recipe = catalog.complete(read(options.recipe))
        load_table(recipe, options.table)
        if folder and finished(folder, recipe, settings, options.theme):
            report(f"{folder} already has everything of this picture")
            return 0
        keep_compiled()
        progress = (lambda fraction, scene: None) if options.quiet else _progress_printer()
        scene = compute_scene(recipe, progress=progress)
        progress(1.0, scene)
        bundle = replace(Bundle.from_scene(scene, theme=options.theme), settings=settings)
    if folder:
        manifest = write_folder(bundle, folder, report)
        for file, reason in manifest["left_out"].items():
            report(f"{file} is left out: {reason}")
    for out, kind in zip(options.out, kinds, strict=False):
        out.write_bytes(EXPORTS[kind].encode(bundle))
    report(bundle.caption)
    if bundle.recipe is not None and bundle.recipe.beside:
        report("The picture beside this one is another recipe; give its own address to export it.")
    return 0


def read_results(path: Path, theme: Theme, settings: ExportSettings) -> Bundle:
    """The bundle of a file of saved results.

    Raises:
        ValueError: if it is no such file, or has no surface.
        OSError: if the file cannot be read.
    """
    results = load(path)
    figure, light = (saved_picture(results, theme=look) for look in (theme, "light"))
    return replace(Bundle.from_results(results, figure, lambda: light), settings=settings)


def read(text: str) -> Recipe:
    """The recipe of a .json file or of an address.

    Raises:
        ValueError: if the text is neither, or if it has an unknown key.
        OSError: if the file cannot be read.
    """
    if text.endswith(".py"):
        return catalog.opening_of(load_own(text)[0])
    if text.endswith(".json"):
        return Recipe.from_json(Path(text).read_text("utf-8"))
    if text in LESSONS:
        return LESSONS[text].recipe
    if "?" not in text and "=" not in text:
        raise ValueError(
            f"{text!r} is neither a .json file nor an address; give one such as '?objective=rosenbrock'"
        )
    query = parse_qs(urlsplit(text).query if "?" in text else text, keep_blank_values=True)
    lesson = query.pop("lesson", [""])[-1]
    names = [spec.name for spec in fields(Recipe)]
    for key in query:
        if "." not in key and key not in (*names, *PAGE_KEYS):
            close = difflib.get_close_matches(key, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"a recipe has {', '.join(names)}"
            raise ValueError(f"{key} is not part of a recipe; {hint}")
    if lesson:
        if lesson not in LESSONS:
            raise ValueError(f"there is no lesson {lesson!r}; there are {', '.join(LESSONS)}")
        return Recipe.from_query(query, base=LESSONS[lesson].recipe)
    return catalog.from_query(query)


def load_own(source: str) -> list[str]:
    """Registers the problems of a source, as `landscapes app` does, and returns their names.

    Raises:
        ValueError: without the packages of the app, or if there is no such source or no problem in it.
    """
    if find_spec("streamlit") is None:
        raise ValueError(
            'problems of your own need the package streamlit; `pip install "landscapes[app]"` brings it'
        )
    from landscapes.commands.app import load

    return load(source)


def load_table(recipe: Recipe, path: Path | None) -> None:
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
    argument_parser = argparse.ArgumentParser(
        "landscapes render",
        description="Compute a picture from its recipe and write it, or the data behind it, to files.",
        epilog=f"formats:\n{formats}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    argument_parser.add_argument(
        "recipe",
        metavar="PICTURE",
        help="a recipe or saved results, a picture's address from its ? on, a lesson's name, or a Python file",
    )
    argument_parser.add_argument(
        *("--out", "-o"),
        nargs="+",
        type=Path,
        required=True,
        metavar="FILE",
        help="files, or one folder for all formats with a manifest; a half-finished folder is continued",
    )
    argument_parser.add_argument(
        "--format", choices=EXPORTS, help="of every FILE; by default its extension says it"
    )
    argument_parser.add_argument(
        "--own", metavar="SOURCE", help="a Python file or package.module:name with your own problems"
    )
    argument_parser.add_argument("--table", type=Path, metavar="FILE", help="the table that the recipe is about")
    argument_parser.add_argument("--preset", choices=PRESETS, default="", help="the width of paper figures")
    argument_parser.add_argument(
        "--dpi", type=int, default=300, metavar="N", help="pixels per inch of a PNG, by default 300"
    )
    motions = [motion for motion in get_args(Motion) if motion]
    argument_parser.add_argument(
        "--motion", choices=motions, default="", help="what moves in animations, by default all that can"
    )
    argument_parser.add_argument("--quiet", "-q", action="store_true", help="print errors alone")
    argument_parser.add_argument(
        "--theme", choices=("light", "dark"), default="light", help="of the interactive page"
    )
    return argument_parser


def _folder(out: Sequence[Path], requested: str | None) -> Path | None:
    """The folder to write everything into: the only path, if it has no extension or is a folder.

    Raises:
        ValueError: if its parent does not exist.
    """
    if requested or len(out) != 1 or not (out[0].is_dir() or (not out[0].suffix and not out[0].exists())):
        return None
    if not out[0].absolute().parent.is_dir():
        raise ValueError(f"there is no folder {out[0].absolute().parent}; make it, or choose another")
    return out[0]


def _export_name(out: Path, requested: str | None) -> str:
    """The name of the export for a file: the requested format, or that of its extension.

    Raises:
        ValueError: if there is none, it is not available, or the folder does not exist.
    """
    matching = [name for name, export in EXPORTS.items() if out.name.endswith(export.extension)]
    if not requested and not matching:
        extensions = ", ".join(export.extension for export in EXPORTS.values())
        raise ValueError(
            f"{out.name} has none of the known extensions, {extensions}; name the file so, or give --format"
        )
    # paths.csv also ends in .csv, so the longest extension counts.
    kind = requested or max(matching, key=lambda name: len(EXPORTS[name].extension))
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


def _print_nothing(text: str) -> None:
    """Nothing, as --quiet asks."""


def _print_error(text: str) -> None:
    print(text, file=sys.stderr)
