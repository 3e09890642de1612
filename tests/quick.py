"""`make quick`: the identities, and the tests of what differs from main, in under two minutes on two cores.

A module's tests are the file of its name in the folder that mirrors its package.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Each is quick and holds for everything built on it: projection, spectrum, refinement, runs, hoisting, imports.
IDENTITIES = (
    "tests/test_imports.py",
    "tests/test_plane.py",
    "tests/test_problem.py",
    "tests/test_registry.py",
    "tests/curvature/test_lanczos.py",
    "tests/recipes/test_table.py",
    "tests/slices/test_spline.py",
)


def changed(base: str) -> list[str]:
    """The files that differ from where this branch left `base`, committed or not."""
    start = _git("merge-base", base, "HEAD") or ["HEAD"]
    return _git("diff", "--name-only", start[0]) + _git("ls-files", "--others", "--exclude-standard")


def mirrors(file: str) -> list[str]:
    """The test file that mirrors a module, or the test file itself; none that drive a browser."""
    path = Path(file)
    if path.suffix != ".py" or path.parts[:2] == ("tests", "browser"):
        return []
    if path.parts[0] == "tests":
        return [file] if path.name.startswith("test_") and (ROOT / file).exists() else []
    folder = path.parent.relative_to("landscapes") if path.parts[0] == "landscapes" else path.parent
    if folder.parts[:1] == ("views",):
        folder = Path("views")
    elif folder.parts[:1] == ("recipes",):
        folder = Path("recipes")
    mirrored = ROOT / "tests" / folder / f"test_{path.stem}.py"
    return [str(mirrored.relative_to(ROOT))] if mirrored.exists() else []


def _git(*arguments: str) -> list[str]:
    run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout.split()


if __name__ == "__main__":
    touched = {test for file in changed("main") for test in mirrors(file)}
    files = list(dict.fromkeys([*IDENTITIES, *sorted(touched)]))
    sys.exit(
        subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:], *files], cwd=ROOT, check=False).returncode
    )
