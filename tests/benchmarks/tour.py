"""What a tour of the objectives compiles: `python -m tests.benchmarks.tour [NAME …]`.

Each objective is opened as by its address, in one process with an empty compilation cache. Printed are the
programs that XLA compiled and the seconds that tracing, lowering and XLA took, for each objective and for each
function. A second tour follows, of the same recipes with another seed: what it compiles depends on numbers.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import jax

from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import compute_scene

EVENTS = {
    "/jax/core/compile/jaxpr_trace_duration": "tracing",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lowering",
    "/jax/core/compile/backend_compile_duration": "XLA",
}


class Compilations(NamedTuple):
    """Seconds by stage, programs by function, and XLA's seconds by function."""

    seconds: dict[str, float]
    programs: Counter[str]
    seconds_of: dict[str, float]


def nothing() -> Compilations:
    return Compilations(defaultdict(float), Counter(), defaultdict(float))


@contextmanager
def compilations() -> Iterator[Compilations]:
    """Counts what is compiled meanwhile."""
    result = nothing()
    seconds, programs, seconds_of = result

    def listen(event: str, duration_secs: float, **kwargs: str | int) -> None:
        if stage := EVENTS.get(event):
            seconds[stage] += duration_secs
            if stage == "XLA":
                name = str(kwargs.get("fun_name", "?"))
                programs[name] += 1
                seconds_of[name] += duration_secs

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield result
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)


def tour(recipes: dict[str, Recipe]) -> Compilations:
    """Computes each scene, prints what it compiled, and returns the sums."""
    total = nothing()
    for name, recipe in recipes.items():
        begin = time.process_time()
        with compilations() as result:
            compute_scene(recipe)
        seconds, programs, seconds_of = result
        total.programs.update(programs)
        for sums, each in ((total.seconds, seconds), (total.seconds_of, seconds_of)):
            for name_of, value in each.items():
                sums[name_of] += value
        took = time.process_time() - begin
        print(
            f"  {name:24s} {programs.total():4d} programs {_stages(seconds)}, {took:.1f} s of processor",
            flush=True,
        )
    return total


def _stages(seconds: dict[str, float]) -> str:
    return ", ".join(f"{stage} {seconds[stage]:.1f} s" for stage in EVENTS.values())


def _report(title: str, found: Compilations) -> None:
    seconds, programs, seconds_of = found
    print(f"{title}: {programs.total()} programs, {_stages(seconds)}")
    for name, count in programs.most_common(40):
        print(f"    {name:44s} {count:4d} programs {seconds_of[name]:7.2f} s")


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="What a tour of the objectives compiles.")
    parser.add_argument("names", nargs="*", default=list(OBJECTIVES), metavar="NAME")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    recipes = {name: catalog.repair(catalog.opening_of(name))[0] for name in options.names}
    _report("first tour", tour(recipes))
    _report(
        "another seed", tour({name: replace(recipe, seed=recipe.seed + 1) for name, recipe in recipes.items()})
    )


if __name__ == "__main__":
    main()
