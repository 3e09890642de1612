"""Masked-token prediction and contrastive learning against plain loops, with the same draws everywhere."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Recipe, refine, span
from landscapes.directions import gaussian
from landscapes.objectives import DATASETS, OBJECTIVES, selfsupervised
from landscapes.recipes import catalog
from landscapes.slices.spline import interpolate_on_grid
from tests.small_recipes import opening

MASKED, CONTRASTIVE = OBJECTIVES["masked-token"], OBJECTIVES["info-nce"]
KEY = jax.random.key(3)
IMAGES = DATASETS["digits-images"].load(0, examples=10).train["x"][:6].astype(np.float64)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def test_masked_positions_alone_count_and_they_are_hidden_from_the_model():
    rng = np.random.default_rng(0)
    x, logits = rng.integers(0, 5, (7, 8)).astype(np.int32), rng.normal(size=(7, 8, 5))
    observed_values = []

    def forward(params, state, tokens, *, causal):
        observed_values.append((np.asarray(tokens), causal))
        return params

    def loss(logits):
        return MASKED.terms(forward, logits, {}, {"x": jnp.asarray(x)}, KEY, rate=0.25)["masked-token"]

    value = loss(jnp.asarray(logits))
    ((tokens, causal),) = observed_values
    assert causal is False
    hidden = tokens == -1
    np.testing.assert_array_equal(hidden.sum(1), 2)
    np.testing.assert_array_equal(tokens[~hidden], x[~hidden])
    surprise = [np.log(np.exp(row).sum()) - row[t] for row, t in zip(logits[hidden], x[hidden], strict=True)]
    np.testing.assert_allclose(value, np.mean(surprise), rtol=1e-12)
    slope = jax.jit(jax.grad(lambda logits: MASKED.terms(
        lambda params, *_, causal: params, logits, {}, {"x": jnp.asarray(x)}, KEY, rate=0.25)["masked-token"]
    ))(jnp.asarray(logits))  # fmt: skip
    assert np.all(np.asarray(slope)[~hidden] == 0)
    assert np.all(np.asarray(slope)[hidden] != 0)
    np.testing.assert_allclose(loss(jnp.zeros((7, 8, 5))), np.log(5), rtol=1e-14)


def test_masked_tokens_open_with_a_surface_that_is_as_near_to_the_loss_as_it_says():
    """A random line through a small model, against the loss itself between the line's points."""
    opened = catalog.complete(catalog.opening_of("masked-token"))
    assert (opened.data.name, opened.model.name) == ("text", "transformer")
    assert ([choice.name for choice in opened.optimizers], opened.steps) == (["adam", "momentum"], 200)
    assert opened.tolerance == 0.002
    problem = catalog.build(replace(opening("masked-token"), precision="float64"))
    plane = span(problem.params, gaussian(problem, (), KEY, 1))
    *_, line = refine(problem, plane, 4.0, tolerance=opened.tolerance)
    (error,) = line.errors.values()
    assert error < opened.tolerance * np.ptp(line.loss)
    between = np.linspace(-3.9, 3.8, 7)
    values = jax.jit(
        lambda c: jax.lax.map(lambda at: problem.loss(plane.point(at[None])), c),
        compiler_options={"xla_backend_optimization_level": 0},
    )
    loss = values(between)
    assert np.max(np.abs(interpolate_on_grid(line.axes, line.loss, (between,)) - loss)) < error
    assert np.max(np.abs(loss - np.mean(loss))) > 100 * error


@pytest.mark.parametrize(("rate", "count"), [(1e-6, 1), (0.25, 2), (0.55, 5), (1.0, 9)])
def test_a_share_of_every_sequence_is_masked_and_never_none(rate, count):
    drawn = np.asarray(selfsupervised.masks(KEY, (40, 9), rate))
    np.testing.assert_array_equal(drawn.sum(1), count)
    if count < 9:
        assert np.all(drawn.mean(0) > 0)
        assert np.any(drawn != selfsupervised.masks(jax.random.key(4), (40, 9), rate))
    with jax.enable_x64(False):
        np.testing.assert_array_equal(drawn, selfsupervised.masks(KEY, (40, 9), rate))


