"""The script of docs/clusters.md runs as one process, Bash reads its Slurm script, and its files are there."""

import re
import shlex
import subprocess
from pathlib import Path

import jax
import pytest

import landscapes

GUIDE = Path(__file__).parent.parent / "docs" / "clusters.md"
TEXT = GUIDE.read_text()
PYTHON, BASH = (re.findall(rf"^```{name}\n(.*?)^```", TEXT, re.S | re.M) for name in ("python", "bash"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the script has run."""
    (script,) = PYTHON
    calls = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("clusters"))
        patch.setattr(jax.distributed, "initialize", lambda: calls.append("initialize"))
        exec(compile(script, str(GUIDE), "exec"), {"__name__": "__main__"})
        assert calls == ["initialize"]
        return Path.cwd()


def test_script_saves_its_results(folder):
    surface = landscapes.load(folder / "landscape.npz").surface
    assert surface is not None
    assert surface.verified
    assert (folder / "convexity.html").stat().st_size > 1e4


def test_files_of_the_script_are_those_of_the_guide(folder):
    named = {re.sub(r"[-0-9…]*\.(npz|json)$", "", name) for name in re.findall(r"`([\w…-]+\.(?:npz|json))`", TEXT)}
    written = {re.sub(r"-.*", "", file.stem) for file in folder.glob("results/*/*")}
    assert written == {"call", "points", "cells"}
    assert named == {"call", "points", "cells", "run", "probes", "unfinished", "eigenvector"}


def test_slurm_script_is_valid_bash_and_starts_the_script():
    (script,) = BASH
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    name = re.match(r"# (\S+)\n", PYTHON[0])
    assert name is not None
    assert shlex.split(script.splitlines()[-1]) == ["srun", "python", name.group(1)]
