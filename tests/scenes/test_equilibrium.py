"""The scene of a game: its plane, its motion, its Jacobian, its words and its exports."""

import csv
import io
from dataclasses import replace

import jax
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.exports import EXPORTS, Bundle
from landscapes.figures.scene import picture
from landscapes.recipes import catalog
from landscapes.scenes import scene as module
from landscapes.scenes.captions import caption, details
from landscapes.scenes.equilibrium import EquilibriumAnalysis
from landscapes.scenes.framing import axis_ranges
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.scenes.view import with_view
from tests.figures.scenes import role

DIRAC = Recipe(
    objective=Choice("minimax-gan"),
    data=Choice("point"),
    model=Choice("dirac-gan"),
    precision="float64",
    optimizers=(Choice.of("simultaneous", learning_rate=0.3), Choice.of("alternating", learning_rate=0.3)),
    steps=20,
    tolerance=0.05,
    directions=Choice("players"),
)


def analysis(scene: Scene) -> EquilibriumAnalysis:
    assert scene.equilibrium is not None
    return scene.equilibrium


@pytest.fixture(scope="module")
def memory():
    return {}


@pytest.fixture(scope="module")
def dirac(memory):
    return compute_scene(DIRAC, memory=memory)


def test_the_picture_of_two_numbers_is_their_whole_space(dirac):
    assert dirac.missing == ""
    assert dirac.spectrum is None
    assert dirac.labels == ("generator's only parameter", "discriminator's only parameter")
    path = dirac.paths["alternating"]
    run = dirac.trajectories["alternating"]
    np.testing.assert_allclose(path.coordinates[:, 0], run.params["generator"]["location"])
    np.testing.assert_allclose(path.coordinates[:, 1], run.params["discriminator"]["slope"])
    np.testing.assert_array_equal(path.distance, 0)
    x, y = np.meshgrid(*dirac.surface.axes, indexing="ij")
    np.testing.assert_allclose(dirac.surface.terms["value"], -np.log(2) - np.log1p(np.exp(x * y)), rtol=1e-12)
    assert dirac.surface.axes[0][0] < path.coordinates[:, 0].min()


def test_the_picture_of_two_numbers_holds_paths_that_go_below_zero_alone(dirac):
    run = dirac.trajectories["alternating"]
    below = replace(run, params=jax.tree.map(lambda leaf: -np.abs(leaf), run.params))
    reach = 1.15 * max(np.max(np.abs(leaf)) for leaf in jax.tree.leaves(run.params)) * dirac.recipe.extent
    for result in axis_ranges(dirac.recipe, dirac.problem, dirac.plane, {"alternating": below}):
        assert result == pytest.approx((-reach, reach))


def test_motion_and_jacobian_take_the_place_of_the_hessian(dirac):
    assert analysis(dirac).place == "the known equilibrium"
    np.testing.assert_allclose(np.abs(analysis(dirac).jacobian.eigenvalues), 0.5)
    sentence = analysis(dirac).sentence.replace("\u00a0", " ")
    assert sentence.startswith(
        "The largest of the 2 eigenvalues λ of the field's Jacobian at the known equilibrium"
    )
    assert sentence.endswith("is ± 0.5i (100% rotation). The field vanishes there.")
    assert (
        "Simultaneous steps (η = 0.3): no. Each step turns by 8.5° and grows by 1.1 %." in analysis(dirac).verdict
    )
    assert {name: test.state for name, test in analysis(dirac).tests.items()} == {
        "simultaneous": "diverges",
        "alternating": "undetermined",
    }
    np.testing.assert_allclose(dirac.flow.share, 1)
    np.testing.assert_allclose(dirac.optimum.coordinates, 0)


def test_each_players_surface_is_its_own_loss(dirac):
    heights = {}
    for term in ("generator", "discriminator", "R1"):
        scene = with_view(dirac, replace(DIRAC, term=term))
        figure = picture(scene)
        (drawn,) = role(figure, "surface")
        heights[term] = np.asarray(drawn.z, float)
        assert len(role(figure, "flow")) == 2
        assert len(role(figure, "path")) == 2
        assert term.lower() in caption(scene).partition(", ")[0].lower()
    np.testing.assert_allclose(heights["generator"], -heights["discriminator"], rtol=1e-6)
    assert catalog.complete(DIRAC).term == "generator"


def test_a_weight_changes_the_motion(dirac, memory):
    other = compute_scene(replace(DIRAC, weights=(("R1", 1.0),)), memory=memory)
    assert {name: test.state for name, test in analysis(other).tests.items()} == {
        "simultaneous": "converges",
        "alternating": "converges",
    }
    np.testing.assert_allclose(analysis(other).jacobian.eigenvalues, 0.5, atol=1e-6)
    assert other.flow is not None
    # v of (θ, ψ) = (…, ψ) gains γψ in the second component and nothing in the first, where it is linear: at θ = 0.
    np.testing.assert_allclose(np.diff(other.flow.motion[8, :, 1]) / np.diff(other.flow.axes[1]), -1, rtol=1e-6)
    paid = details(other)["The discriminator pays"]
    assert paid == "−1 · value + 1 · R1"


