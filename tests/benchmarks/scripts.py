"""`python -m tests.benchmarks.scripts [NAME …]`: exported scripts, each run in a process of its own.

Each line says how many arrays have the same bits. The exit code is the number of scripts that found others.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from landscapes.exports import EXPORTS, Bundle
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes import compute_scene

# One of each family of objectives, a function, and two formulas of one's own.
NAMES = (
    "formula",
    "rastrigin",
    "cross-entropy",
    "elastic-net",
    "classify-reconstruct",
    "elbo",
    "minimax-gan",
    "ppo",
    "dpo",
    "info-nce",
    "next-token",
    "own-loss",
)
STEPS, TOLERANCE, EIGENVALUES = 12, 0.05, 2  # enough for every kind of array


def recipe_of(name: str) -> Recipe:
    """The recipe with which an objective opens, with few steps and a coarse surface."""
    opening = catalog.complete(catalog.opening_of(name))
    return replace(opening, steps=STEPS, tolerance=TOLERANCE, eigenvalues=EIGENVALUES)


def compare(name: str, folder: Path) -> tuple[int, str]:
    """Computes a recipe and runs its script in a new process; its exit code and what it says."""
    script = folder / f"{name}.py"
    script.write_bytes(EXPORTS["script"].encode(Bundle.from_scene(compute_scene(recipe_of(name)))))
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    return ended.returncode, (ended.stdout + ended.stderr).strip()


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the bits of scripts in new processes.")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    different = 0
    with TemporaryDirectory() as folder:
        for name in parser.parse_args().names or NAMES:
            began = time.perf_counter()
            code, words = compare(name, Path(folder))
            different += code != 0
            print(f"{name:22s} {time.perf_counter() - began:6.1f} s  {words}", flush=True)
    sys.exit(different)


if __name__ == "__main__":
    main()
