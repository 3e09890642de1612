"""The first surface in a new process, with programs kept from an earlier one and without."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.measure import Line

ROOT = Path(__file__).parents[2]
FIRST_SURFACE = """
import sys, time
import jax, optax, numpy
from pathlib import Path
from landscapes import Recipe, refine
from landscapes.evaluation.compilation import keep_compiled
from landscapes.recipes import catalog
from tests.benchmarks.measure import half_widths, plane_of
began = time.perf_counter()
if sys.argv[1]:
    keep_compiled(Path(sys.argv[1]))
problem = catalog.build(Recipe())
plane = plane_of(problem)
next(refine(problem, plane, half_widths(plane)))
print(time.perf_counter() - began)
"""


def lines(repeats: int) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        first_surface(folder)  # fills it
        pairs = [(first_surface(folder), first_surface("")) for _ in range(repeats)]
    for what, column in (("imports excluded", 1), ("imports included", 0)):
        kept, anew = zip(*((a[column], b[column]) for a, b in pairs), strict=True)
        ratio = median(b / a for a, b in zip(kept, anew, strict=True))
        work = f"new process ÷ with programs kept, {what}"
        yield Line(work, "digits MLP, 9×9 surface", median(kept), median(anew), ratio)


def first_surface(folder: str) -> tuple[float, float]:
    """Seconds from the start of a new process to its end, and from its last import to the surface; `folder`
    holds the compiled programs, "" for none."""
    return timed(FIRST_SURFACE, folder)


def timed(script: str, *arguments: str) -> tuple[float, float]:
    """Seconds of the process that runs a script, and those that the script prints."""
    kept = {name: value for name, value in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"}
    began = time.perf_counter()
    completed = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, env=kept, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - began, float(completed.stdout.split()[-1])
