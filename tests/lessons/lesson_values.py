"""What the sentences of lessons are compared with: recipes, problems, runs, marks and frames of their pictures."""

import math
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

from landscapes import openings
from landscapes.figures.marks import SYMBOLS
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.framing import snapshot_coordinates
from landscapes.scenes.placement import TRAINING, Memory, place_picture, run_race
from landscapes.scenes.scene import Scene
from landscapes.tradeoffs.overoptimization import overoptimization_point


@cache
def side(name, right=False):
    left = catalog.complete(LESSONS[name].recipe)
    return (catalog.neighbour(left) or left) if right else left


@cache
def variation(name, index) -> Any:
    """The recipe after one of the lesson's changes, and that of the picture beside it."""
    recipe = catalog.complete(LESSONS[name].varied(LESSONS[name].next[index]))
    return recipe, catalog.neighbour(recipe) or recipe


@cache
def built(name, right=False) -> Any:
    return catalog.build(side(name, right))


@cache
def drawn(name, right=False) -> Scene:
    """The scene that travels with the program; of its runs it has what they recorded, and not their parameters."""
    scene = openings.read(side(name, right))
    assert scene is not None
    return scene


def records(name, right=False):
    """What every optimizer's run on the training examples recorded."""
    return drawn(name, right).trajectories


def record(name, right=False):
    """What the first optimizer's run on the training examples recorded."""
    return records(name, right)[side(name, right).optimizers[0].name]


@jax.jit
def loss_at(problem, params):
    return problem.loss(params)


@jax.jit
def gradient_at(problem, params) -> Any:
    return jax.grad(problem.loss)(params)


def eigenvalues_at(problem, params):
    """All eigenvalues of the Hessian, in increasing order."""
    point, unravel = ravel_pytree(params)
    hessian = jax.jit(lambda problem, point: jax.hessian(lambda flat: problem.loss(unravel(flat)))(point))
    return np.linalg.eigvalsh(hessian(problem, point))


@cache
def run(name, right=False):
    """The first optimizer's run on the training examples."""
    recipe = replace(side(name, right), split="train")
    recipe = replace(recipe, optimizers=recipe.optimizers[:1])
    return run_race(recipe, catalog.training_problem(catalog.build(recipe)), None)[recipe.optimizers[0].name]


@cache
def runs(name, right=False):
    """Every optimizer's run on the training examples, from the initial point."""
    recipe = replace(side(name, right), split="train")
    return run_race(recipe, catalog.training_problem(catalog.build(recipe)), None)


def path_on_picture(name, right=False):
    """The first optimizer's path on a picture."""
    return drawn(name, right).paths[side(name, right).optimizers[0].name]


def drawn_values(name, right=False):
    """The drawn quantity at each snapshot of the left picture's run."""
    if term := side(name, right).term:
        return record(name).terms[term][path_on_picture(name).steps]
    return path_on_picture(name, right).loss


def end(name):
    return jax.tree.map(lambda leaf: leaf[-1], run(name).params)


@cache
def mark(name):
    """The index of the snapshot that is marked on the paths of both pictures."""
    assert catalog.same_numbers(*(catalog.as_trained(side(name, right)) for right in (False, True)))
    senses = built(name).sense, built(name, True).sense
    point = overoptimization_point(
        path_on_picture(name).steps, drawn_values(name), drawn_values(name, True), senses=senses
    )
    assert point is not None
    return point.index


def change(name, right=False):
    values = drawn_values(name, right)
    return float(values[-1] - values[mark(name)])


def weight(name, term, right=False):
    return dict(side(name, right).weights)[term]


def best(name, right=False) -> Any:
    return catalog.optimum(side(name, right), built(name, right))


def kernel(name, right=False):
    return kernel_of(side(name, right))


def kernel_of(recipe):
    optimum: Any = catalog.optimum(recipe, catalog.build(recipe))
    return abs(float(optimum["decoder"]["kernel"][0, 0]))


