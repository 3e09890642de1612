"""The built wheel, installed beside a repository that has packages of the same names as ours."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import landscapes

ROOT = Path(__file__).parents[1]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder of installed packages: those of this environment and the wheel, unpacked as an installer does."""
    built = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    for name in ("models", "objectives", "app", "tests"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("OURS = True\n")
    return folder


@pytest.fixture(scope="module")
def run(site, repository) -> Run:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(repository), str(site)])}

    def started(*arguments: str, start: Callable = subprocess.run, **options):
        return start([sys.executable, *arguments], cwd=repository, env=environment, text=True, **options)

    return started


@pytest.fixture(scope="module")
def checkout_without_links(tmp_path_factory) -> Path:
    """The tracked files as Git writes them where there are no symbolic links: a link is a text file."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in listed.splitlines():
        if path.startswith(("tests/", "docs/", "examples/")):
            continue
        source, target = ROOT / path, folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(os.readlink(source).encode() if source.is_symlink() else source.read_bytes())
    return folder


def test_checkout_without_links_works_and_builds_the_same_wheel(checkout_without_links, site, tmp_path):
    folder = checkout_without_links
    assert (folder / "landscapes" / "models").read_text() == "../models"
    code = """
import landscapes.models, landscapes.objectives
from landscapes.recipes import catalog
print(landscapes.models.__file__, landscapes.objectives.__file__, catalog.opening_of("hinge").model.name)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True)
    expected = [str(folder / name / "__init__.py") for name in ("models", "objectives")]
    assert done.stdout.split() == [*expected, "mlp"]
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info" not in name}
    assert names == {str(path.relative_to(site)) for path in site.rglob("landscapes/**/*") if path.is_file()}


def test_nothing_else_lands_at_the_top(site):
    version = landscapes.__version__
    assert {path.name for path in site.iterdir()} == {"landscapes", f"landscapes-{version}.dist-info"}
    assert (site / "landscapes" / "py.typed").exists()
    assert not list(site.rglob("__pycache__"))
    entry_points = next(site.glob("*.dist-info/entry_points.txt")).read_text()
    assert "landscapes = landscapes.commands:main" in entry_points


def test_every_file_of_the_package_is_installed(site):
    tracked = subprocess.run(
        ["git", "ls-files", "landscapes", "models", "objectives"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    inside = [path if path.startswith("landscapes/") else f"landscapes/{path}" for path in tracked]
    assert [path for path in inside if not (site / path).exists()] == []


def test_bounds_admit_the_pinned_releases_and_pin_none(site):
    metadata = Parser().parsestr(next(site.glob("*.dist-info/METADATA")).read_text())
    required = [line.split(";")[0].strip() for line in metadata.get_all("Requires-Dist") or []]
    assert all("==" not in line and ">=" in line for line in required)
    assert sorted(metadata.get_all("Provides-Extra") or []) == [
        "app",
        "checkpoints",
        "export",
        "notebook",
        "topology",
    ]
    bounds = {line.split(">=")[0]: _release(line.split(">=")[1]) for line in required}
    pins = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line]
    for name, pin in (line.split("==") for line in pins):
        assert bounds[name] <= _release(pin), f"{name}: give pyproject.toml a lower bound for it"


def _release(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_library_works_beside_packages_of_the_same_names(run):
    code = """
import models, objectives, landscapes.models
from landscapes import Problem, evaluate, span
import jax.numpy as jnp, numpy as np
problem = Problem.from_loss(lambda p: jnp.sum(p**2) + 10 * p[1], jnp.array([1.0, 2.0]))
plane = span(problem.params, jnp.eye(2))
surface = evaluate(problem, plane, (np.array([0.0, 2.0]), np.array([0.0])))
assert models.OURS and objectives.OURS
print(surface.loss.tolist(), landscapes.models.MODELS["mlp"].title)
"""
    done = run("-c", code, check=True, capture_output=True)
    assert done.stdout == "[[25.0], [33.0]] Multilayer perceptron\n"


def test_command_renders_a_recipe(run, repository):
    run("-m", "landscapes", "render", "objective=himmelblau&steps=3&tolerance=0.1", "-o", "h.csv", check=True)
    assert (repository / "h.csv").read_text().startswith("x,y,loss")


def test_without_the_extras_a_sentence_names_the_one_that_is_missing(run, repository):
    code = """
import sys
extras = "matplotlib imageio streamlit uvicorn starlette safetensors orbax xarray pyarrow"
sys.modules.update(dict.fromkeys(extras.split()))
from landscapes.commands import main
recipe = "objective=himmelblau&steps=3&tolerance=0.1"
print(main(["render", recipe, "-o", "small.html"]), main(["render", recipe, "-o", "a.png"]), main(["app"]))
"""
    done = run("-c", code, check=True, capture_output=True)
    assert done.stdout == "0 2 2\n"
    assert (repository / "small.html").stat().st_size > 10_000
    image, app = done.stderr.splitlines()[-2:]
    assert '`pip install "landscapes[export]"` brings it' in image
    assert app.startswith("landscapes: `landscapes app` needs the package ")
    assert app.endswith('which is not installed; `pip install "landscapes[app]"` brings it')


def test_command_starts_the_pages_in_their_theme(run):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    code = f"""
from streamlit import config
from landscapes.commands import main
from landscapes.views import server
server.warm.start = lambda *first: print(config.get_option("theme.light.primaryColor"), flush=True)
main(["app", "--no-browser", "--port", "{port}"])
"""
    process = run("-c", code, start=subprocess.Popen, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                assert answer.read() == b"ok"
            break
        except (URLError, ConnectionError):
            time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert output.startswith("#0B6BA8\n"), output
    assert f"Landscapes is at http://localhost:{port}" in output
