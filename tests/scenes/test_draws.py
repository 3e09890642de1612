"""Several draws of a stochastic objective's noise behind a line."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Problem, span
from landscapes.directions.line_bands import band_over_keys
from landscapes.figures.scene import picture
from landscapes.recipes import catalog
from landscapes.scenes import scene as stages
from landscapes.scenes.captions import details
from landscapes.scenes.scene import compute_scene
from tests.small_recipes import fitting

NOISY = replace(
    fitting("dropout"), dimension=1, draws=5, optimizers=(), directions=Choice("gaussian"), eigenvalues=1
)


@pytest.fixture(scope="module", autouse=True)
def uncurved():
    """Hessians take the longest to compile; here nobody looks at them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "spectrum", lambda *args, **kwargs: None)
        yield


@pytest.fixture(scope="module")
def scene(uncurved):
    return compute_scene(NOISY)


def test_each_draw_is_one_curve_and_the_quartiles_lie_in_order(scene):
    losses = scene.draws.losses
    assert losses.shape == (5, len(scene.surface.axes[0]))
    assert len(np.unique(losses[:, 0])) == 5
    low, middle, high = (scene.draws.quantile(share) for share in (0.25, 0.5, 0.75))
    assert np.all(low <= middle)
    assert np.all(middle <= high)
    np.testing.assert_array_equal(middle, np.sort(losses, axis=0)[2])


def test_the_band_is_labelled_with_the_number_of_draws(scene):
    names = [trace.get("name") for trace in picture(scene).to_dict()["data"]]
    assert "quartiles of 5 draws" in names
    assert "median of 5 draws" in names
    assert "5 draws" in details(scene)["Draws"]


def test_without_noise_every_draw_is_the_surface_itself():
    quiet = compute_scene(replace(NOISY, objective=Choice.of("dropout", rate=0.0), draws=3))
    for row in quiet.draws.losses:  # type: ignore[union-attr]  # there are draws
        np.testing.assert_allclose(row, quiet.surface.loss, rtol=1e-6)


def test_minibatches_of_an_epoch_have_the_loss_of_all_examples_as_mean():
    recipe, memory = replace(NOISY, objective=Choice("cross-entropy"), batch_size=5, draws=4), {}
    batches = compute_scene(catalog.complete(recipe), memory=memory)
    assert batches.draws is not None
    assert batches.draws.kind == "minibatches"
    assert len(np.unique(batches.draws.losses[:, 0])) == 4
    np.testing.assert_allclose(batches.draws.losses.mean(axis=0), batches.surface.loss, rtol=1e-5)
    assert "quartiles of 4 minibatches" in [trace.get("name") for trace in picture(batches).to_dict()["data"]]
    assert "4 minibatches of 5 examples" in details(batches)["Draws"]
    # Other draws are not taken from the memory.
    halves = compute_scene(replace(batches.recipe, batch_size=10, draws=2), memory=memory)
    assert halves.draws is not None
    assert halves.draws.losses.shape == (2, len(halves.surface.axes[0]))
    assert "2 minibatches of 10 examples" in details(halves)["Draws"]
    larger = compute_scene(replace(batches.recipe, batch_size=10), memory=memory)
    assert larger.draws is not None
    assert not np.array_equal(larger.draws.losses, batches.draws.losses)


def test_what_draws_nothing_has_no_draws():
    assert catalog.complete(replace(NOISY, objective=Choice("cross-entropy"))).draws == 1
    assert catalog.complete(replace(NOISY, dimension=2)).draws == 1
    problem = Problem.from_loss(lambda w: jnp.sum(w**2), np.zeros(2))
    with pytest.raises(ValueError, match="draws = 1 show no spread; give at least 2"):
        band_over_keys(problem, span(problem.params, np.ones((1, 2))), np.linspace(-1, 1, 3), 1)