@jax.jit
def contrast(outputs, **knobs):
    """The terms where an encoder gives `outputs` ["2N E"] whatever the views are."""
    batch = {"x": jnp.asarray(IMAGES[: len(outputs) // 2])}
    return CONTRASTIVE.terms(lambda params, *_: params, jnp.asarray(outputs), {}, batch, KEY, **knobs)


def test_info_nce_is_its_double_loop():
    outputs, tau = np.random.default_rng(1).normal(size=(12, 3)), 0.4
    z = [row / np.linalg.norm(row) for row in outputs]
    total = 0.0
    for i in range(12):
        partner = i + 6 if i < 6 else i - 6
        below = sum(np.exp(z[i] @ z[k] / tau) for k in range(12) if k != i)
        total -= np.log(np.exp(z[i] @ z[partner] / tau) / below)
    terms = contrast(outputs, temperature=tau)
    assert set(terms) == {"alignment", "uniformity"}
    np.testing.assert_allclose(sum(terms.values()), total / 12, rtol=1e-10)
    np.testing.assert_allclose(
        terms["alignment"], -np.mean([z[i] @ z[i - 6] for i in range(12)]) / tau, rtol=1e-10
    )


def test_equal_embeddings_cost_ln_of_the_number_of_others():
    terms = contrast(np.tile([1.0, -2.0], (8, 1)), temperature=0.3)
    np.testing.assert_allclose(sum(terms.values()), np.log(7), rtol=1e-9)
    np.testing.assert_allclose(terms["alignment"], -1 / 0.3, rtol=1e-9)
    recipe = catalog.complete(catalog.opening_of("info-nce"))
    (value,) = catalog.references(recipe).values()
    assert value == np.log(2 * int(recipe.data.settings["examples"]) - 1)
    weights = {"alignment": 1.0, "uniformity": 0.25}
    references = OBJECTIVES["info-nce"].known.references
    assert references is not None
    ((name, value),) = references(DATASETS["digits-images"].load(0, examples=4), weights, temperature=0.3).items()
    np.testing.assert_allclose(value, sum(weights[term] * terms[term] for term in terms), rtol=1e-9)
    assert name == "all embeddings equal"


def test_only_the_direction_of_an_embedding_matters_and_0_has_no_nan():
    outputs = np.random.default_rng(2).normal(size=(12, 4))
    for a, b in zip(
        contrast(outputs).values(), contrast(outputs * np.linspace(1, 9, 12)[:, None]).values(), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-9)
    outputs[2] = 0
    slope = jax.jit(jax.grad(lambda o: sum(contrast(o).values())))(outputs)
    assert np.all(np.isfinite(slope))


def test_the_model_sees_two_different_views_of_each_image_in_turn():
    @jax.jit  # op by op it would compile a dozen programs for one use each
    def views(knobs):
        result = []

        def forward(params, state, x):
            result.append(x)
            return params

        CONTRASTIVE.terms(forward, outputs, {}, {"x": jnp.asarray(IMAGES)}, KEY, **knobs)
        return result[0]

    baseline = {name: knob.default for name, knob in catalog.knobs_of("info-nce").items()}
    still = baseline | {"shift": 0.0, "noise": 0.0, "contrast": 0.0}
    outputs = jnp.asarray(np.random.default_rng(3).normal(size=(12, 2)))
    observed_values = [np.asarray(views(knobs)) for knobs in (still, baseline, baseline)]
    np.testing.assert_allclose(observed_values[0], np.concatenate([IMAGES, IMAGES]), atol=1e-12)
    np.testing.assert_array_equal(observed_values[1], observed_values[2])
    first, second = observed_values[1][:6], observed_values[1][6:]
    assert np.all(np.max(np.abs(first - second), axis=(1, 2, 3)) > 0.1)
    # More alike than views of different images.
    own = np.linalg.norm((first - second).reshape(6, -1), axis=1)
    others = np.linalg.norm((first - np.roll(second, 1, axis=0)).reshape(6, -1), axis=1)
    assert np.mean(own) < np.mean(others)


def test_moving_by_whole_pixels_moves_and_by_half_a_pixel_averages():
    moves = selfsupervised._shift_matrices(4, jnp.asarray([1.0, -2.0, 0.5]))
    row = np.array([3.0, 1.0, 4.0, 2.0])
    np.testing.assert_allclose(moves @ row, [[0, 3, 1, 4], [4, 2, 0, 0], [1.5, 2, 2.5, 3]])


def test_draws_are_the_same_in_either_precision():
    knobs = {"shift": 2.0, "noise": 0.2, "contrast": 0.5}
    view = jax.jit(selfsupervised.view)
    wide = view(KEY, IMAGES, **knobs)
    with jax.enable_x64(False):
        narrow = view(KEY, IMAGES.astype(np.float32), **knobs)
    assert wide.dtype == jnp.float64
    np.testing.assert_allclose(wide, narrow, atol=1e-5)


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (
            Recipe(objective=Choice("masked-token"), model=Choice("bigram"), data=Choice("text")),
            "needs a bidirectional language model, but bigram is a language model; choose transformer",
        ),
        (
            Recipe(objective=Choice("info-nce"), model=Choice("mlp"), data=Choice("iris")),
            "info-nce needs image inputs, but iris has vector inputs",
        ),
        (
            Recipe(objective=Choice.of("info-nce", temperature=0.0)),
            "temperature = 0.0 is out of range; give a number",
        ),
        (
            Recipe(objective=Choice.of("masked-token", rate=0.0)),
            "rate = 0.0 is out of range; give a number above 0",
        ),
    ],
)
def test_what_does_not_fit_gets_one_sentence(recipe, sentence):
    with pytest.raises(ValueError, match=sentence):
        catalog.complete(recipe)


def test_masked_rows_are_those_of_the_loss():
    dataset = DATASETS["text"]
    behavior = selfsupervised.masked_tokens(dataset, dataset.load(0, examples=5, context=8), "train")
    x, key = behavior.inputs["x"], KEY

    def uniform(params, state, observed_values, causal):
        assert not causal
        return jnp.zeros((*observed_values.shape, 20))

    output = jax.jit(lambda x, rate: behavior.show(uniform, None, None, {"x": x}, key, rate=rate))(x, 0.25)
    masked = np.asarray(jax.jit(lambda rate: selfsupervised.masks(key, x.shape, rate))(0.25))
    n, t = np.nonzero(masked)
    np.testing.assert_array_equal(output.at[: len(t)], t)
    np.testing.assert_array_equal(output.seen[: len(n)], np.where(masked, -1, x)[n])


def test_similarities_are_in_the_order_of_the_classes():
    dataset = DATASETS["digits-images"]
    data = dataset.load(0, examples=30)
    behavior = selfsupervised.similarities(dataset, data, "train")
    assert behavior is not None
    labels = behavior.drawn["labels"]
    assert np.all(np.diff(labels) >= 0)
    shown = {name: OBJECTIVES[name].behavior(dataset, data, "train") for name in ("triplet", "vicreg", "info-nce")}
    assert [name for name, each in shown.items() if each and "has_labels" in each.drawn] == ["triplet"]

    def outputs(params, state, x):
        return x.reshape(len(x), 64)

    output = behavior.show(outputs, None, None, {"x": jnp.asarray(behavior.inputs["x"])}, None)
    first, other = (behavior.inputs["x"][k].ravel() for k in (3, 17))
    cosine = first @ other / np.linalg.norm(first) / np.linalg.norm(other)
    np.testing.assert_allclose(output.cosine[3, 17], cosine, rtol=1e-4)
    to_axes = OBJECTIVES["arcface"].behavior(dataset, data, "train")
    assert to_axes is not None
    to_axis = to_axes.show(outputs, None, None, {"x": jnp.asarray(to_axes.inputs["x"])}, None).cosine[3, 20]
    np.testing.assert_allclose(to_axis, first[20] / np.linalg.norm(first), rtol=1e-4)
    at = [int(np.flatnonzero((data.train["x"] == image).all(axis=(1, 2, 3)))[0]) for image in behavior.inputs["x"]]
    np.testing.assert_array_equal(data.train["y"][at], labels)
