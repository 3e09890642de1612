"""Captions and details: what a picture depends on, in words."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes import Choice
from landscapes.figures.scene import picture
from landscapes.games.game_flow import Flow
from landscapes.optimization.optimizers import caveat
from landscapes.precision import precision
from landscapes.recipes import catalog
from landscapes.recipes.words import symbol
from landscapes.scenes.captions import caption, details, interpolation_error
from landscapes.scenes.optimum import Optimum
from landscapes.scenes.precomputed import Precomputed
from landscapes.scenes.scene import compute_scene
from tests.figures.scenes import role, traces
from tests.scenes.small_scenes import NETWORK


def test_values_at_the_end_are_those_of_the_split_that_is_named(network, memory):
    """Of the whole split and of the last parameters, whatever the minibatches were."""
    for split in ("train", "test"):
        scene = compute_scene(replace(NETWORK, batch_size=3, split=split), memory=memory)
        (run,) = scene.trajectories.values()
        with precision(run.params):
            terms = scene.problem.terms(jax.tree.map(lambda leaf: leaf[-1], run.params))
        assert float(terms["cross-entropy"]) != pytest.approx(float(run.terms["cross-entropy"][-1]), rel=1e-3)
        term_texts = dict(part.rsplit(" ", 1) for part in details(scene)["Terms at the end of sgd"].split(", "))
        assert {name: float(text) for name, text in term_texts.items()} == pytest.approx(
            {symbol(name): float(value) for name, value in terms.items()}, rel=1e-4
        )


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("space", ["plane", "full"])
def test_paths_that_stay_in_the_plane_are_said_to(dimension, space, memory, uncurved):
    x = 0.31
    picked = {"start": "picked", "start_x": x, "start_y": -0.17, "space": space, "dimension": dimension}
    scene = compute_scene(replace(NETWORK, **picked), memory=memory)
    flat = "plane" if dimension == 2 else "line"
    only = f"in this {flat} only"
    place = "(0.31, −0.17)" if dimension == 2 else "0.31"
    moves = f"{place} and move {only if space == 'plane' else 'in the full space'}"
    assert f"; paths start at {moves}; " in caption(scene)
    assert details(scene)["Paths start at"] == moves
    (drawn,) = role(picture(scene), "path")
    assert drawn.name == (f"sgd, {only}" if space == "plane" else "sgd")
    assert scene.explained is not None
    assert (scene.explained > 1 - 1e-6) == (space == "plane") == bool(np.all(scene.paths["sgd"].distance < 1e-5))


def test_t42_the_caption_states_what_the_picture_depends_on(network, bowl, memory):
    text = caption(network)
    for part in ("Cross-entropy, multilayer perceptron (21 parameters)",
                 "data: blobs, 20 training examples",
                 "Plane of two filter-normalized random directions through the trained point",
                 f"{network.surface.evaluations:,} evaluations",
                 "seed 0, float32",
                 f"error at most about {network.surface.error:.2g} on 95 % of the area"):  # fmt: skip
        assert part in text
    assert caption(bowl).startswith("Quadratic bowl (angle 0, condition 4); ")
    test = compute_scene(replace(NETWORK, split="test"), memory=memory)
    assert "data: blobs, 20 test examples" in caption(test)


@pytest.mark.parametrize(
    ("labels", "center", "text"),
    [
        (
            ("toward sgd's end", "toward the start, at right angles"),
            "trained",
            "start and the two best solutions;",
        ),
        (
            ("toward adam's end", "toward sgd's end, at right angles"),
            "initial",
            "start and the two best solutions;",
        ),
        (
            ("toward the start", "along the largest remaining motion, at right angles"),
            "trained",
            "start and the best solution, along the largest remaining motion;",
        ),
        (
            ("toward sgd before it diverged", "along a random direction, at right angles"),
            "initial",
            "start and sgd before it diverged, since every run diverged;",
        ),
    ],
)
def test_the_caption_names_the_points_of_a_plane_of_solutions(network, labels, center, text):
    recipe = replace(network.recipe, directions=Choice("solutions"))
    caption_text = caption(replace(network, recipe=recipe, labels=labels, center=center))
    assert f". Plane through the {text}" in caption_text


def test_the_caption_says_whose_path_follows_the_gradient_of_no_loss(network, bowl):
    decaying = (Choice.of("adamw", weight_decay=0.1), Choice("sgd"))
    for shown in (network, bowl):
        assert "the gradient of no loss" not in caption(shown)
        text = caption(replace(shown, recipe=replace(shown.recipe, optimizers=decaying)))
        assert text == f"{caption(shown)} {caveat('adamw', {'weight_decay': 0.1})}"


def test_t10_explained_variance_is_never_stated_alone(network, bowl):
    text = details(network)["Share of the paths' variance in this plane"]
    assert f"{100 * network.explained:.1f} %" in text
    assert "for comparison: the best plane for a random walk holds 76 %" in text
    assert "Share of the paths' variance in this plane" not in details(bowl)


def test_details_state_every_choice(network):
    facts = details(network)
    assert facts["Terms"] == "1 · cross-entropy + 0 · L1 + 0 · L2"
    assert facts["Normalization statistics"] == "none"
    rate = network.recipe.optimizers[0].settings["learning_rate"]
    assert facts["Optimizers"] == f"sgd (learning rate {rate:g})"
    assert facts["Training"] == "6 steps, full batch, constant learning rate"
    assert facts["Seed and precision"] == "0, float32"
    assert set(facts["Error of each term"].split()) > {"cross-entropy", "L1", "L2"}


def test_details_state_the_optimum_the_holes_and_the_arrows_of_this_scene(network):
    """No two of the numbers are alike."""
    surface = network.surface
    cross_entropy = surface.terms["cross-entropy"].copy()
    cross_entropy[0, :2] = np.nan
    shown = replace(
        network,
        surface=replace(surface, terms={**surface.terms, "cross-entropy": cross_entropy}),
        optimum=Optimum(np.array([0.5, -0.25]), 0.125, 3.75),
        flow=Flow(surface.axes, np.zeros((3, 1, 2)), np.array([[0.1], [0.2], [0.9]])),
    )
    facts = details(shown)
    assert facts["Known optimum"] == "3.75, at a distance of 0.125 from the plane"
    assert facts["Not finite"] == f"2 of {surface.loss.size} grid points"
    assert "holds it, 20 % of its length (median)" in facts["Arrows"]
    game = replace(shown, recipe=replace(shown.recipe, term=""), surface=replace(shown.surface, game=True))
    assert details(game)["Known equilibrium"] == "at a distance of 0.125 from the plane"
    (mark,) = [trace for trace in traces(picture(replace(shown, flow=None))) if trace.name == "known optimum"]
    assert "<br>0.125 off the picture" in mark.hovertemplate
    assert (mark.x[0], mark.y[0]) == (0.5, -0.25)


def test_the_error_is_that_of_the_sum_or_term_that_is_drawn(network):
    """Trained on the cross-entropy alone; every term has another error."""
    errors = {"cross-entropy": 0.25, "l1": 0.5, "l2": 3.0}
    shown = replace(network, surface=replace(network.surface, errors=errors, checks=256, verified=True))

    def stated(**change):
        text = caption(replace(shown, recipe=replace(shown.recipe, **change)))
        return float(text.partition("interpolation error at most about ")[2].partition(" ")[0])

    assert stated() == 0.25
    assert stated(term="l1") == 0.5
    assert stated(mix=(("l2", 2.0),)) == pytest.approx(shown.surface.reweighted({"l2": 2.0}).error, rel=0.05)
    assert stated(mix=(("l2", 2.0),)) > 5


def test_a_note_calls_a_term_as_the_legend_does(network):
    surface = replace(network.surface, note="The term l1 jumps by about 0.5 near (1, 2).")
    assert caption(replace(network, surface=surface)).endswith(" The term L1 jumps by about 0.5 near (1, 2).")


def test_interpolation_error_is_stated_only_where_it_was_checked(network):
    surface = replace(network.surface, checks=256, verified=True)
    assert interpolation_error(surface, 0.03) == "interpolation error at most about 0.03 on 98 % of the area"
    line = replace(surface, axes=surface.axes[:1])
    assert interpolation_error(line, 0.03).endswith(" of the line")
    coarse = replace(surface, verified=False)
    assert interpolation_error(coarse, 0.03) == "interpolation error not known yet"
    assert "at most about 0.03" in interpolation_error(replace(coarse, note="Finer grids add nothing."), 0.03)


def test_details_state_the_references_of_the_trained_sum_alone(monkeypatch, network):
    monkeypatch.setattr(catalog, "references", lambda recipe: {"uniform guess": 1.25, "best": 0.5})
    facts = details(network)
    assert (facts["Uniform guess"], facts["Best"]) == ("1.25", "0.5")
    for change in ({"split": "test"}, {"mix": (("l2", 0.5),)}):
        assert "Best" not in details(replace(network, recipe=replace(network.recipe, **change)))


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"term": "l2"}, "L2, a term of cross-entropy"),
        ({"weights": (("l2", 0.5),)}, "Cross-entropy + 0.5·L2"),
        ({"mix": (("l2", 2.0),)}, "Cross-entropy, mixed as cross-entropy + 2·L2 and trained as cross-entropy"),
    ],
)
def test_the_subject_of_the_caption_is_what_is_drawn(network, change, subject):
    text = caption(replace(network, recipe=replace(network.recipe, **change)))
    assert text.startswith(
        f"{subject}, multilayer perceptron (21 parameters), data: blobs, 20 training examples. "
    )


def test_what_is_drawn_is_told_from_what_is_trained(network):
    focal = replace(network, recipe=replace(network.recipe, drawn=Choice("focal")))
    assert caption(focal).startswith(
        "Focal loss, multilayer perceptron (21 parameters) trained on cross-entropy, data: "
    )
    assert details(focal)["Objective"] == "Focal loss drawn, Cross-entropy (label smoothing 0) trained"


def test_the_players_are_named_with_their_own_weights(network):
    weights = {"generator": {"l2": 3.0}, "critic": {"cross-entropy": 0.5, "l1": -2.0}}
    game = replace(network, precomputed=Precomputed("7.8", replace(network.facts, player_weights=weights)))
    facts = details(game)
    assert facts["The generator pays"] == "3 · L2"
    assert facts["The critic pays"] == "0.5 · cross-entropy + −2 · L1"
    shown = replace(game, recipe=replace(game.recipe, term="critic"))
    assert caption(shown).startswith("Critic's loss, cross-entropy, multilayer perceptron")


def test_the_rounding_of_a_file_is_weighted_like_its_terms(network):
    """|−2| · 0.25 + 0.5 · 3; what weighs nothing moves nothing."""
    surface = replace(network.surface, weights={"cross-entropy": -2.0, "l1": 0.0, "l2": 0.5})
    file = Precomputed("7.8", network.facts, {"cross-entropy": 0.25, "l1": 50.0, "l2": 3.0})
    recipe = replace(network.recipe, seed=5)
    shown = replace(network, recipe=recipe, surface=surface, precomputed=file)
    computed = "computed beforehand by version 7.8 in float32, heights rounded by up to about 2"
    assert details(shown)["Seed and precision"] == f"5, {computed}"
    assert f"; seed 5, {computed}." in caption(shown)
    exact = replace(shown, precomputed=replace(file, rounding={}))
    assert details(exact)["Seed and precision"] == "5, computed beforehand by version 7.8 in float32"


def test_details_state_training_and_settings_away_from_their_defaults(network, bowl):
    change = {"batch_size": 7, "schedule": Choice("cosine"), "steps": 9, "start": "trained"}
    optimizers = (Choice.of("momentum", nesterov=True), Choice.of("adam", b1=0.5))
    shown = replace(network, recipe=replace(network.recipe, optimizers=optimizers, **change))
    facts = details(shown)
    assert facts["Training"] == "9 steps, minibatches of 7, cosine learning rate"
    assert facts["Paths start at"] == "the trained point"
    assert "; paths start at the trained point; seed" in caption(shown)
    assert facts["Optimizers"] == "momentum (nesterov on); adam (β₁ 0.5)"
    picked = replace(bowl.recipe, start="picked", start_x=0.5, start_y=-0.25)
    assert details(replace(bowl, recipe=picked))["Paths start at"] == "(0.5, −0.25)"
    assert not {"Training", "Paths start at"} & set(details(replace(bowl, recipe=replace(picked, optimizers=()))))


def test_the_place_of_a_plane_is_that_of_its_center(network):
    """The start in the place of the end only where there was to be an end."""
    at_start = replace(network, center="initial")
    assert " directions through the initial point, since every run diverged; " in caption(at_start)
    for change in ({"optimizers": ()}, {"center": "initial"}):
        meant = replace(at_start, recipe=replace(network.recipe, **change))
        assert " directions through the initial point; " in caption(meant)
    players = replace(network.recipe, directions=Choice("players"))
    assert ". Plane of one direction per player through the trained point; " in caption(
        replace(network, recipe=players)
    )
    of_two = replace(network, recipe=players, precomputed=Precomputed("7.8", replace(network.facts, dim=2)))
    assert ". The whole space of the two players; " in caption(of_two)
