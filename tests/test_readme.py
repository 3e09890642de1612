"""The README's Python runs as it stands there, in its order, and its links lead somewhere."""

import re
from pathlib import Path

import jax
import pytest

from landscapes.commands import app
from landscapes.recipes import catalog
from tests.commands.test_app import own_entries

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Path:
    """Where the examples wrote their files. One that begins with the name of a file is written to that file."""
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 7  # six examples, and a model of one's own in the app
    folder = tmp_path_factory.mktemp("readme")
    scope: dict[str, object] = {"__name__": "readme", "print": (folder / "printed").write_text}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # The promotion of ranks is an error in the tests' own settings, not in a reader's.
        with jax.numpy_rank_promotion("allow"):
            for block in blocks:
                if name := re.match(r"# (\S+\.py)\n", block):
                    Path(name[1]).write_text(block)
                    continue
                exec(compile(block, str(README), "exec"), scope)
    return folder


def test_every_example_has_at_most_twelve_lines():
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert max(len([line for line in block.splitlines() if line.strip()]) for block in blocks) <= 12


def test_the_examples_write_their_pictures(ran):
    pictures = {path.stem for path in ran.glob("*.html") if path.stat().st_size > 10_000}
    assert pictures == {"landscape", "race", "own", "pareto", "himmelblau", "formula"}


def test_the_problem_of_ones_own_opens_in_the_app(ran):
    with own_entries(), jax.numpy_rank_promotion("allow"):
        assert app.load(str(ran / "my_problem.py")) == ["sine-network"]
        recipe = catalog.from_query({"objective": "sine-network", "sine-network.width": "3"})
        assert catalog.build(recipe).dim == 5 * 3 + 3


def test_the_example_on_convexity_prints_a_verdict(ran):
    assert "convex" in (ran / "printed").read_text().lower()


def test_every_link_of_the_readme_leads_to_a_file():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README.read_text()) if "://" not in link]
    assert len(links) > 5
    assert not [link for link in links if not (README.parent / link).exists()]
