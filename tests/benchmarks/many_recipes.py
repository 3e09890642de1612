"""Three hundred recipes in a row through the worker: `python -m tests.benchmarks.many_recipes`.

They go through test functions, widths of a network, and all objectives with their models and data, and again with
other rates, widths and seeds. It prints the seconds to the first picture and to the end, of the first ten recipes
and of the same ten in the last round, and the memory of the process (PSS), of which 1.5 GB at most are wanted.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from landscapes.evaluation.compilation import keep_compiled
from landscapes.objectives import FUNCTIONS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.views.pages import pictures
from landscapes.views.worker.job import Job
from landscapes.views.worker.jobs import SERVICE
from landscapes.views.worker.memory import compiled_programs

MIB = 2**20
SESSION = "a viewer"
WIDTHS = (8, 40, 64, 96, 128)
TRAINED = catalog.trainable_objectives(OBJECTIVES)
POLL_SECONDS = 0.005


def main() -> None:
    parser = argparse.ArgumentParser(description="Many recipes in a row through the worker.")
    parser.add_argument("--rounds", type=int, default=5, help="of sixty-one recipes")
    parser.add_argument("--quick", action="store_true", help="leave out the objectives: rounds of thirty recipes")
    options = parser.parse_args()
    keep_compiled()
    times: list[tuple[float, float]] = []
    peak = 0
    for number in range(options.rounds):
        for recipe in recipes(number, options.quick):
            times.append(timed(recipe))
            peak = max(peak, pss())
            if len(times) % 10 == 0:
                results = f"{len(SERVICE.cache)} results of {SERVICE.cache.used / MIB:.0f} MiB"
                programs = f"{compiled_programs()} programs"
                memory = f"{pss() / MIB:.0f} MiB, {programs}, {results}"
                print(
                    f"{len(times):4d}: {memory}; {medians(times[-10:])}; load {os.getloadavg()[0]:.0f}", flush=True
                )
    last = len(times) - len(times) // options.rounds
    print(
        f"first ten: {medians(times[:10])}; the same with other seeds at last: {medians(times[last : last + 10])}"
    )
    print(f"at the end {pss() / MIB:.0f} MiB, at most {peak / MIB:.0f} MiB after a recipe")


def recipes(number: int, quick: bool = False) -> list[Recipe]:
    """The recipes of one round. They differ from those of every other round. The networks have other widths, so
    that each needs programs of its own."""
    rate = 0.1 * 0.9**number
    objectives = [replace(catalog.opening_of(name), seed=100 + number) for name in TRAINED]
    functions = [
        Recipe(objective=Choice(name), optimizers=(Choice.of("adam", learning_rate=rate),)) for name in FUNCTIONS
    ]
    networks = [Recipe(model=Choice.of("mlp", width=width + number), seed=100) for width in WIDTHS]
    return functions + networks + ([] if quick else objectives)


def medians(times: list[tuple[float, float]]) -> str:
    first, end = (median(pair[k] for pair in times) for k in (0, 1))
    return f"first picture {first:.2f} s, end {end:.2f} s"


def timed(recipe: Recipe) -> tuple[float, float]:
    """Seconds to the first picture of a recipe and to its end."""
    start = time.monotonic()
    job: Job = pictures.request(SESSION, recipe)
    first = float("inf")
    while not job.wait(POLL_SECONDS):
        if first == float("inf") and job.version:
            first = time.monotonic() - start
    end = time.monotonic() - start
    if job.error:
        print(f"{recipe.query}: {job.error}", flush=True)
    return min(first, end), end


def pss() -> int:
    """Bytes of memory of this process, shared pages in parts."""
    match = re.search(r"^Pss:\s+(\d+) kB", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE)
    assert match is not None
    return 1024 * int(match[1])


if __name__ == "__main__":
    main()