def policy(name):
    """The marked optimum's probabilities."""
    assert "known optimum" in SYMBOLS
    (logits,) = jax.tree.leaves(best(name, True))
    return np.asarray(jax.nn.softmax(logits)).ravel()


def first_half(right):
    return int(np.argmax(record("plateau", right).terms["return"] > 0.5))


def bowl(*at):
    return float(built("ravine").loss(np.array(at, np.float64)))


def collapsed_eigenvalue():
    """At w = v = 0 and a posterior of variance 1 the Hessian in (w, v) is [[1, −m], [−m, m]], m the mean of x²."""
    m = float(np.mean(np.square(built("collapsed").data["x"])))
    return float(np.linalg.eigvalsh(np.array([[1, -m], [-m, m]]))[0])


def collapsed_point_is_a_saddle(variance):
    """Whether a Hessian eigenvalue of the collapsed point is negative under noise of this variance."""
    recipe = replace(side("collapsed"), objective=Choice.of("linear-elbo", variance=variance))
    problem = catalog.build(recipe)
    return float(eigenvalues_at(problem, jax.tree.map(np.zeros_like, problem.params))[0]) < -1e-3


def collapsed_loss():
    problem = built("collapsed")
    return float(loss_at(problem, jax.tree.map(np.zeros_like, problem.params)))


def gradient_of_the_error_rate():
    drawn = catalog.drawn_problem(side("terraces", True), built("terraces", True))
    return max(float(abs(leaf).max()) for leaf in jax.tree.leaves(gradient_at(drawn, drawn.params)))


def loss_without_dropout():
    right = side("byheart", True)
    return float(loss_at(catalog.drawn_problem(right, built("byheart", True)), end("byheart")))


def setting(name, owner, knob, right=False) -> Any:
    return getattr(side(name, right), owner).settings[knob]


ROOT = (math.sqrt(100) - 1) / (math.sqrt(100) + 1)
RATE: dict[str, Any] = {choice.name: choice.settings for choice in LESSONS["ravine"].recipe.optimizers}


@cache
def frame(name, right=False):
    """The placement of a picture. A single run is taken from `run`, because it takes the longest."""
    recipe, memory = side(name, right), {}
    if len(recipe.optimizers) == 1:
        same = catalog.same_numbers(*(catalog.as_trained(side(name, each)) for each in (False, right)))
        runs = {recipe.optimizers[0].name: run(name, right and not same)}
        Memory(recipe, memory).store("runs", TRAINING, runs)
    return place_picture(recipe, memory=memory)


def shares(name, params, right=False):
    """Where a point lies in a picture: 0 at the left and lower end of each axis, 1 at the right and upper end."""
    result = frame(name, right)
    (at,) = snapshot_coordinates(result.plane, jax.tree.map(lambda leaf: np.asarray(leaf)[None], params))
    low, high = np.transpose(result.extent)
    assert np.all(low < high)  # axes run to the right and upward
    return (at - low) / (high - low)


def start(name) -> Any:
    """The point at which the paths of the left picture begin."""
    recipe = side(name)
    if recipe.start == "picked":
        return np.array([recipe.start_x, recipe.start_y])
    return built(name).params


def marked_snapshots(name):
    """Where the marked snapshot lies in both pictures, as `shares` says it."""
    places = []
    for right in (False, True):
        low, high = np.transpose([axis[[0, -1]] for axis in drawn(name, right).surface.axes])
        assert np.all(low < high)
        places.append((path_on_picture(name, right).coordinates[mark(name)] - low) / (high - low))
    return places


def mirrored(params):
    """The optimum of a linear VAE with z in place of −z."""
    flipped = {name: {"kernel": -np.asarray(params[name]["kernel"])} for name in ("encoder", "decoder")}
    return {name: {**part, **flipped[name]} if name in flipped else part for name, part in params.items()}
