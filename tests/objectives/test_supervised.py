"""Supervised objectives: values known by hand, convexity facts, and what belongs to which term."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.flatten_util import ravel_pytree

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES, supervised
from tests.objectives.supervised_terms import terms_at


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def linear(model, x, y, name, outputs):
    """(loss of the raveled parameters, random parameters, unravel) of a linear model in float64."""
    module = nnx.eval_shape(lambda: MODELS[model].build(x.shape[1:], outputs, nnx.Rngs(0)))
    graph, shapes, state = models.split(module)
    rng = np.random.default_rng(1)
    flat, unravel = ravel_pytree(jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), shapes))

    def loss(flat):
        def forward(params, state, x):
            return models.apply(graph, params, state, x)

        return OBJECTIVES[name].terms(forward, unravel(flat), state, {"x": x, "y": y}, None)[name]

    return jax.jit(loss), flat, unravel


def hessian_of(loss):
    """Compiled, which takes a fraction of the time that its operations take one by one."""
    return jax.jit(jax.hessian(loss))


def examples(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def with_bias(x):
    """Columns in the order in which parameters are raveled: bias, then kernel."""
    return np.concatenate([np.ones((len(x), 1)), x], axis=1)


def test_mse_of_a_linear_model_has_the_hessian_2_over_n_xtx_everywhere():
    x, y = examples(23, 4), examples(23, 1, seed=1)
    loss, flat, _ = linear("linear", x, y, "squared-error", 1)
    expected = 2 / 23 * with_bias(x).T @ with_bias(x)
    hessian = hessian_of(loss)
    for point in (flat, flat + 3):
        np.testing.assert_allclose(hessian(point), expected, rtol=1e-10, atol=1e-12)


def test_logistic_hessian_lies_between_0_and_a_quarter_of_xtx_over_n():
    x, y = examples(40, 3), np.random.default_rng(2).integers(0, 2, 40)
    loss, flat, _ = linear("logistic", x, y, "cross-entropy", 2)
    bound = with_bias(x).T @ with_bias(x) / (4 * 40)
    hessian = hessian_of(loss)
    for scale in (0.0, 1.0, 5.0):
        there = hessian(scale * flat)
        assert np.linalg.eigvalsh(there).min() > 0
        assert np.linalg.eigvalsh(bound - there).min() > -1e-12
    np.testing.assert_allclose(hessian(0 * flat), bound, atol=1e-12)


def test_softmax_and_logistic_regression_are_the_same_function_of_logit_differences():
    x, y = examples(30, 2), np.random.default_rng(3).integers(0, 3, 30)
    softmax, flat, unravel = linear("softmax", x, y, "cross-entropy", 3)
    logistic, _, _ = linear("logistic", x, y, "cross-entropy", 3)
    affine = unravel(flat)["affine"]
    reference = {name: leaf[..., 1:] - leaf[..., :1] for name, leaf in affine.items()}
    np.testing.assert_allclose(logistic(ravel_pytree({"affine": reference})[0]), softmax(flat), rtol=1e-12)


def test_t27_softmax_regression_has_a_zero_mode_per_input():
    """d = 4 inputs counting the bias: adding one vector to every class's weights changes nothing."""
    x, y = examples(50, 3), np.random.default_rng(4).integers(0, 3, 50)
    loss, flat, _ = linear("softmax", x, y, "cross-entropy", 3)
    eigenvalues = np.linalg.eigvalsh(hessian_of(loss)(flat))
    assert np.sum(np.abs(eigenvalues) < 1e-12) == 4
    assert np.all(eigenvalues[4:] > 1e-4)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_cross_entropy_at_zero_logits(classes):
    def loss(outputs):
        return terms_at(outputs, [1], "cross-entropy")["cross-entropy"]

    zeros = jnp.zeros((1, classes))
    np.testing.assert_allclose(loss(zeros), np.log(classes), rtol=1e-14)
    hessian = hessian_of(loss)(zeros).reshape(classes, classes)
    expected = [0.0] + [1 / classes] * (classes - 1)
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), expected, atol=1e-14)


def test_separable_data_have_no_finite_minimizer_and_a_penalty_gives_one():
    x, y = np.array([[-1.0], [-2.0], [1.5]]), np.array([0, 0, 1])
    loss, _, unravel = linear("logistic", x, y, "cross-entropy", 2)
    direction = ravel_pytree({"affine": {"bias": jnp.zeros(1), "kernel": jnp.ones((1, 1))}})[0]
    values = [loss(scale * direction) for scale in (1, 10, 100)]
    assert values[0] > values[1] > values[2]
    assert values[2] < 1e-40

    def penalized(flat):
        return loss(flat) + 0.3 * supervised.penalties(unravel(flat))["l2"]

    # The penalty is on the kernel alone; the curvature along it is at least its weight, even far out.
    far = hessian_of(penalized)(1000 * direction)
    np.testing.assert_allclose(far[1, 1], 0.3, rtol=1e-12)