def test_a_game_without_a_known_equilibrium_is_read_where_the_first_optimizer_ended():
    """With its penalty the Wasserstein game has a kink at θ = ψ = 0 and goes round it."""
    scene = compute_scene(replace(DIRAC, objective=Choice("wasserstein-gan"), steps=3))
    assert scene.optimum is None
    assert analysis(scene).place == "the end of simultaneous"
    assert "This is no equilibrium: the field's norm there is" in analysis(scene).sentence
    end = scene.trajectories["simultaneous"].params
    np.testing.assert_array_equal(scene.problem.params["generator"]["location"], end["generator"]["location"][-1])


def test_a_line_holds_the_other_player(memory):
    line = compute_scene(
        replace(DIRAC, dimension=1, directions=Choice.of("players", line="second")), memory=memory
    )
    assert line.flow is None
    assert line.labels == ("distance along the parameters of discriminator",)
    # Through the first optimizer's end, where the generator stays.
    theta = line.trajectories["simultaneous"].params["generator"]["location"][-1]
    psi = line.trajectories["simultaneous"].params["discriminator"]["slope"][-1]
    (c,) = line.surface.axes
    np.testing.assert_allclose(
        line.surface.terms["value"], -np.log(2) - np.log1p(np.exp(theta * (psi + c))), rtol=1e-12
    )


def test_networks_are_shown_on_the_plane_through_their_start_and_end(monkeypatch, dirac):
    monkeypatch.setattr(
        module, "analyze_equilibrium", lambda *args: analysis(dirac)
    )  # they take the longest to compile
    monkeypatch.setattr(module, "flow", lambda *args, **kwargs: dirac.flow)
    scene = compute_scene(
        Recipe(
            objective=Choice("minimax-gan"),
            data=Choice.of("ring", examples=10),
            model=Choice.of("gan-mlp", width=2, depth=1),
            optimizers=(Choice.of("alternating", learning_rate=0.1),),
            steps=5,
            tolerance=0.1,
        )
    )
    assert scene.recipe.directions.name == "players"
    assert "Generator's loss, minimax game, generator and discriminator (" in caption(scene)
    assert "Plane of one direction per player through the end of alternating" in caption(scene)
    np.testing.assert_allclose(scene.paths["alternating"].distance[[0, -1]], 0, atol=1e-5)
    assert scene.labels == tuple(
        f"distance along the parameters of {name}" for name in ("generator", "discriminator")
    )


def test_exports_of_a_game_carry_its_terms_and_its_jacobian(dirac):
    bundle = Bundle.from_scene(dirac)
    rows = list(csv.DictReader(io.StringIO(EXPORTS["paths"].encode(bundle).decode())))
    assert {"training_term.value", "term.value", "plane_term.value", "distance"} <= set(rows[0])
    assert "loss" not in rows[0]
    first = [row for row in rows if row["path"] == "simultaneous"]
    assert len(first) == 21
    np.testing.assert_allclose(
        [float(row["training_term.value"]) for row in first], dirac.trajectories["simultaneous"].terms["value"]
    )
    table = list(csv.DictReader(io.StringIO(EXPORTS["eigenvalues"].encode(bundle).decode())))
    assert sorted(float(row["imaginary"]) for row in table) == pytest.approx([-0.5, 0.5])
    with np.load(io.BytesIO(EXPORTS["npz"].encode(bundle))) as arrays:
        assert np.iscomplexobj(arrays["jacobian/eigenvalues"])
        np.testing.assert_array_equal(arrays["flow/motion"], dirac.flow.motion)
        np.testing.assert_array_equal(
            arrays["run/alternating/term/value"], dirac.trajectories["alternating"].terms["value"]
        )
    assert b"plotly" in EXPORTS["html"].encode(bundle)[:3_000_000].lower()


def test_a_start_picked_on_the_picture_moves_as_in_the_whole_game(memory):
    """Over the plane of two numbers the players are still two: in turn, they stay on their curve."""
    picked = replace(DIRAC, start="picked", start_x=0.5, start_y=-0.25)
    on, full = (compute_scene(replace(picked, space=space), memory=memory) for space in ("plane", "full"))
    for name in on.paths:
        np.testing.assert_allclose(on.paths[name].coordinates[0], (0.5, -0.25), rtol=1e-12)
        np.testing.assert_allclose(on.paths[name].coordinates, full.paths[name].coordinates, rtol=1e-9, atol=1e-12)
    assert not np.allclose(on.paths["simultaneous"].coordinates, on.paths["alternating"].coordinates, atol=1e-3)
