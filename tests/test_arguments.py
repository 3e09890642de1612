"""Plausible mistakes at every public function are answered by one sentence that says what to give."""

# Types are wrong on purpose.
# pyright: reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from landscapes import (
    Problem,
    descend,
    evaluate,
    project_path,
    race,
    refine,
    span,
    spectrum,
)
from landscapes.arguments import check_arguments
from landscapes.connectivity.barrier import linear_interpolation
from landscapes.connectivity.connection import connect_solutions
from landscapes.connectivity.permutation_matching import match_units
from landscapes.curvature.convexity import convexity_map
from landscapes.curvature.critical_point_search import critical_points
from landscapes.curvature.edge_of_stability import stability
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.sharpness_measures import rescaling, sharpness
from landscapes.curvature.spectral_density import density
from landscapes.curvature.symmetries import Units, permute_units
from landscapes.curvature.trace_estimate import trace
from landscapes.directions import (
    band,
    band_over_keys,
    coordinates,
    explained_variance,
    filter_normalized,
    gradient,
)
from landscapes.games import player_surface, player_weights, unit_circle
from landscapes.games.game_flow import flow
from landscapes.optimization.multistart import race_from
from landscapes.recipes import catalog
from landscapes.slices import error_estimate, nodes
from landscapes.tradeoffs import nondominated, overoptimization_point
from landscapes.tradeoffs.gradient_conflict import conflict_map
from tests.figures.scenes import asymmetric

W = {"a": np.array([[0.3, -0.2, 0.5], [0.1, 0.7, -0.4]]), "b": np.array([0.1, 0.2, -0.3])}
TURNED = {"a": W["a"].T, "b": W["b"]}


def loss(p):
    return {"fit": jnp.sum(jnp.tanh(p["a"]) ** 2), "size": jnp.sum(p["b"] ** 2)}


P = Problem.from_loss(loss, W)
PLANE = span(W, {name: np.stack([leaf, leaf**2 + 1]) for name, leaf in W.items()})
ELSEWHERE = span(np.ones(3), np.eye(3)[:2])
AXES = [np.linspace(-1, 1, 3), np.linspace(-1, 2, 4)]
GAME = catalog.build(catalog.opening_of("minimax-gan"))
UNITS = [Units(("a", "b"), ())]
SPACES = "the points lie in different spaces; give parameters of one model"
OTHER_PLANE = "the plane runs through other parameters than the problem's; span one at problem.params"
VOLUME = PLANE.extended({name: leaf**3 - 1 for name, leaf in W.items()})
FEWER = "this takes at most 2 directions, and the plane has 3; give a plane of fewer"
COUNT = "give 1 for a line, 2 for a plane or 3 for a volume"

