"""`landscapes render`."""

import hashlib
import io
import json
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

from landscapes.commands import main, render
from landscapes.commands.render import read
from landscapes.exports import EXPORTS, Bundle
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes import compute_scene
from landscapes.tables import STORE, read_table
from landscapes.views.controls import address
from tests import own_problems
from tests.commands.test_app import own_entries
from tests.small_recipes import TINY
from tests.tables.files import HOMES

QUICK = "?objective=himmelblau&optimizers=sgd&sgd.learning_rate=0.01&steps=7&tolerance=0.1&view=contour"

RUN_SCRIPTS = """
import runpy, sys
for path in sys.argv[1:]:
    sys.argv = [path]
    try:
        runpy.run_path(path)
    except SystemExit as ended:
        assert ended.code == 0, path
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture(autouse=True)
def _no_programs_are_kept(monkeypatch):
    monkeypatch.setattr(render, "keep_compiled", lambda: None)


def test_recipe_and_its_json_write_the_same_files(tmp_path, capsys):
    first = [
        tmp_path / name for name in ("a.html", "a.csv", "a.paths.csv", "a.eigenvalues.csv", "a.npz", "a.json")
    ]
    assert main(["render", QUICK, "--out", *map(str, first)]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "100%" in output.err
    assert output.err.splitlines()[-1].startswith("Himmelblau; ")
    percents = [int(line.split("%")[0]) for line in output.err.splitlines()[:-1]]
    assert percents == sorted(percents)
    assert [file.read_bytes()[:12] for file in first[:3]] == [b"<!doctype ht", b"x,y,loss,err", b"path,step,tr"]

    again = tmp_path / "again.npz"
    assert main(["render", str(first[-1]), "-o", str(again)]) == 0
    with np.load(first[-2]) as a, np.load(again) as b:
        assert set(a) == set(b)
        assert all(a[name].tobytes() == b[name].tobytes() for name in a), "the same arrays, bit for bit"
        assert len(a["run/sgd/loss"]) == 8
        assert json.loads(str(a["recipe"]))["view"] == "contour"


def test_folder_has_everything_with_manifest_and_is_continued(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("landscapes.figures.paper.presets.find_spec", lambda name: None)
    out = tmp_path / "himmelblau"

    def stop(bundle):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(EXPORTS, "stl", replace(EXPORTS["stl"], encoder=stop))
        assert main(["render", QUICK, "--out", str(out), "--quiet"]) == 130
    assert capsys.readouterr() == ("", "landscapes: stopped\n")
    half = {file.name: file.stat().st_mtime_ns for file in out.iterdir() if file.name != "manifest.json"}
    assert "himmelblau.glb" in half
    assert "himmelblau.csv" not in half
    assert main(["render", QUICK, "--out", str(out), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert {name: (out / name).stat().st_mtime_ns for name in half} == half, "finished files are kept"
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    files = {file.name: file.read_bytes() for file in out.iterdir() if file.name != "manifest.json"}
    assert {name: facts["bytes"] for name, facts in manifest["files"].items()} == {
        name: len(data) for name, data in files.items()
    }
    for name, facts in manifest["files"].items():
        assert facts["sha256"] == hashlib.sha256(files[name]).hexdigest()
    assert {"himmelblau.stl", "himmelblau.tex", "himmelblau.npz"} <= set(files)
    for end in (".png", ".pdf", ".mp4"):
        assert "matplotlib" in manifest["left_out"][f"himmelblau{end}"]

    # A whole folder is not computed again.
    with monkeypatch.context() as patch:
        patch.delattr(render, "compute_scene")
        assert main(["render", QUICK, "--out", str(out)]) == 0
    assert "already has everything" in capsys.readouterr().err
    # A broken or absent file is written again, and the others are kept.
    (out / "himmelblau.csv").write_bytes(b"x")
    (out / "himmelblau.glb").unlink()
    before = (out / "himmelblau.stl").stat().st_mtime_ns
    assert main(["render", QUICK, "--out", str(out)]) == 0
    text = capsys.readouterr().err
    assert "himmelblau.csv" in text
    assert "himmelblau.stl" not in text
    assert (out / "himmelblau.stl").stat().st_mtime_ns == before
    assert {file.name: file.read_bytes() for file in out.iterdir() if file.name != "manifest.json"} == files

    # The scripts of the folder and of a network compute the same bits in a new process, and the results are a
    # picture again. tests/benchmarks/scripts.py runs those of other families.
    network = tmp_path / "network.py"
    network.write_bytes(EXPORTS["script"].encode(Bundle.from_scene(compute_scene(catalog.complete(TINY)))))
    command = [sys.executable, "-c", RUN_SCRIPTS, str(out / "himmelblau.py"), str(network)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("arrays have the same bits.") == 2
    monkeypatch.undo()
    saved = tmp_path / "saved.svg"
    assert main(["render", str(out / "himmelblau.npz"), "--out", str(saved), "--preset", "nature"]) == 0
    assert b'width="252.283' in saved.read_bytes()


def test_a_format_overrides_the_extension(tmp_path):
    assert main(["render", QUICK, "--out", str(tmp_path / "data.txt"), "--format", "npz"]) == 0
    with np.load(io.BytesIO((tmp_path / "data.txt").read_bytes())) as arrays:
        assert "term/value" in arrays


def test_addresses_are_read_whole_or_in_part():
    expected = Recipe(objective=Choice.of("rosenbrock", b=7.0), seed=3)
    for text in (
        "https://example.org/explore?objective=rosenbrock&rosenbrock.b=7.0&seed=3&present=true",
        "?objective=rosenbrock&rosenbrock.b=7.0&seed=3",
        "objective=rosenbrock&rosenbrock.b=7.0&seed=3",
    ):
        assert read(text) == expected
    # What the page writes into its address beside the recipe is no part of it.
    assert {*render.PAGE_KEYS, "lesson"} == {*address.PAGE_KEYS}
    assert read("?objective=rosenbrock&rosenbrock.b=7.0&seed=3&section=spectrum&stage=picture*s3") == expected
    # A setting without a value is an empty one, and not the one that the objective opens with.
    assert read("?objective=bowl&optimizers=").optimizers == ()
    assert read("?lesson=stability&beside=") == replace(LESSONS["stability"].recipe, beside=())
    for name, lesson in LESSONS.items():
        assert read(f"?lesson={name}") == lesson.recipe
        changed = read(f"?lesson={name}&lessons={name}&{lesson.next[0].changes}")
        assert changed == lesson.varied(lesson.next[0]) != lesson.recipe
        complete_recipe = catalog.complete(lesson.recipe)
        assert (
            catalog.complete(read(f"?{urlencode(catalog.to_query(complete_recipe), doseq=True)}"))
            == complete_recipe
        )


@pytest.mark.parametrize(
    ("recipe", "out", "sentence"),
    [
        ("?objectiv=rosenbrock", "a.csv", "objectiv is not part of a recipe; did you mean objective?"),
        ("?objective=rosenbrok", "a.csv", "did you mean rosenbrock?"),
        ("?lesson=none", "a.csv", "there is no lesson 'none'; there are "),
        ("?objective=rosenbrock&rosenbrock.b=nan", "a.csv", "b = nan is not valid; give a number"),
        ("?seed=-1", "a.csv", "seed = -1 is out of range; give a whole number from 0"),
        ("?objective=rosenbrock", "a.doc", "a.doc has none of the known extensions, .html, "),
        ("?objective=rosenbrock", "none/a.csv", "make it, or choose another"),
        ("rosenbrock", "a.csv", "is neither a .json file nor an address"),
        ("absent.json", "a.csv", "absent.json: No such file or directory"),
        ("broken.json", "a.csv", "not a recipe: "),
    ],
)
def test_a_wrong_input_gets_one_sentence(recipe, out, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("{")
    assert main(["render", recipe, "--out", out]) == 2
    text = capsys.readouterr().err
    assert sentence in text
    assert text.startswith("landscapes: ")
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["a.png"], 'need the package matplotlib, which is not installed; `pip install "landscapes[export]"`'),
        (["a.csv", "--dpi", "9"], "dpi = 9 is not valid; give a number from 50 to 1200"),
    ],
)
def test_absent_package_or_setting_is_refused_before_computing(options, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("landscapes.figures.paper.presets.find_spec", lambda name: None)
    monkeypatch.delattr(render, "compute_scene")
    file, *extra = options
    assert main(["render", QUICK, "--out", str(tmp_path / file), *extra]) == 2
    assert sentence in capsys.readouterr().err


def test_it_can_be_interrupted(tmp_path, monkeypatch, capsys):
    def compute_scene(recipe, progress):
        raise KeyboardInterrupt

    monkeypatch.setattr(render, "compute_scene", compute_scene)
    assert main(["render", QUICK, "--out", str(tmp_path / "a.csv")]) == 130
    assert capsys.readouterr().err == "landscapes: stopped\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_it_is_a_module(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["landscapes", "render", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("landscapes", run_name="__main__")
    assert ended.value.code == 0
    assert "*.paths.csv" in capsys.readouterr().out


def test_a_recipe_about_a_table_reads_its_file(tmp_path, capsys, monkeypatch):
    class Reached(Exception):
        pass

    def compute(recipe, **_):
        raise Reached(catalog.build(recipe).data["x"].shape)

    monkeypatch.setattr(render, "compute_scene", compute)
    table = read_table(HOMES.encode(), "homes.csv")
    data = Choice.of("table-values", table=str(table.reference), target=6)
    recipe = Recipe(objective=Choice("squared-error"), model=Choice("linear"), data=data)
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    (tmp_path / "other.csv").write_text(HOMES.replace("Graz", "Linz"))
    (tmp_path / "renamed.txt").write_text(HOMES)
    command = ["render", str(tmp_path / "recipe.json"), "--out", str(tmp_path / "a.npz")]
    for extra in ([], ["--table", str(tmp_path / "other.csv")]):
        assert main([*command, *extra]) == 2
        error = capsys.readouterr().err
        assert "homes.csv (5 rows, 6 columns, hash " in error
        assert "; give its file as --table FILE" in error
    with pytest.raises(Reached, match=r"\(4, 7\)"):  # three cities, size, rooms, garden, built
        main([*command, "--table", str(tmp_path / "renamed.txt")])
    STORE.release(render.OWNER)


def test_problem_of_ones_own_is_rendered_from_its_file_or_by_its_name(tmp_path, monkeypatch, capsys):
    out, again = tmp_path / "own.npz", tmp_path / "named.npz"
    with own_entries():
        recipe = render.read(own_problems.__file__)
        assert recipe.objective.name == "sine-network"
    with own_entries():
        small = "objective=sine-network&optimizers=sgd&steps=3&eigenvalues=1&tolerance=0.1&view=contour"
        assert main(["render", small, "--own", own_problems.__file__, "-o", str(out), "--quiet"]) == 0
    with np.load(out) as data:
        assert {"term/fit", "term/decay", "run/sgd/loss"} <= set(data)
    monkeypatch.setattr(render, "find_spec", lambda name: None)
    assert main(["render", own_problems.__file__, "-o", str(again)]) == 2
    assert 'pip install "landscapes[app]"' in capsys.readouterr().err
