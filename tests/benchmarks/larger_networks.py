"""A ResNet-20 and a GPT of a million parameters: seconds per point beside a plain jitted forward pass, in turns.

python -m tests.benchmarks.larger_networks [--images 512] [--sequences 96] [--points 4] [--repeats 5] [--all]

Plain is `jax.jit` of the loss at one set of parameters after another, which are computed before. The loss of the
GPT is a mean over sequences, so that its plain pass may take them in parts, one after the other; the fastest
counts. With BatchNorm's batch statistics the images cannot be divided. `--all` adds a surface of 25×25 points,
λmax to 1 % and a race of 200 steps of each.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Choice, Recipe, evaluate, race, spectrum
from landscapes.evaluation.batching import points_program
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.recipes import catalog
from tests.benchmarks.measure import HEADER, Line, half_widths, plane_of, side_by_side

PARTS = (1, 4, 16)


def resnet_20(images: int, **knobs: Any) -> Problem:
    model = Choice.of("resnet", **{"stages": 3, "blocks": 3, "channels": 16, **knobs})
    return catalog.build(Recipe(model=model, data=Choice.of("textures", examples=images)))


def gpt(sequences: int, **knobs: Any) -> Problem:
    """Five blocks of width 128 with four heads, over sequences of 64 characters."""
    model = Choice.of("transformer", **{"layers": 5, "width": 128, "heads": 4, **knobs})
    data = Choice.of("text", examples=sequences, context=64)
    return catalog.build(Recipe(model=model, data=data, objective=Choice("next-token")))


@partial(jax.jit, static_argnames="parts")
def plain(problem: Problem, params: Any, parts: int) -> Any:
    """The loss at given parameters as a mean over equal parts of the examples."""
    if parts == 1:
        return problem.loss(params)
    data = jax.tree.map(lambda leaf: leaf.reshape(parts, -1, *leaf.shape[1:]), problem.data)
    return jnp.mean(jax.lax.map(lambda part: replace(problem, data=part).loss(params), data))


def per_point(
    name: str, problem: Problem, plane: Plane, points: int, repeats: int, least: float, parts: Any
) -> Line:
    """Seconds for so many points of our evaluation and of the fastest plain one."""
    at = np.random.default_rng(0).uniform(-1, 1, (points, 2)) * np.asarray(plane.scale)
    params = [jax.tree.map(jnp.asarray, plane.point(jnp.asarray(c, jnp.float32))) for c in at]
    run = points_program(problem, plane)

    def ours() -> Any:
        (weight,) = (w for w in problem.weights.values() if w)
        (term,) = (t for t, w in problem.weights.items() if w)
        return weight * np.concatenate([values[term] for _, values in run(at)])

    def theirs(count: int) -> Any:
        return np.array([plain(problem, p, count) for p in params])

    first = {count: side_by_side(lambda c=count: theirs(c), lambda: None, 1)[0] for count in parts}
    count = min(first, key=lambda c: first[c])
    times = side_by_side(ours, lambda: theirs(count), repeats)
    difference = float(np.max(np.abs(ours() - theirs(count))) / np.max(np.abs(theirs(count))))
    size = f"{points} points, plain in {count} part{'s' if count > 1 else ''}"
    return Line(
        f"plain ÷ evaluate, {name}", size, times[0] / points, times[1] / points, times[2], difference, least
    )


def whole(problem: Problem, plane: Plane, side: int, steps: int) -> Iterator[tuple[str, float, str]]:
    """What was done, its seconds with compilation, and its result with the number of reports of progress."""
    axes = [np.linspace(low, high, side) for low, high in half_widths(plane)]
    works: dict[str, Callable[[Any], str]] = {
        f"surface of {side}×{side} points": lambda p: f"{evaluate(problem, plane, axes, progress=p).evaluations}",
        "λmax to 1 %": lambda p: (
            f"{spectrum(problem, 0, top=1, bottom=0, tolerance=1e-2, progress=p).eigenvalues[0]:.4g}"
        ),
        f"race of {steps} steps, Adam and momentum": lambda p: ", ".join(
            f"{label} {path.loss[-1]:.4g}"
            for label, path in race(problem, {"adam": "adam", "momentum": "momentum"}, steps, progress=p).items()
        ),
    }
    for work, function in works.items():
        reports: list[float] = []
        start = time.perf_counter()
        result = function(lambda fraction, partial, reports=reports: reports.append(fraction))
        yield work, time.perf_counter() - start, f"{result}; {len(reports)} reports"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.larger_networks", description=__doc__)
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--sequences", type=int, default=96, help="a multiple of 16")
    parser.add_argument("--points", type=int, default=4, help="points in a turn")
    parser.add_argument("--repeats", type=int, default=5, help="turns, of which the median counts")
    parser.add_argument("--only", choices=("resnet", "gpt"), nargs="+", default=("resnet", "gpt"))
    parser.add_argument("--all", action="store_true", help="a surface, λmax and a race of each as well")
    parser.add_argument("--side", type=int, default=25)
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    print(f"JAX {jax.__version__}, {jax.devices()[0].device_kind}, float32\n\n{HEADER}")
    networks = {
        "resnet": ("ResNet-20", lambda: resnet_20(arguments.images), 1.3, (1,)),
        "gpt": ("GPT", lambda: gpt(arguments.sequences), 1.0, PARTS),
    }
    for name in arguments.only:
        title, build, least, parts = networks[name]
        problem = build()
        plane = plane_of(problem)
        count = sum(leaf.size for leaf in jax.tree.leaves(problem.params))
        title = f"{title} of {count:,} parameters"
        print(per_point(title, problem, plane, arguments.points, arguments.repeats, least, parts), flush=True)
        for work, seconds, result in (
            whole(problem, plane, arguments.side, arguments.steps) if arguments.all else ()
        ):
            print(f"{work:52s} {seconds:9.1f} s  {result}", flush=True)


if __name__ == "__main__":
    main()
