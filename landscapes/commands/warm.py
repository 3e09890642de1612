"""`landscapes warm [--all]`: compile beforehand what pictures need, so that no viewer waits for it.

The pictures that the pages open with are computed, and what XLA compiles for them is kept in the cache on disk,
`JAX_COMPILATION_CACHE_DIR` if that is set. Their programs serve every seed, rate and extent. What is in the cache
is not compiled again, so that a run that was interrupted goes on where it stopped. Without `--all` these are Home,
the first page and the test functions; with it also every lesson and every objective.
"""

from __future__ import annotations

import argparse
import sys
import time

from landscapes.evaluation.compilation import count_programs, drop_compiled, keep_compiled
from landscapes.recipes import catalog
from landscapes.scenes.scene import compute_scene
from landscapes.views.opening_recipes import opening_recipes

SCENES_PER_CLEANING = 8  # compiled programs of objectives that are done take up to 2 GB


def parser() -> argparse.ArgumentParser:
    """The arguments of `landscapes warm`."""
    argument_parser = argparse.ArgumentParser("landscapes warm", description=__doc__)
    argument_parser.formatter_class = argparse.RawDescriptionHelpFormatter
    argument_parser.add_argument("--all", action="store_true", help="also every lesson and every objective")
    argument_parser.add_argument("--quiet", action="store_true", help="print nothing")
    return argument_parser


def run(options: argparse.Namespace) -> int:
    """Computes the pictures one after the other.

    Raises:
        ValueError: if there is no folder for what is compiled.
    """
    folder = keep_compiled()
    if folder is None:
        raise ValueError("the cache folder cannot be written; set JAX_COMPILATION_CACHE_DIR to one that can")
    recipes = opening_recipes()
    if not options.all:
        first = {"home", "explore", *catalog.ALL_FUNCTIONS}
        recipes = {name: recipe for name, recipe in recipes.items() if name in first}
    start = time.monotonic()
    with count_programs() as programs:
        for number, (name, recipe) in enumerate(recipes.items(), 1):
            compiled_before, begin_time = programs["compiled"], time.monotonic()
            compute_scene(recipe)
            if number % SCENES_PER_CLEANING == 0:
                drop_compiled()
            if not options.quiet:
                seconds, compiled = time.monotonic() - begin_time, programs["compiled"] - compiled_before
                line = f"{number}/{len(recipes)} {name}: {seconds:.1f} s, {compiled} programs compiled"
                print(line, file=sys.stderr, flush=True)
    if not options.quiet:
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) / 2**20
        counts = f"{programs['compiled']} programs compiled and {programs['read']} read"
        print(f"{counts} in {time.monotonic() - start:.0f} s; {folder} holds {size:.0f} MiB")
    return 0