MISTAKES = {
    "no problem": (
        lambda: evaluate(loss, PLANE, AXES),
        "problem = a function is not valid; give a Problem",
    ),
    "nothing": (lambda: spectrum(None, 0), "problem = None is not valid; give a Problem"),
    "no plane": (lambda: next(refine(P, W, 1.0)), "plane = a dict is not valid; give a Plane, such as span"),
    "plane of another model": (lambda: evaluate(P, ELSEWHERE, AXES), OTHER_PLANE),
    "problem on another plane": (lambda: P.on(ELSEWHERE), OTHER_PLANE),
    "map over another plane": (lambda: convexity_map(P, ELSEWHERE, 1.0, key=0), OTHER_PLANE),
    "conflict over another plane": (lambda: conflict_map(P, ELSEWHERE, 1.0, "fit", "size"), OTHER_PLANE),
    "map over a volume": (lambda: convexity_map(P, VOLUME, 1.0, key=0), FEWER),
    "conflict over a volume": (lambda: conflict_map(P, VOLUME, 1.0, "fit", "size"), FEWER),
    "no axes": (lambda: evaluate(P, PLANE, None), "axes = None is not valid; give a list"),
    "progress": (lambda: evaluate(P, PLANE, AXES, progress=3), "progress = 3 is not valid; give a function"),
    "tolerance": (
        lambda: refine(P, PLANE, 1.0, tolerance="1e-3"),
        "tolerance = '1e-3' is not valid; give",
    ),
    "optimizers as a list": (
        lambda: race(P, ["adam"], 3),
        "optimizers = a list is not valid; give a mapping",
    ),
    "optimizer not called": (
        lambda: race_from(P, {"a": optax.adam}, {"a": W["a"][None], "b": W["b"][None]}, 3),
        r"optimizer = a function is not valid; give a name or a \(name, knobs\) pair, or an Optax",
    ),
    "steps": (lambda: descend(P, "adam", "100"), "steps = '100' is not valid; give a whole number"),
    "no path": (
        lambda: project_path(P, PLANE, {"adam": 1}),
        "trajectory = a dict is not valid; give a Traj",
    ),
    "eigenvalues": (lambda: spectrum(P, 0, top="all"), "top = 'all' is not valid; give a whole number"),
    "probes": (lambda: trace(P, 0, 2.5), "probes = 2.5 is not valid; give a whole number"),
    "no optimizer": (lambda: race(P, {}, 3), "there is no optimizer to run; give at least one by label"),
    "no optimizer from many starts": (
        lambda: race_from(P, {}, {"a": W["a"][None], "b": W["b"][None]}, 3),
        "there is no optimizer to run",
    ),
    "rate as text": (
        lambda: descend(P, ("sgd", {"learning_rate": "0.1"}), 3),
        "sgd: learning_rate = '0.1' is text; give a number above 0 up to",
    ),
    "knob of a schedule as text": (
        lambda: race(P, {"a": "sgd"}, 3, schedule=("cosine", {"final": "0.1"})),
        "cosine: final = '0.1' is text; give a number from 0 up to 1",
    ),
    "switch as text": (
        lambda: descend(P, ("rmsprop", {"centered": "yes"}), 3),
        "rmsprop: centered = 'yes' is text; give True or False",
    ),
    "extent as text": (lambda: refine(P, PLANE, "1"), "the extent must be a half-width, or"),
    "extents as text": (
        lambda: conflict_map(P, PLANE, [("-1", "1"), (-1, 1)], "fit", "size"),
        "the extent must be a half-width",
    ),
    "grid": (
        lambda: density(spectrum(P, 0), 3.0, 0.1),
        r"grid = 3.0 is not valid; give an array of numbers of shape \(g,\)",
    ),
    "mask": (lambda: dense_hessian(P, mask=np.arange(9)), "mask must hold True or False for each of the 9"),
    "point": (lambda: PLANE.point(np.ones(3)), r"a point of this plane has 2 coordinate\(s\)"),
    "projection": (lambda: PLANE.project(TURNED), SPACES),
    "line to another model": (lambda: linear_interpolation(P, W, TURNED), SPACES),
    "between models": (lambda: connect_solutions(P, W, {"a": W["a"]}), SPACES),
    "match of models": (lambda: match_units(W, TURNED, UNITS), SPACES),
    "match without weights": (
        lambda: match_units(W, W, [Units((), ())]),
        "units need the paths of the arrays",
    ),
    "units as names": (
        lambda: match_units(W, W, ["a"]),
        "units = a list is not valid; give in a list Units of arrays",
    ),
    "diverged match": (lambda: match_units(W, {**W, "b": W["b"] * np.nan}, UNITS), "weights that are not finite"),
    "order": (lambda: permute_units(W, UNITS[0], np.array([0, 1, 1])), "the order must hold every unit once"),
    "starts": (lambda: critical_points(P, 1.0, key=0, starts=0), "starts = 0 is not valid; give a positive"),
    "pair": (
        lambda: stability(P, descend(P, "sgd", 1), ("sgd",), key=0, steps=1),
        "optimizer is no pair; give its name and its knobs",
    ),
    "kind of band": (lambda: band(P, None, 1.0, 0), "kind = None is not valid; give text"),
    "directions": (lambda: filter_normalized(P, (), 0, 0), COUNT),
    "gradients": (lambda: gradient(P, (), 0, -1), COUNT),
    "negative index": (lambda: coordinates(P, (), 0, 2, first=-1), "choose indices from 0 to 8"),
    "paths by label": (
        lambda: explained_variance(PLANE, {}),
        "paths = a dict is not valid; give a list of",
    ),
    "no paths": (lambda: explained_variance(PLANE, []), "there is no path whose variance could be explained"),
    "no game": (lambda: flow(P, PLANE, 1.0), "only a game has players that move"),
    "keys of parameters": (
        lambda: Problem.from_loss(loss, {"a": W["a"], 1: W["b"]}),
        "the parameters hold a dict with keys of several types; name all of them by text",
    ),
    "keys of data": (
        lambda: Problem.from_loss(loss, W, {"x": np.ones(2), 1: np.ones(2)}),
        "data hold a dict with keys of several types",
    ),
    "whole numbers for parameters": (
        lambda: Problem.from_loss(loss, {"a": np.arange(3)}),
        "must be floating-point",
    ),
    "complex parameters": (lambda: Problem.from_loss(loss, {"a": W["a"] + 0j}), "must be floating-point"),
    "no parameters": (lambda: Problem.from_loss(loss, {}), "found none"),
    "a vector for a loss": (
        lambda: Problem.from_loss(lambda p: p["b"], W),
        "must return one floating-point number",
    ),
    "a complex loss": (lambda: Problem.from_loss(lambda p: jnp.sum(p["b"]) * 1j, W), "must return one floating"),
    "text for a loss": (lambda: Problem.from_loss(lambda p: "x", W), "must return one floating-point number"),
    "nothing for a loss": (lambda: Problem.from_loss(lambda p: None, W), "must return one floating-point number"),
    "a loss with more": (
        lambda: Problem.from_loss(lambda p: (jnp.sum(p["b"]), {}), W),
        "must return one floating",
    ),
    "key": (lambda: spectrum(P, 0.5), "key = 0.5 is no random key; give one"),
    "point of text": (lambda: PLANE.point(["x", "y"]), r"give an array of numbers of shape \(K,\)"),
    "components": (lambda: PLANE.components(TURNED), "the vector lies in another space than the plane"),
    "components of nothing": (lambda: PLANE.components(None), "the vector lies in another space than the plane"),
    "complex axis": (lambda: evaluate(P, PLANE, [np.array([1j, 2j]), AXES[1]]), "must be an array of numbers"),
    "nodes": (lambda: nodes("a", 1.0, 3), "low = 'a' is not valid; give a number"),
    "decreasing nodes": (lambda: nodes(1.0, -1.0, 3), "nodes from 1.0 to -1.0 make no axis; give finite numbers"),
    "repeated nodes": (lambda: nodes(0.5, 0.5, 3), "nodes from 0.5 to 0.5 make no axis"),
    "infinite nodes": (lambda: nodes(0.0, np.inf, 3), "nodes from 0.0 to inf make no axis"),
    "decreasing axis": (lambda: evaluate(P, PLANE, [AXES[0], AXES[1][::-1]]), "an axis must increase; sort them"),
    "error over a decreasing axis": (
        lambda: error_estimate((AXES[0][::-1],), np.ones(3), np.zeros((1, 1)), np.ones(1)),
        "the coordinates of an axis must increase; sort them and remove duplicates",
    ),
    "error over a repeated node": (
        lambda: error_estimate((np.array([0.0, 0, 1]),), np.ones(3), np.zeros((1, 1)), np.ones(1)),
        "the coordinates of an axis must increase",
    ),
    "player of a game": (
        lambda: GAME.field(GAME.params, "discriminater"),
        "there is no player 'discriminater'; did you mean discriminator",
    ),
    "player on a plane of a game": (
        lambda: GAME.on(
            span(GAME.params, jax.tree.map(lambda leaf: np.ones((1, *np.shape(leaf))), GAME.params))
        ).field(np.zeros(1), "nobody"),
        "there is no player 'nobody'; choose generator or discriminator",
    ),
    "player of no game": (lambda: P.field(W, "a"), "there is no player 'a'; leave player out, because this is no"),
    "no nodes": (lambda: nodes(0.0, 1.0, -3), "count = -3 makes no axis; give a positive number"),
    "error of nothing": (
        lambda: error_estimate(None, None, None, None),
        "grid = None is not valid; give an array of numbers",
    ),
    "draws along nothing": (
        lambda: band_over_keys(P, PLANE, None, 3),
        "axis = None is not valid; give an array of num",
    ),
    "start of a search": (lambda: sharpness(P, 0, start=np.ones(2)), "start is no vector of 9 numbers"),
    "α": (lambda: rescaling(P, UNITS[0], 0, alphas=[0.5, -1.0]), "an α is not positive"),
    "table of values": (lambda: nondominated(np.arange(3.0)), r"give an array of numbers of shape \(N, 2\)"),
    "wide table of values": (lambda: nondominated(np.ones((4, 3))), r"of shape \(N, 2\)"),
    "values of text": (lambda: nondominated("x"), "values = 'x' is not valid; give an array of numbers"),
    "sense": (lambda: nondominated(np.ones((2, 2)), "up"), "sense = 'up' is not valid; give 'minimize' or"),
    "steps of a path": (
        lambda: overoptimization_point(None, AXES[0], AXES[0]),
        "steps = None is not valid; give an array",
    ),
    "circle of a spectrum": (
        lambda: unit_circle(spectrum(P, 0), "sgd", {}),
        "jacobian = a Spectrum is not valid; give",
    ),
    "stakes of nothing": (lambda: player_weights(None), "problem = None is not valid; give a Problem"),
    "stake of a player": (
        lambda: player_surface(asymmetric(), "me", {"zz": 1.0}),
        "there is no term 'zz'; the terms are",
    ),
}