def test_cross_entropy_of_enormous_logits_is_exact():
    outputs = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    np.testing.assert_allclose(terms_at(outputs, [1, 1], "cross-entropy")["cross-entropy"], 500)


def test_t34_squared_error_on_classes_compares_raw_outputs_with_the_one_hot_label():
    outputs = np.array([[3.0, -1.0, 0.5], [0.0, 2.0, 0.0]])
    # ((3−0)² + (−1−0)² + (0.5−1)²  +  0² + (2−1)² + 0²) / 2
    np.testing.assert_allclose(terms_at(outputs, [2, 1], "squared-error")["squared-error"], (10.25 + 1) / 2)
    np.testing.assert_allclose(terms_at(outputs, [2, 1], "absolute-error")["absolute-error"], (4.5 + 1) / 2)


def test_t34_penalties_are_terms_of_their_own_over_kernels_only():
    params = {"kernel": jnp.array([[1.0, -2.0], [0.0, 3.0]]), "bias": jnp.array([100.0, 100.0])}
    terms = supervised.penalties(params)
    assert terms["l1"] == 6
    assert terms["l2"] == 7  # ½(1 + 4 + 9), not the norm √14
    gradient = jax.jit(jax.grad(lambda params: supervised.penalties(params)["l2"]))(params)
    np.testing.assert_array_equal(gradient["kernel"], params["kernel"])
    np.testing.assert_array_equal(gradient["bias"], 0)
    for entry in supervised.OBJECTIVES.values():
        assert entry.weights.get("l1", 0) == entry.weights.get("l2", 0) == 0


def test_huber_is_a_square_near_and_a_line_far():
    y = np.array([[0.0, 0.0]])
    np.testing.assert_allclose(terms_at([[0.3, -0.4]], y, "huber", delta=0.5)["huber"], 0.5 * 0.25)
    np.testing.assert_allclose(terms_at([[3.0, -5.0]], y, "huber", delta=0.5)["huber"], 0.5 * (2.75 + 4.75))
    hessian = hessian_of(lambda out: terms_at(out, y, "huber", delta=0.5)["huber"])(jnp.array([[0.0, 4.0]]))
    np.testing.assert_array_equal(hessian.reshape(2, 2), [[1, 0], [0, 0]])


def test_hinge_charges_the_strongest_rival():
    outputs = np.array([[2.0, 1.5, -9.0], [0.0, 5.0, 1.0], [1.0, 1.0, 1.0]])
    # 1 + 1.5 − 2 = 0.5;  a lead of 4 is enough;  m at equal outputs
    np.testing.assert_allclose(terms_at(outputs, [0, 1, 2], "hinge")["hinge"], (0.5 + 0 + 1) / 3)
    np.testing.assert_allclose(terms_at(outputs, [0, 1, 2], "hinge", margin=6.0)["hinge"], (5.5 + 2 + 6) / 3)
    gradient = jax.jit(jax.grad(lambda out: terms_at(out, [0, 1, 2], "hinge")["hinge"]))(jnp.asarray(outputs))
    np.testing.assert_allclose(gradient[:2], np.array([[-1, 1, 0], [0, 0, 0]]) / 3, atol=1e-15)


@pytest.mark.parametrize("name", supervised.OBJECTIVES)
def test_t42_every_example_counts_equally(name):
    classes = "classes" in OBJECTIVES[name].fits.targets
    outputs = examples(6, 3 if classes else 1)
    y = np.array([0, 1, 2, 2, 1, 0]) if classes else np.array([[0.0], [1], [5], [2], [1], [0]])
    full = terms_at(outputs, y, name)[name]
    parts = [terms_at(outputs[k : k + 1], y[k : k + 1], name)[name] for k in range(6)]
    np.testing.assert_allclose(full, np.mean(parts), rtol=1e-13)


