"""Which recipes have something to show of what their model does."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.figures.behavior_data import KINDS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog
from tests.small_recipes import BOWL, TINY, build_unfilled, fitting

MOONS = replace(TINY, data=Choice.of("moons", examples=20), behavior=True)


def test_behavior_is_a_setting_of_a_model_with_something_to_show():
    assert Recipe.from_query(MOONS.query).behavior
    assert catalog.complete(MOONS).behavior
    assert catalog.complete(replace(MOONS, dimension=1)).behavior
    assert not catalog.complete(replace(BOWL, behavior=True)).behavior
    with pytest.raises(ValueError, match="behavior = 'maybe' is neither true nor false"):
        Recipe.from_query("behavior=maybe")


def test_batch_statistics_are_shown_on_the_examples_alone():
    """Of a grid of inputs they would be those of the grid."""
    normalized = Choice.of("mlp", width=3, depth=1, normalization="batch")
    assert not catalog.shows_behavior(catalog.complete(replace(MOONS, model=normalized)))
    collected = Choice.of("mlp", width=3, depth=1, normalization="batch", statistics="collected")
    assert catalog.shows_behavior(catalog.complete(replace(MOONS, model=collected)))
    digits = replace(MOONS, data=Choice.of("digits", examples=20), model=normalized)
    assert catalog.shows_behavior(catalog.complete(digits))


def test_a_table_that_is_missing_keeps_the_setting():
    missing = Recipe(data=Choice.of("table-classes", table="0123456789abcdef-3-4-lost.csv"), behavior=True)
    assert catalog.shows_behavior(missing)


def shown_by(objective, data):
    """The shapes of the display of a small model."""
    recipe = catalog.complete(fitting(objective, data))
    behavior = catalog.behavior_of(recipe)
    if behavior is None:
        return None
    problem, dtype = build_unfilled(recipe), np.float32
    inputs = {
        name: jnp.asarray(array, dtype if np.issubdtype(array.dtype, np.floating) else None)
        for name, array in behavior.inputs.items()
    }
    bound = problem.objective
    knobs = {**dict(bound.static), **bound.knobs}
    return jax.eval_shape(
        lambda params: behavior.show(bound.forward, params, problem.state, inputs, problem.key, **knobs),
        problem.params,
    )


def has_picture(objective, data):
    """Vectors that a model generates have a picture if they are images or have at most two numbers, embeddings if
    their examples have labels."""
    if "twins" in OBJECTIVES[objective].fits.needs:
        return DATASETS[data].targets == "classes"
    vectors = OBJECTIVES[objective].fits.needs & {
        "autoencoder",
        "linear autoencoder",
        "denoiser",
        "density",
        "energy",
    }
    loaded = catalog.load(catalog.complete(fitting(objective, data)).data, 0)
    return not vectors or DATASETS[data].pixels is not None or int(np.prod(loaded.input_shape)) <= 2


@pytest.mark.parametrize("objective", catalog.trainable_objectives(OBJECTIVES))
def test_every_objective_shows_itself_on_all_data_with_a_picture(objective):
    for data in catalog.datasets_for(objective):
        display = shown_by(objective, data)
        assert (display is not None) == has_picture(objective, data), data
        if display is not None:
            assert type(display).__name__.lower() in KINDS
            assert all(leaf.dtype in (np.int32, np.float32) for leaf in display)