@pytest.mark.parametrize("name", ["loss", "field", "terms"])
@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"a": W["a"]}, "hold no leaf 'b' of shape (3,)"),
        ({"weights": W["a"], "b": W["b"]}, "hold no leaf 'a' of shape (2, 3)"),
        (TURNED, "hold the leaf 'a' in the shape (3, 2) and not (2, 3)"),
        ({**W, "c": {"d": W["b"]}}, "hold a leaf 'c/d' that does not belong to the problem"),
        (np.ones(9), "hold no leaf 'a' of shape (2, 3)"),
    ],
)
def test_parameters_of_another_model_are_named_by_their_leaf(name, params, sentence):
    with pytest.raises(ValueError, match=r"^the parameters .*; give a tree of the structure") as caught:
        getattr(P, name)(params)
    assert str(caught.value) == f"the parameters {sentence}; give a tree of the structure of problem.params"
    with pytest.raises(ValueError, match=r"^the parameters hold no array of shape \(9,\); give"):
        getattr(Problem.from_loss(jnp.sum, np.ones(9)), name)(W)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_answered_by_one_sentence(name):
    call, sentence = MISTAKES[name]
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_checked_function_keeps_signature_and_result():
    @check_arguments
    def add(one: int, *, other: float = 0.5, label: str | None = None) -> float:
        """Sum."""
        return one + other

    assert add.__doc__ == "Sum."
    assert add(2, other=np.float32(0.25)) == add(np.int64(2), other=0.25, label=None) == 2.25
    for wrong in ({"one": 2.0}, {"one": True}, {"one": 1, "other": "x"}, {"one": 1, "label": 3}):
        with pytest.raises(ValueError, match="is not valid; give"):
            add(**wrong)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'one'"):
        add()
