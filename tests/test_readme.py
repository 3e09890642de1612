"""The README's Python runs as it stands there."""

import re
from pathlib import Path

import jax

README = Path(__file__).parent.parent / "README.md"


def test_the_readmes_first_python_block_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    block = re.search(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert block is not None
    scope: dict[str, object] = {"__name__": "readme"}
    # The promotion of ranks is an error in the tests' own settings, not in a reader's.
    with jax.numpy_rank_promotion("allow"):
        exec(compile(block[1], str(README), "exec"), scope)
    assert (tmp_path / "landscape.html").stat().st_size > 10_000
    assert "convex" in capsys.readouterr().out.lower()
