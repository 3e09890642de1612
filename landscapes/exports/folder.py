"""Everything about a picture: all formats in one folder or ZIP file, with a manifest of sizes and hashes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from landscapes.exports.bundle import Bundle, Export
from landscapes.exports.image import theme_of
from landscapes.exports.script import array_facts, versions
from landscapes.exports.settings import ExportSettings
from landscapes.recipes.recipe import Recipe

MANIFEST = "manifest.json"
TIME = (1980, 1, 1, 0, 0, 0)  # of the files in a ZIP, so that the same picture has the same bytes


def offered(recipe: Recipe | None, dimension: int) -> dict[str, Export]:
    """The formats of a picture by name, without the ZIP file that holds them."""
    from landscapes.exports import EXPORTS

    return {
        name: each for name, each in EXPORTS.items() if name != "everything" and each.is_for(recipe, dimension)
    }


def encoded(
    bundle: Bundle,
    skip: Callable[[str], bool] = lambda file: False,
    progress: Callable[[float, str], None] = lambda fraction, file: None,
) -> Iterator[tuple[str, bytes | str]]:
    """For each file its name, and its bytes or the sentence why it is left out; without the files to `skip`.

    `progress(fraction, file)` is called before each file is made, and may raise to cancel.
    """
    exports = offered(bundle.recipe, len(bundle.surface.axes)).values()
    for k, export in enumerate(exports):
        file = bundle.stem + export.extension
        if skip(file):
            continue
        progress(k / len(exports), file)
        try:
            yield file, export.encode(bundle)
        except ValueError as error:
            yield file, str(error)


def described_files(bundle: Bundle) -> dict[str, Any]:
    """A manifest without files: the recipe, the settings, the caption, the versions and a hash of all arrays."""
    facts = array_facts(bundle)
    digest = hashlib.sha256("".join(f"{name} {sha256}\n" for name, (sha256, _) in facts.items()).encode())
    return {
        "title": bundle.title,
        "recipe": None if bundle.recipe is None else json.loads(bundle.recipe.to_json()),
        "settings": settings_facts(bundle.settings, theme_of(bundle.figure)),
        "caption": bundle.caption,
        "versions": versions(),
        "data_sha256": digest.hexdigest(),
        "files": {},
        "left_out": {},
    }


def everything(bundle: Bundle, progress: Callable[[float, str], None] = lambda fraction, file: None) -> bytes:
    """A ZIP file of all formats with a manifest. A format that this machine or picture lacks is named there.

    `progress(fraction, file)` is called before each file is made, and may raise to cancel.
    """
    manifest, buffer = described_files(bundle), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in encoded(bundle, progress=progress):
            _note(manifest, file, data)
            if isinstance(data, bytes):
                archive.writestr(zipfile.ZipInfo(file, TIME), data, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(MANIFEST, TIME), _text(manifest), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_folder(
    bundle: Bundle, folder: Path, report: Callable[[str], None] = lambda file: None
) -> dict[str, Any]:
    """Writes all formats into a folder and returns the manifest, which is written after each file.

    Files of the same picture and the same settings that are there and intact are kept.

    Raises:
        OSError: if a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest, old_manifest = described_files(bundle), read_manifest(folder)
    if all(old_manifest.get(name) == manifest[name] for name in ("data_sha256", "recipe", "settings", "versions")):
        intact_files = {
            file: facts for file, facts in old_manifest["files"].items() if is_intact(folder, file, facts)
        }
        manifest["files"] = intact_files
    finished_files = dict(manifest["files"])
    for file, data in encoded(bundle, lambda file: file in finished_files):
        if isinstance(data, bytes):
            _replace(folder / file, data)
        _note(manifest, file, data)
        _replace(folder / MANIFEST, _text(manifest))
        report(file)
    return manifest


def settings_facts(settings: ExportSettings, theme: str) -> dict[str, Any]:
    """The settings of a manifest."""
    return settings.as_dict() | {"theme": theme}


def finished(folder: Path, recipe: Recipe, settings: ExportSettings, theme: str) -> dict[str, Any] | None:
    """The manifest of a folder with everything of a recipe in these settings, or None if something is missing."""
    manifest = read_manifest(folder)
    files = manifest.get("files", {})
    expected = {
        "recipe": json.loads(recipe.to_json()),
        "settings": settings_facts(settings, theme),
        "versions": versions(),
    }
    is_same = all(manifest.get(name) == value for name, value in expected.items())
    num_files = len(files) + len(manifest.get("left_out", {}))
    is_full = is_same and num_files == len(offered(recipe, recipe.dimension))
    return manifest if is_full and all(is_intact(folder, file, facts) for file, facts in files.items()) else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder, or {} if there is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and isinstance(manifest.get("files"), dict) else {}


def is_intact(folder: Path, file: str, facts: dict[str, Any]) -> bool:
    """Whether a file is there with the size and the hash of the manifest."""
    try:
        data = (folder / file).read_bytes()
    except OSError:
        return False
    return facts == _facts(data)


def _facts(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _note(manifest: dict[str, Any], file: str, data: bytes | str) -> None:
    if isinstance(data, bytes):
        manifest["files"][file] = _facts(data)
    else:
        manifest["left_out"][file] = data


def _text(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def _replace(path: Path, data: bytes) -> None:
    """Writes a file in one step, so that a stop never leaves half of one."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


EXPORTS = {"everything": Export("Everything (ZIP)", ".zip", "application/zip", everything)}
