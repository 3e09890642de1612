"""The Python of docs/library.md and then docs/results.md runs as it stands there; their commands are read."""

import inspect
import re
import shlex
from importlib import import_module
from pathlib import Path

import jax
import numpy as np
import plotly.graph_objects as go
import pytest

from landscapes import Problem, adapters
from landscapes.commands import COMMANDS
from landscapes.directions import DIRECTIONS

DOCS = Path(__file__).parent.parent / "docs"
GUIDES = (DOCS / "library.md", DOCS / "results.md")
TEXT = "\n".join(guide.read_text() for guide in GUIDES)
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
COMMAND_LINES = re.findall(r"^landscapes (.*)$", TEXT, re.MULTILINE)
MAX_LINES = 12


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> dict:
    """The variables after all examples; `printed` has the text of what they print."""
    printed: list[str] = []
    names = {
        "__name__": "guide",
        "printed": printed,
        "print": lambda *values, sep=" ": printed.append(sep.join(map(str, values))),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("guide"))
        # The promotion of ranks is an error in the tests' own settings, not in a reader's.
        with jax.numpy_rank_promotion("allow"):
            for block in BLOCKS:
                exec(compile(block, "the guide", "exec"), names)
        assert Path("surface.html").stat().st_size > 1e5
    return names


def test_examples_have_at_most_twelve_lines():
    assert len(BLOCKS) > 20
    assert max(len([line for line in block.splitlines() if line.strip()]) for block in BLOCKS) <= MAX_LINES


def test_examples_describe_one_solution(session):
    surface, solution = session["surface"], session["solution"]
    middle = surface.loss[tuple(size // 2 for size in surface.loss.shape)]
    np.testing.assert_allclose(middle, solution.loss(solution.params), rtol=1e-5)
    assert surface.verified
    np.testing.assert_array_equal(session["saved"].surface.loss, surface.loss)
    assert session["projections"]["adam"].distance[-1] < 1e-3
    assert session["projections"]["sgd"].distance[-1] > 1e-3
    assert session["eigenvalues"].verdict.sentence in "\n".join(session["printed"])
    np.testing.assert_allclose(session["heavier"].error, _weighted(session["two_terms"].errors), rtol=1e-6)


def _weighted(errors: dict[str, float]) -> float:
    return errors["fit"] + 0.1 * errors["l2"]


def test_recorded_run_starts_at_the_parameters_of_the_guide(session):
    path = session["path"]
    assert list(path.steps) == list(range(100))
    np.testing.assert_array_equal(path.snapshots(session["params"])[0]["hidden"], session["params"]["hidden"])
    np.testing.assert_allclose(session["own_projection"].loss, path.loss, rtol=1e-4)


def test_what_the_loss_receives_reaches_it(session):
    in_batches, at_once = (session[name].loss(session["params"]) for name in ("streamed", "problem"))
    np.testing.assert_allclose(in_batches, at_once, rtol=1e-5)
    noise = session["noisy"]
    assert float(noise.loss(noise.params)) == float(noise.loss(noise.params))
    assert abs(float(noise.loss(noise.params)) - float(session["problem"].loss(noise.params))) > 1e-4
    assert session["last_layer"].dim == 4
    assert session["reward"].sense == "maximize"


def test_formula_of_the_guide_is_a_loss(session):
    x, y, a = 0.3, -0.5, 0.5
    problem = session["formula_problem"]
    np.testing.assert_allclose(problem.loss(problem.params), (x**2 - 1) ** 2 + a * (y - x) ** 2, rtol=1e-6)
    assert session["wells"].names == ("a",)
    assert session["formula_surface"].verified


@pytest.mark.parametrize("name", adapters.__all__)
def test_every_adapter_has_an_example(session, name):
    library = name.removeprefix("from_")
    problem = session[f"{library}_problem"]
    assert problem.dim >= 16 + 5
    assert np.isfinite(problem.loss(problem.params))


def test_figures_of_the_guide_are_drawn(session):
    figures = {name for name, value in session.items() if isinstance(value, go.Figure) and value.data}
    expected = {
        "figure",
        "off_plane",
        "every_step",
        "log_figure",
        "race_figure",
        "saved_figure",
        "published_figure",
    }
    assert figures >= expected


def test_widget_and_web_page_of_the_guide(session):
    assert session["widget"].step == 50
    session["widget"]._handle_custom_msg({"type": "click", "coordinates": [0.0, 0.0]}, [])
    (start,) = session["starts"]
    np.testing.assert_allclose(start["out"], session["own_plane"].origin["out"])
    assert session["article"].count("<iframe") == 1


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_commands_of_the_guide_are_read(line):
    command, *arguments = shlex.split(line)
    assert command in COMMANDS
    import_module(f"landscapes.commands.{command}").parser().parse_args(arguments)


def test_guide_names_every_keyword_and_every_kind_of_plane():
    keywords = [name for name in inspect.signature(Problem.from_loss).parameters if name not in ("loss", "params")]
    assert [name for name in keywords if f"{name}=" not in TEXT] == []
    assert [kind for kind in DIRECTIONS if f'`"{kind}"`' not in TEXT] == []
    assert [command for command in COMMANDS if not any(line.startswith(command) for line in COMMAND_LINES)] == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_links_of_the_guide_lead_to_files_and_headings(guide):
    text = guide.read_text()
    headings = {_anchor(line) for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for link in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = link.partition("#")
        assert (DOCS / file).exists(), link
        assert file or anchor in headings, link


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
