"""Captions: what a picture shows and everything that it depends on, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from landscapes.arguments import check_arguments
from landscapes.directions import DIRECTIONS, RANDOM_WALK_VARIANCE_SHARES
from landscapes.display import typeset
from landscapes.games.player_losses import player_surface
from landscapes.optimization.optimizers import caveat
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.sampling import SAMPLED, is_sampled
from landscapes.recipes.serialization import Value
from landscapes.recipes.words import capitalize
from landscapes.scenes.equilibrium import center_run
from landscapes.scenes.placement import stays_in_plane
from landscapes.scenes.scene import Scene
from landscapes.slices.surface import Surface


@check_arguments
def caption(scene: Scene) -> str:
    """What is drawn, of which model and data; then the plane, the error, the evaluations, seed and precision; and
    a sentence for every optimizer whose path follows the gradient of no loss."""
    recipe, surface = scene.recipe, scene.surface
    grid = " × ".join(str(len(axis)) for axis in surface.axes)
    weights_of_players = scene.facts.player_weights
    if (weights := weights_of_players.get(recipe.term)) is not None:
        error = player_surface(surface, recipe.term, weights).error
    else:
        error = surface.errors[recipe.term] if recipe.term else surface.reweighted(dict(recipe.mix)).error
    accuracy = f"{grid} grid, {surface.evaluations:,} evaluations, "
    note = ""
    if (sampling := _sampling(surface)) is None:
        accuracy += interpolation_error(surface, error)
        note = f" {surface.note}" if surface.note else ""
        for term in surface.terms:  # as the legend and the details call it
            note = note.replace(f"The term {term} ", f"The term {catalog.symbol(term)} ")
    else:
        # No spline is drawn through means of samples, and what it would miss says nothing of their own spread.
        accuracy += f"each a mean of samples, standard error of the {_mean(recipe)} ≤ {sampling[1]:.2g}"
    caveats = note + "".join(f" {sentence}" for sentence in _caveats(recipe))
    if recipe.optimizers and recipe.start != "initial":
        accuracy += f"; paths start at {_start(scene)}"
    if catalog.is_function(recipe):
        return typeset(f"{_spelled(recipe.objective)}; {accuracy}; {_computed(scene)}.{caveats}")
    examples = scene.facts.examples
    drawn_objective = recipe.objective if recipe.drawn == catalog.SAME else recipe.drawn
    titles, quantity = catalog.titles(recipe), catalog.quantity(recipe)
    name = titles.drawn
    if recipe.term in weights_of_players:
        description = f"{capitalize(recipe.term)}'s loss, {catalog.in_sentence(name)}"
    elif recipe.term:
        description = f"{capitalize(catalog.symbol(recipe.term))}, a term of {catalog.in_sentence(name)}"
    elif recipe.mix:
        description = f"{name}, mixed as {quantity} and trained as {catalog.weighted_sum(surface.weights)}"
    else:
        description = name if catalog.is_whole(recipe) else capitalize(quantity)
    training = ""
    if drawn_objective != recipe.objective:
        training = f" trained on {catalog.in_sentence(titles.objective)}"
    parameters = f"({scene.facts.dim:,} parameters)"
    if catalog.is_own(recipe.objective.name):
        subject = f"{description} {parameters}" + (
            f", {examples:,} {catalog.examples(recipe)}" if examples else ""
        )
    else:
        model = catalog.in_sentence(titles.model)
        subject = f"{description}, {model} {parameters}{training}, data: {catalog.data_in_words(recipe, examples)}"
    location = capitalize(_where(scene))
    return typeset(f"{subject}. {location}; {accuracy}; seed {recipe.seed}, {_computed(scene)}.{caveats}")


def _computed(scene: Scene) -> str:
    """The precision; of a scene from a file also which version computed it, and by how much it is rounded."""
    precision, file = scene.recipe.precision, scene.precomputed
    if file is None:
        return precision
    rounding = sum(abs(weight) * file.rounding.get(name, 0.0) for name, weight in scene.surface.weights.items())
    rounded = f", heights rounded by up to about {rounding:.2g}" if rounding else ""
    return f"computed beforehand by version {file.version} in {precision}{rounded}"


def interpolation_error(surface: Surface, error: float) -> str:
    """What is known of the error between the grid points: an estimate, and on which share of the area the checks
    support it. Coarse levels claim none."""
    if not (surface.verified or surface.note):
        return "interpolation error not known yet"
    area = ("line", "area", "volume")[len(surface.axes) - 1]
    return f"interpolation error at most about {error:.2g} on {int(100 * surface.checked_share)} % of the {area}"


@check_arguments
def details(scene: Scene) -> dict[str, str]:
    """Everything else the picture depends on, by name."""
    recipe, surface = scene.recipe, scene.surface
    facts = {"Objective": _spelled(recipe.objective)}
    if not catalog.is_function(recipe):
        if recipe.drawn != catalog.SAME:
            facts["Objective"] = f"{_spelled(recipe.drawn)} drawn, {_spelled(recipe.objective)} trained"
        facts["Terms"] = _sum(dict(recipe.weights))
        for player, weights in scene.facts.player_weights.items():
            facts[f"The {player} pays"] = _sum(weights)
        facts["Model"] = _spelled(recipe.model)
        facts["Data"] = f"{_spelled(recipe.data)}; the surface shows the {catalog.examples(recipe)}"
        facts["Normalization statistics"] = catalog.statistics(recipe)
        facts["Directions"] = f"{_spelled(recipe.directions)}; {_where(scene)}"
    if recipe.optimizers:
        facts["Optimizers"] = "; ".join(_spelled(choice) for choice in recipe.optimizers)
        batch = f"minibatches of {recipe.batch_size}" if recipe.batch_size else "full batch"
        facts["Training"] = f"{recipe.steps} steps, {batch}, {_spelled(recipe.schedule)} learning rate"
        facts["Paths start at"] = _start(scene)
    if scene.explained is not None and scene.facts.dim > 2:
        share, kind = RANDOM_WALK_VARIANCE_SHARES[scene.dim - 1], "plane" if scene.dim == 2 else "line"
        facts[f"Share of the paths' variance in this {kind}"] = (
            f"{scene.explained:.1%} (for comparison: the best {kind} for a random walk holds {share:.0%})"
        )
    if scene.flow is not None:
        facts["Arrows"] = (
            f"the players' motion −v as far as the plane holds it, {np.nanmedian(scene.flow.share):.0%} of its "
            "length (median); an arrow's length grows with the root of the speed"
        )
    if scene.equilibrium is not None:
        facts["Jacobian of the field"] = scene.equilibrium.sentence
        facts["Unit circle"] = scene.equilibrium.verdict
    for name, run in scene.trajectories.items():
        if len(run.terms) > 1:
            # On all examples that the caption names, while the run's own curve ends on one minibatch.
            ends = (f"{catalog.symbol(term)} {values[-1]:.5g}" for term, values in scene.paths[name].terms.items())
            facts[f"Terms at the end of {name}"] = ", ".join(ends)
    # They are of the training examples, under the weights that were trained with.
    references = {} if recipe.split == "test" or recipe.mix else catalog.references(recipe)
    for name, value in references.items():
        facts[f"{name[:1].upper()}{name[1:]}"] = f"{value:.6g}"
    if (optimum := scene.known_optimum) is not None:
        kind = "plane" if scene.dim == 2 else "line"
        value = "" if surface.game else f"{optimum.value:.6g}, "
        facts["Known equilibrium" if surface.game else "Known optimum"] = (
            f"{value}at a distance of {optimum.distance:.3g} from the {kind}"
        )
    if (sampling := _sampling(surface)) is None:
        errors = (f"{catalog.symbol(term)} {error:.2g}" for term, error in surface.errors.items())
        facts["Error of each term"] = ", ".join(errors)
    else:
        drawn_objective = recipe.objective if recipe.drawn == catalog.SAME else recipe.drawn
        episodes = drawn_objective.settings.get("episodes", "its")
        facts["Standard error"] = (
            f"{sampling[0]:.2g} to {sampling[1]:.2g} over the picture, of the {_mean(recipe)} as the mean of "
            f"{episodes} episodes, with the same random numbers at every point; between the points, which are "
            "joined straight, nothing is known of it"
        )
    if scene.draws is not None:
        of_batches = scene.draws.kind == "minibatches"
        what = f"minibatches of {recipe.batch_size:,} examples" if of_batches else "draws of the noise"
        facts["Draws"] = f"median and quartiles of {len(scene.draws.losses)} {what} behind the line"
    if surface.nonfinite:
        facts["Not finite"] = f"{surface.nonfinite} of {int(np.sum(surface.evaluated))} grid points"
    facts["Seed and precision"] = f"{recipe.seed}, {_computed(scene)}"
    return {name: typeset(text) for name, text in facts.items()}


def _caveats(recipe: Recipe) -> list[str]:
    """A sentence for every optimizer whose path follows the gradient of no loss."""
    return [sentence for choice in recipe.optimizers if (sentence := caveat(choice.name, choice.settings))]


def _start(scene: Scene) -> str:
    """Where the paths start, and in which space those from a picked point move."""
    recipe, kind = scene.recipe, "plane" if scene.dim == 2 else "line"
    if recipe.start != "picked":
        return f"the {recipe.start} point"
    coordinates = ", ".join(f"{c:.4g}" for c in (recipe.start_x, recipe.start_y)[: scene.dim])
    coordinates = f"({coordinates})" if scene.dim == 2 else coordinates
    if catalog.is_function(recipe) and scene.dim == 2:
        return coordinates
    return f"{coordinates} and move " + (f"in this {kind} only" if stays_in_plane(recipe) else "in the full space")


def _where(scene: Scene) -> str:
    """Which line or plane, and through which point."""
    recipe = scene.recipe
    kind = "plane" if scene.dim == 2 else "line"
    if recipe.directions.name == "players" and scene.facts.dim == scene.dim:
        return "the whole space of the two players"
    point = f"the {scene.center} point"
    if scene.center == "initial" and recipe.center == "trained" and recipe.optimizers:
        point += ", since every run diverged"
    if recipe.directions.name == "solutions":
        return _through_solutions(scene)
    if scene.surface.game and recipe.center == "trained" and recipe.optimizers:
        point = f"the end of {center_run(recipe)}"
    if kind == "line":
        direction = scene.labels[0].removeprefix("distance along ").removeprefix("change of ")
        return f"line along {direction} through {point}"
    return f"{DIRECTIONS[recipe.directions.name].plane} through {point}"


def _through_solutions(scene: Scene) -> str:
    """The points that a line or a plane through solutions was spanned by."""
    if scene.dim == 1:
        return f"line {scene.labels[0].removeprefix('distance ')}"
    points = [label.split(",")[0].removeprefix("toward ") for label in scene.labels if label.startswith("toward ")]
    if any(point.endswith(" diverged") for point in points):
        return f"plane through the start and {' and '.join(points)}, since every run diverged"
    start = scene.center == "initial" or "the start" in points
    count = len(points) + (not start)
    ends = "the best solution" if count == 1 else f"the {'two' if count == 2 else 'three'} best solutions"
    last_axis = "" if len(points) == 2 else f", {scene.labels[1].removesuffix(', at right angles')}"
    return f"plane through {'the start and ' if start else ''}{ends}{last_axis}"


def _sum(weights: Mapping[str, float]) -> str:
    return " + ".join(f"{weight:g} · {catalog.symbol(term)}" for term, weight in weights.items())


def _sampling(surface: Surface) -> tuple[float, float] | None:
    """The least and the largest standard error of a surface that is drawn from samples."""
    errors = surface.terms[SAMPLED] if is_sampled(surface.terms) else np.array([])
    finite_errors = errors[np.isfinite(errors)]
    return (float(finite_errors.min()), float(finite_errors.max())) if finite_errors.size else None


def _mean(recipe: Recipe) -> str:
    """The term whose standard error comes with a picture that is drawn from samples: what it is named for."""
    return next(iter(catalog.drawn_entry(recipe).weights))


def _spelled(choice: Choice) -> str:
    if choice.name in catalog.WRITTEN:
        return catalog.formula_text(choice)
    # The content of a table in an address is no setting to read.
    knob_values = [
        (name, value) for name, value in choice.knobs if value != "" and name not in ("table", "packed")
    ]
    knobs = ", ".join(f"{catalog.knob_name(name)} {_value(value)}" for name, value in knob_values)
    name = catalog.data_title(choice) if catalog.is_table(choice.name) else catalog.entry_title(choice.name)
    return f"{name} ({knobs})" if knobs else name


def _value(value: Value) -> str:
    return (
        ("off", "on")[value] if isinstance(value, bool) else f"{value:g}" if type(value) is float else str(value)
    )
