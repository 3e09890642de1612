"""The ZIP file of everything and the manifest. tests/commands/test_render.py writes a folder."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pytest

from landscapes.exports import EXPORTS
from landscapes.exports.folder import (
    encoded,
    everything,
    finished,
    is_intact,
    offered,
    read_manifest,
    write_folder,
)
from landscapes.exports.script import array_facts
from landscapes.exports.settings import ExportSettings

DRAWN_BY_MATPLOTLIB = (".png", ".pdf", ".svg", ".panels.pdf", ".mp4", ".webp", ".gif")


def test_zip_has_each_format_and_manifest(bundle, monkeypatch):
    monkeypatch.setattr("landscapes.figures.paper.presets.find_spec", lambda name: None)
    reports: list[tuple[float, str]] = []
    data = everything(bundle, lambda fraction, file: reports.append((fraction, file)))
    with zipfile.ZipFile(io.BytesIO(data)) as together:
        manifest = json.loads(together.read("manifest.json"))
        assert set(together.namelist()) == {*manifest["files"], "manifest.json"}
        for file, facts in manifest["files"].items():
            data = together.read(file)
            assert facts == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    expected = [f"rosenbrock{export.extension}" for export in offered(bundle.recipe, 2).values()]
    assert {*manifest["files"], *manifest["left_out"]} == {*expected}
    assert [file for _, file in reports] == expected  # one report before each file
    assert [fraction for fraction, _ in reports] == [k / len(expected) for k in range(len(expected))]
    assert set(manifest["left_out"]) == {f"rosenbrock{end}" for end in DRAWN_BY_MATPLOTLIB}
    assert manifest["recipe"] == json.loads(bundle.recipe.to_json())
    assert manifest["settings"] == ExportSettings().as_dict() | {"theme": "light"}
    lines = [f"{name} {sha256}\n" for name, (sha256, _) in array_facts(bundle).items()]
    assert manifest["data_sha256"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert (manifest["title"], manifest["caption"]) == ("rosenbrock", bundle.caption)


def test_lines_have_no_meshes_and_results_without_recipe_no_script():
    assert "stl" not in offered(None, 1)
    assert {"json", "script"}.isdisjoint(offered(None, 2))
    assert "everything" not in offered(None, 2)


def test_files_to_skip_are_not_encoded(bundle):
    kept = (".csv", ".json")
    written = dict(encoded(bundle, lambda file: not file.endswith(kept)))
    extensions = [export.extension for export in offered(bundle.recipe, 2).values()]
    assert list(written) == [f"rosenbrock{end}" for end in extensions if end.endswith(kept)]
    assert {"rosenbrock.csv", "rosenbrock.paths.csv", "rosenbrock.json"} <= set(written)


def test_stopped_folder_is_continued_and_other_settings_write_it_anew(bundle, monkeypatch, tmp_path):
    monkeypatch.setattr("landscapes.figures.paper.presets.find_spec", lambda name: None)

    def stop(bundle):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(EXPORTS, "csv", replace(EXPORTS["csv"], encoder=stop))
        with pytest.raises(KeyboardInterrupt):
            write_folder(bundle, tmp_path)
    half = read_manifest(tmp_path)["files"]
    assert {"rosenbrock.html", "rosenbrock.stl"} <= set(half)
    assert "rosenbrock.csv" not in half
    assert not finished(tmp_path, bundle.recipe, bundle.settings, "light")
    before = {file: (tmp_path / file).stat().st_mtime_ns for file in half}

    written: list[str] = []
    manifest = write_folder(bundle, tmp_path, written.append)
    assert {"rosenbrock.csv", "rosenbrock.json"} <= set(written)
    assert set(half).isdisjoint(written)
    assert {file: (tmp_path / file).stat().st_mtime_ns for file in half} == before
    assert all(is_intact(tmp_path, file, facts) for file, facts in manifest["files"].items())
    assert not list(tmp_path.glob("*.part"))
    assert finished(tmp_path, bundle.recipe, bundle.settings, "light")

    other = replace(bundle, settings=ExportSettings(dpi=72))
    assert not finished(tmp_path, bundle.recipe, other.settings, "light")
    assert not finished(tmp_path, bundle.recipe, bundle.settings, "dark")
    written.clear()
    write_folder(other, tmp_path, written.append)
    assert "rosenbrock.html" in written


def test_broken_files_and_manifests_are_noticed(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    facts = {"bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}
    assert is_intact(tmp_path, "a", facts)
    (tmp_path / "a").write_bytes(b"abd")
    assert not is_intact(tmp_path, "a", facts)
    assert not is_intact(tmp_path, "b", facts)
    for text in ("{", "[]", '{"files": 3}'):
        (tmp_path / "manifest.json").write_text(text)
        assert read_manifest(tmp_path) == {}
