"""How good the error of a surface is, for everything that is registered: `python -m tests.benchmarks.estimates`.

Every objective as it opens, every test function, and every model and dataset under an objective that fits them, on
random directions: the largest error of the spline at 1,000 uniform points, beside what `refine` says it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import jax
import numpy as np

from landscapes.evaluation.batching import points_program
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, FUNCTIONS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.placement import Placement, place_picture
from landscapes.slices.refinement import refine
from landscapes.slices.spline import interpolate_at_points

POINTS = 1000
# No training: a random plane at the start is as hard to draw. A table of zeros has no filters to normalize by.
UNTRAINED = {"optimizers": (), "directions": Choice("gaussian"), "center": "initial"}


def recipes() -> Iterator[tuple[str, Recipe]]:
    for name in FUNCTIONS:
        yield name, Recipe(objective=Choice(name), optimizers=())
    for name in catalog.trainable_objectives(OBJECTIVES):
        yield name, catalog.opening_of(name)
    for data in DATASETS:
        for model in catalog.models_for(data):
            fits = catalog.trainable_objectives(catalog.objectives_for(data, model))
            if fits and not catalog.is_game(fits[0]):
                recipe = Recipe(objective=Choice(fits[0]), model=Choice(model), data=Choice(data))
                yield f"{fits[0]}, {model}, {data}", replace(recipe, **UNTRAINED)


def errors(place: Placement, tolerance: float) -> Iterator[tuple[str, float, float, float]]:
    """For each term: its name, the estimate, the truth, and the term's range."""
    *_, last = refine(place.problem, place.plane, place.extent, tolerance=tolerance)
    rng = np.random.default_rng(0)
    points = np.stack([rng.uniform(low, high, POINTS) for low, high in place.extent], axis=1)
    pieces = [values for _, values in points_program(place.problem, place.plane)(points)]
    for term, grid in last.terms.items():
        true = np.concatenate([piece[term] for piece in pieces])
        known = np.isfinite(true)
        if known.any() and np.ptp(grid[np.isfinite(grid)]) > 0:
            deviations = np.abs(interpolate_at_points(last.axes, grid, points) - true)[known]
            yield term, last.errors[term], float(np.nanmax(deviations)), float(np.ptp(grid[np.isfinite(grid)]))


def main() -> None:
    ratios = []
    print(f"{'surface':64s} {'estimate':>9s} {'truth':>9s}  of the range")
    for name, recipe in recipes():
        complete_recipe = catalog.complete(recipe)
        with jax.enable_x64(complete_recipe.precision == "float64"):
            for term, estimate, truth, span in errors(place_picture(complete_recipe), complete_recipe.tolerance):
                ratios.append(estimate / truth if truth else np.inf)
                verdict = "" if estimate >= truth else "  MISSED"
                print(f"{f'{name}: {term}':64s} {estimate / span:9.1e} {truth / span:9.1e}{verdict}", flush=True)
    bounded = np.mean(np.array(ratios) >= 1)
    print(f"\nbounded {bounded:.1%} of {len(ratios)}; median ratio {np.median(ratios):.1f}; {len(MODELS)} models")


if __name__ == "__main__":
    main()
