"""`landscapes app` with problems of one's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from landscapes import Recorder, Surface, save
from landscapes.commands import app, main
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS, OWN_OPTIMIZERS
from landscapes.recipes import catalog
from landscapes.recipes.catalog import offers, own_problems
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.captions import caption
from landscapes.scenes.scene import compute_scene
from landscapes.views import server
from landscapes.views.pages import opened
from tests import own_problems as own

IMPORT = "from landscapes import Problem\n"
NAMES = ["sine-network", "tug-of-war", "valley"]


@contextmanager
def own_entries() -> Iterator[None]:
    """A context after which the registries are as they were before."""
    registries: list[Any] = [OBJECTIVES, DATASETS, MODELS, OPTIMIZERS, own_problems.PROBLEMS]
    before = [dict(registry) for registry in registries]
    try:
        yield
    finally:
        for registry, entries in zip(registries, before, strict=True):
            registry.clear()
            registry.update(entries)
        OWN_OPTIMIZERS.clear()
        offers._load.cache_clear()
        catalog.opening_of.cache_clear()


@pytest.fixture(autouse=True)
def _registries_as_before():
    with own_entries():
        yield


@pytest.fixture
def names() -> list[str]:
    return app.load(own.__file__)


def test_file_brings_its_problems_into_the_first_place(names):
    assert sorted(names) == NAMES
    assert list(OBJECTIVES)[:3] == names
    assert {OBJECTIVES[name].page.family for name in names} == {"Your own"}
    assert list(catalog.knobs_of("sine-network")) == ["width", "decay"]
    assert OBJECTIVES["sine-network"].page.look == "A tanh network that fits a sine."
    opening = catalog.complete(catalog.opening_of("sine-network"))
    assert (opening.steps, [choice.name for choice in opening.optimizers]) == (7, ["slow-sgd"])


def test_problem_of_a_recipe_is_that_of_the_function(names):
    recipe = catalog.complete(
        catalog.from_query({"objective": "sine-network", "sine-network.width": "5", "seed": "3", "split": "test"})
    )
    built, expected = catalog.build(recipe), own.sine_network(width=5, seed=3, split="test")
    assert catalog.dimension(recipe) == expected.dim == 10
    np.testing.assert_array_equal(built.data["x"], expected.data["x"])
    np.testing.assert_allclose(built.loss(built.params), expected.loss(expected.params), rtol=1e-6)
    reweighted = catalog.build(catalog.from_query({"objective": "sine-network", "weight.decay": "0"}))
    plain = own.sine_network()
    fit = plain.terms(plain.params)["fit"]
    np.testing.assert_allclose(reweighted.loss(reweighted.params), fit, rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_recipe_survives_its_address_and_has_a_scene(names, name):
    recipe = catalog.complete(catalog.from_query({"objective": name, "steps": "3", "tolerance": "0.1"}))
    assert catalog.complete(catalog.from_query(catalog.to_query(recipe))) == recipe
    assert catalog.complete(Recipe.from_json(recipe.to_json())) == recipe
    scene = compute_scene(recipe)
    assert list(scene.paths) == ["slow-sgd"]
    begins = {
        "sine-network": "Sine network (6 parameters), 12 training examples. Plane through the start",
        "tug-of-war": "First's loss, tug of war (2 parameters). The whole space of the two players",
        "valley": "Valley (3 parameters). Plane through the start",
    }
    assert caption(scene).startswith(begins[name])


def test_known_eigenvalues_of_an_own_problem(names):
    recipe = catalog.complete(
        catalog.from_query({"objective": "valley", "precision": "float64", "steps": "2", "tolerance": "0.1"})
    )
    scene = compute_scene(recipe)
    assert scene.spectrum is not None
    np.testing.assert_allclose(np.sort(scene.spectrum.eigenvalues)[-3:], [2, 2, 6], rtol=1e-12)


def test_module_and_name_are_one_problem(monkeypatch):
    assert app.load("tests.own_problems:sine_network") == ["sine-network"]
    assert "valley" not in OBJECTIVES


@pytest.fixture
def started(monkeypatch) -> Iterator[list[str]]:
    """Where the servers that are started open a browser."""
    addresses: list[str] = []
    monkeypatch.setattr(server, "serve", lambda application, options, address: addresses.append(address))
    monkeypatch.delenv(opened.VARIABLE, raising=False)
    yield addresses
    os.environ.pop(opened.VARIABLE, None)


def test_server_opens_at_the_first_problem(started):
    assert main(["app", own.__file__, "--no-browser"]) == 0
    assert main(["app", "--no-browser"]) == 0
    assert started[0] in {f"/explore?objective={name}" for name in NAMES}
    assert started[1] == ""


def test_server_opens_saved_results(started, tmp_path, capsys):
    saved, other = tmp_path / "saved.npz", tmp_path / "other.npz"
    save(saved, surface=Surface.from_grid(np.arange(2.0), np.arange(3.0), np.ones((2, 3))))
    assert main(["app", str(saved), "--no-browser"]) == 0
    assert started == ["/open"]
    assert os.environ[opened.VARIABLE] == str(saved)
    other.write_bytes(b"no archive")
    assert main(["app", str(other)]) == 2
    assert main(["app", str(saved), str(saved)]) == 2
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1", "mine.py has no problem; give a function that returns one the annotation -> Problem"),
        ("x = 1\ny = z", "mine.py, line 2: NameError: name 'z' is not defined"),
        ("def f(", "mine.py: SyntaxError: "),
        (
            IMPORT + "def f() -> Problem:\n  return 3",
            "f returns a int; let it return a Problem",
        ),
        (
            IMPORT + "def f(n) -> Problem: ...",
            "f has no default for n; give each argument one",
        ),
        (
            IMPORT + "def rosenbrock() -> Problem: ...",
            "the name rosenbrock is taken; give the problem's function another one",
        ),
        (
            IMPORT + "def f() -> Problem:\n  return Problem.from_loss(lambda p: p, [1])",
            "mine.py, line 3: parameters must be floating-point arrays",
        ),
        (
            "OPENING = 3\nfrom landscapes import Problem\ndef f() -> Problem: ...",
            "OPENING of mine is a int; give a dict",
        ),
    ],
    ids=["none", "error", "syntax", "result", "argument", "taken", "loss", "opening"],
)
def test_what_cannot_be_loaded_gets_one_sentence(text, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(text)
    assert main(["app", "mine.py"]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("landscapes: ")
    assert sentence in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("absent.py", "there is no file absent.py; give the path of a Python file"),
        ("absent:f", "absent:f: ModuleNotFoundError: No module named 'absent'"),
        ("tests.own_problems:absent", "tests.own_problems has no 'absent'"),
        ("absent", "'absent' is neither a Python file nor package.module:name"),
    ],
)
def test_sources_that_do_not_exist_get_one_sentence(source, sentence):
    with pytest.raises(ValueError, match=sentence):
        app.load(source)


def test_addresses_load_no_code():
    with pytest.raises(ValueError, match="there is no objective named"):
        catalog.complete(catalog.from_query({"objective": own.__file__}))


def test_numbers_of_an_own_problem_keep_their_precision(names):
    recipe = catalog.complete(catalog.from_query({"objective": "valley", "precision": "float64"}))
    problem = catalog.build(recipe)
    with jax.enable_x64(True):
        assert problem.params.dtype == np.float64


def test_recorded_run_is_drawn_beside_the_optimizers(tmp_path):
    text = Path(own.__file__).read_text() + '\nCHECKPOINTS = {"my run": "steps"}\n'
    (tmp_path / "recorded.py").write_text(text)
    ends = np.array([[1, 2, 3], [1, 1, 2], [0, 0.5, 1]], np.float32)
    with Recorder(tmp_path / "steps") as run:
        for step, params in zip((0, 10, 30), ends, strict=True):
            run.add(step, params)
    app.load(str(tmp_path / "recorded.py"))
    recipe = catalog.complete(catalog.from_query({"objective": "valley", "steps": "3", "tolerance": "0.1"}))
    scene = compute_scene(recipe)
    assert list(scene.paths) == ["slow-sgd", "my run"]
    drawn = scene.paths["my run"]
    for coordinates, offset, params in zip(drawn.coordinates, drawn.distance, ends, strict=True):
        expected, distance = scene.plane.project(params)
        np.testing.assert_allclose(coordinates, expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(offset, distance, rtol=1e-4, atol=1e-5)
    loss = scene.trajectories["my run"].loss
    np.testing.assert_allclose(loss[[0, 10, 30]], [3 + 4 + 9, 3 + 1 + 4, 0.25 + 1], rtol=1e-6)
    other = catalog.complete(catalog.from_query({"objective": "sine-network", "steps": "3", "tolerance": "0.1"}))
    assert list(compute_scene(other).paths) == ["slow-sgd"]


def test_checkpoints_that_fit_no_problem_get_one_sentence(tmp_path, capsys):
    (tmp_path / "recorded.py").write_text(
        IMPORT + "from tests.own_problems import bowl\nCHECKPOINTS = {'a': 'steps'}"
    )
    (tmp_path / "recorded.py").write_text(Path(own.__file__).read_text() + "\nCHECKPOINTS = {'a': 'steps'}\n")
    with Recorder(tmp_path / "steps") as run:
        run.add(0, {"elsewhere": np.ones(2, np.float32)})
    assert main(["app", str(tmp_path / "recorded.py")]) == 2
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert "step-00000000.npz has no leaf 'in', which the parameters of the problem have" in errors