def test_the_midpoint_of_two_permuted_networks_is_worse_than_both():
    """Permuting hidden units copies a minimum, and a convex loss could not rise between the copies."""
    graph, params, state = models.split(
        nnx.eval_shape(lambda: MODELS["mlp"].build((2,), 2, nnx.Rngs(0), width=2, depth=1))
    )
    # |x| > 1 by two ReLUs that face opposite ways.
    params["hidden"][0].update(kernel=jnp.array([[4.0, -4.0], [0.0, 0.0]]), bias=jnp.zeros(2))
    params["output"].update(kernel=jnp.array([[-3.0, 3.0], [-3.0, 3.0]]), bias=jnp.array([6.0, -6.0]))
    x = jnp.array([[-2.0, 0.3], [-0.1, 1.0], [0.2, -1.0], [2.5, 0.0]])
    batch = {"x": x, "y": jnp.array([1, 0, 0, 1])}
    swapped = jax.tree.map(lambda leaf: leaf, params)
    swapped["hidden"][0] = {"kernel": params["hidden"][0]["kernel"][:, ::-1], "bias": jnp.zeros(2)}
    swapped["output"]["kernel"] = params["output"]["kernel"][::-1]
    middle = jax.tree.map(lambda a, b: (a + b) / 2, params, swapped)

    @jax.jit
    def loss(params):
        def forward(params, state, x):
            return models.apply(graph, params, state, x)

        return OBJECTIVES["cross-entropy"].terms(forward, params, state, batch, None)["cross-entropy"]

    np.testing.assert_allclose(loss(params), loss(swapped), rtol=1e-12)
    assert loss(middle) > loss(params) + 1


def test_focal_loss_without_focus_is_cross_entropy_and_has_its_values():
    outputs, y = examples(9, 4), np.arange(9) % 4
    plain = terms_at(outputs, y, "cross-entropy")["cross-entropy"]
    np.testing.assert_allclose(terms_at(outputs, y, "focal", gamma=0.0)["focal"], plain, rtol=1e-14)
    even = terms_at(np.zeros((1, 2)), [1], "focal", gamma=3.0)["focal"]  # p = ½, so (½)^γ·ln 2
    np.testing.assert_allclose(even, np.log(2) / 8, rtol=1e-14)


def test_focal_loss_has_a_gradient_where_an_example_is_right_beyond_rounding():
    slope = jax.jit(jax.grad(lambda outputs: terms_at(outputs, [0], "focal", gamma=0.5)["focal"]))(
        jnp.array([[800.0, 0.0]])
    )
    np.testing.assert_allclose(slope, 0, atol=1e-100)


def test_poisson_loss_is_least_at_the_logarithm_of_the_mean_count():
    y = np.array([[3.0], [5.0], [1.0]])
    best = terms_at(np.full((3, 1), np.log(3.0)), y, "poisson")["poisson"]
    expected = np.mean(3 - y * np.log(3) + np.log([[6.0], [120.0], [1.0]]))
    np.testing.assert_allclose(best, expected, rtol=1e-12)
    slope = jax.jit(jax.grad(lambda rate: terms_at(jnp.full((3, 1), rate), y, "poisson")["poisson"]))(np.log(3.0))
    np.testing.assert_allclose(slope, 0, atol=1e-14)


def test_quantile_loss_is_least_at_the_quantile():
    y = np.arange(1.0, 11.0)[:, None]
    losses = [terms_at(np.full((10, 1), at), y, "quantile", level=0.85)["quantile"] for at in (7.5, 8.5, 9.0, 9.5)]
    assert np.argmin(losses) == 2
    # One residual of +2 and one of −1 at τ = 0.25.
    result = terms_at(np.array([[1.0], [1.0]]), np.array([[3.0], [0.0]]), "quantile", level=0.25)["quantile"]
    np.testing.assert_allclose(result, (0.25 * 2 + 0.75 * 1) / 2)


def test_the_error_rate_counts_and_has_no_slope():
    outputs = np.array([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0], [1.0, 0.0]])
    assert terms_at(outputs, [0, 0, 1, 0], "error-rate")["error-rate"] == 0.5
    slope = jax.jit(jax.grad(lambda outputs: terms_at(outputs, [0, 0, 1, 0], "error-rate")["error-rate"]))(outputs)
    np.testing.assert_array_equal(slope, 0)


def test_counts_stay_counts():
    data = DATASETS["counts"].load(3, examples=50)
    assert np.array_equal(data.train["y"], np.round(data.train["y"]))
    assert data.train["y"].min() >= 0
    assert data.train["y"].max() > 3


def test_error_rate_counts_the_examples_whose_largest_output_is_another_class():
    outputs = [[3.0, 1.0, 2.0], [0.0, 5.0, -1.0], [1.0, 2.0, 4.0], [9.0, 8.0, 7.0]]
    assert terms_at(outputs, [0, 1, 2, 1], "error-rate")["error-rate"] == 0.25
    assert terms_at(outputs, [1, 2, 0, 2], "error-rate")["error-rate"] == 1.0
