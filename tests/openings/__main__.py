"""`make openings`: compute the scenes that the program opens with, where their recipe or the version has changed.

`ARGS=--all` computes all of them again, `ARGS="home lesson-ravine"` those that are named. A run that was
interrupted goes on where it stopped. `make openings-check` computes all of them, each from two starts, and
compares them with their files; see `agreement`. It fails where rounding does not explain a difference. Behind a
run whose end rounding decides, differences are printed only.
"""

from __future__ import annotations

import argparse
import gc
import time

import jax

from landscapes.evaluation.compilation import keep_compiled
from landscapes.openings import files
from landscapes.scenes.scene import compute_scene
from landscapes.views.opening_recipes import opening_recipes
from tests.openings.agreement import CHAOTIC, compare_with_computed

SCENES_PER_CLEANING = 8  # compiled programs of objectives that are done take up to 2 GB


def main() -> None:
    parser = argparse.ArgumentParser(description="Compute the scenes that the program opens with.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true", help="also those whose recipe has not changed")
    parser.add_argument("--check", action="store_true", help="compare them with their files, and write none")
    options = parser.parse_args()
    recipes = opening_recipes()
    keep_compiled()
    faults = chaotic = 0
    for count, name in enumerate(options.names or recipes):
        recipe = recipes[name]
        if not (options.all or options.names or options.check) and files.path(recipe).exists():
            continue
        begin = time.monotonic()
        if options.check:
            result = compare_with_computed(files.read(recipe), recipe)
            faults += bool(result.faults)
            chaotic += result.amplification > CHAOTIC
            took = (
                f"{name}: {time.monotonic() - begin:.1f} s, effect of the moved start {result.amplification:.1g}"
            )
            lines = [f"FAULT {text}" for text in result.faults] + [
                f"behind the run: {text}" for text in result.behind_chaos
            ]
            print(took, *lines, sep="\n  ", flush=True)
        else:
            size = files.write(compute_scene(recipe)).stat().st_size
            print(f"{name}: {time.monotonic() - begin:.1f} s, {size:,} bytes", flush=True)
        if count % SCENES_PER_CLEANING == SCENES_PER_CLEANING - 1:
            jax.clear_caches()
            gc.collect()
    wanted = {files.path(recipe) for recipe in recipes.values()}
    if not options.check:
        for file in set(files.FOLDER.iterdir()) - wanted:
            file.unlink()
    if options.check:
        print(f"{faults} scenes differ from their files; in {chaotic} rounding decides where a run ends")
    if faults:
        raise SystemExit(f"{faults} scenes differ from their files; run `make openings ARGS=--all` and look why")


if __name__ == "__main__":
    main()
