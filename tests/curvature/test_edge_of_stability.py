"""The edge of stability: limits against runs below and above them, the curvature against the dense Hessian."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, descend
from landscapes.curvature.edge_of_stability import STABILITY_LIMITS, rescaled_problem, stability, stability_limit
from landscapes.curvature.float64 import to_float64
from landscapes.curvature.hessian import dense_hessian, flatten, loss_and_gradient
from landscapes.curvature.preconditioner import preconditioner_scales
from landscapes.precision import precision
from tests import problems
from tests.bowl import bowl
from tests.error_bars import median_ratio
from tests.problems import normal

KEY = jax.random.key(0)


# With ε = 1 and gradients far below it the divisor of the adaptive ones stays 1, that is frozen.
FROZEN = {"eps": 1.0}


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("sgd", {}),
        ("momentum", {"beta": 0.9}),
        ("nesterov", {"beta": 0.8}),
        ("rmsprop", FROZEN),
        ("adam", {**FROZEN, "b1": 0.7}),
        ("adamw", {**FROZEN, "weight_decay": 0.5}),
    ],
)
def test_run_converges_below_the_limit_and_diverges_above(name, knobs):
    settings, start = {**knobs, "learning_rate": 0.1}, 1e-60
    edge = stability_limit(name, settings) / 0.1
    for curvature, converges in ((0.99 * edge, True), (1.01 * edge, False)):
        run = descend(bowl((curvature, 1.0), (start, 0.0)), (name, settings), 3000, schedule="constant")
        assert (run.loss[-1] < 1e-3 * run.loss[0]) == converges
        assert (run.loss[-1] > 1e3 * run.loss[0]) == (not converges)


@pytest.mark.parametrize(("b1", "b2", "decay"), [(0.9, 0.99, 0.0), (0.5, 0.7, 0.4), (0.3, 0.3, 0.0)])
def test_lion_limit_is_that_of_its_linearized_step_and_of_its_own_orbit(b1, b2, decay):
    rate = 0.1
    knobs = {"learning_rate": rate, "b1": b1, "b2": b2, "weight_decay": decay}
    edge = stability_limit("lion", knobs) / rate
    for share, is_stable in ((0.99, True), (1.01, False)):
        row = [1 - rate * decay - rate * (1 - b1) * share * edge, -rate * b1]
        step = np.array([row, [(1 - b2) * share * edge, b2]])
        assert (np.max(np.abs(np.linalg.eigvals(step))) < 1) == is_stable
    if not decay:
        # From η/2 Lion jumps between ±η/2 for ever. There its preconditioned curvature is the limit.
        problem, lion = bowl((3.0, 1.0), (rate / 2, 0.0)), ("lion", knobs)
        run = descend(problem, lion, 2000)
        np.testing.assert_allclose(np.abs(run.params[:, 0]), rate / 2, rtol=1e-12)
        found = stability(problem, run, lion, key=KEY, steps=2000, snapshots=3)
        assert found.is_preconditioned
        np.testing.assert_allclose(found.eigenvalues[-1], edge, rtol=1e-6)
        np.testing.assert_allclose(found.limits, edge)


def test_limits_equal_those_of_the_literature():
    assert stability_limit("sgd") == 2
    assert stability_limit("momentum") == pytest.approx(3.8)
    assert stability_limit("nesterov") == pytest.approx(3.8 / 2.8)
    assert stability_limit("adam") == pytest.approx(38)
    with pytest.raises(ValueError, match="no limit of stability is known for yogi; choose sgd, momentum"):
        stability_limit("yogi")
    with pytest.raises(ValueError, match=r"known for β₁ ≤ β₂; choose b2 of at least 0\.9"):
        stability_limit("lion", {"b2": 0.8})
    with pytest.raises(ValueError, match="beta = 1 is out of range"):
        stability_limit("momentum", {"beta": 1})


@pytest.mark.parametrize("decay", [0.5, 0.9])
def test_adam_limit_has_spectral_radius_one(decay):
    # m ← β₁m + (1−β₁)λθ, θ ← θ − m has spectral radius 1 at λ = (2+2β₁)/(1−β₁).
    def radius(curvature):
        step = np.array([[decay, (1 - decay) * curvature], [-decay, 1 - (1 - decay) * curvature]])
        return np.max(np.abs(np.linalg.eigvals(step)))

    edge = stability_limit("adam", {"b1": decay})
    assert radius(edge) == pytest.approx(1, abs=1e-12)
    assert radius(0.99 * edge) < 1 < radius(1.01 * edge)


def network() -> Problem:
    return problems.mlp()


def run_of(optimizer: tuple[str, dict[str, Any]], steps: int, snapshots: int, **kwargs: Any):
    run = descend(network(), optimizer, steps)
    return run, stability(network(), run, optimizer, key=KEY, steps=steps, snapshots=snapshots, **kwargs)


def at(run, step):
    row = int(np.flatnonzero(run.steps == step)[0])
    return jax.tree.map(lambda leaf: leaf[row], run.params)


def test_gradient_descent_stays_at_the_edge():
    reports = []
    run, result = run_of(
        ("sgd", {"learning_rate": 0.5}), 2000, 16, progress=lambda part, partial: reports.append((part, partial))
    )
    np.testing.assert_array_equal(result.limits, 4)
    assert np.mean(result.eigenvalues[-5:]) == pytest.approx(4, rel=0.1)
    # With a smaller learning rate, hence a higher limit, the curvature rises further.
    _, free = run_of(("sgd", {"learning_rate": 0.2}), 2000, 3)
    assert 1.8 * 4 < free.eigenvalues[-1] < free.limits[-1] == 10
    for step, value, error in zip(result.steps[::5], result.eigenvalues[::5], result.errors[::5], strict=True):
        exact = np.linalg.eigvalsh(dense_hessian(network(), at(run, step)))[-1]
        assert abs(value - exact) <= error < 0.01 * exact
    np.testing.assert_array_equal(result.is_unstable, result.eigenvalues - result.errors > 4)
    np.testing.assert_array_equal(result.loss, run.loss)
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    middle = next(partial for _, partial in reports if partial is not None and len(partial.steps) == 7)
    np.testing.assert_array_equal(middle.eigenvalues, result.eigenvalues[:7])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("optimizer", "steps"), [(("sgd", {"learning_rate": 0.5}), 490), (("adam", {"learning_rate": 0.01}), 150)]
)
def test_error_bars_cover_eigenvalues_along_a_run(optimizer, steps, dtype, monkeypatch):
    # Fifty points before and at the edge, against the dense Hessian in float64.
    problem = problems.mlp(dtype)
    scales: list[np.ndarray] = []

    def recorded_scales(*args):
        for scale in preconditioner_scales(*args):
            scales.append(np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(scale)]))
            yield scale

    monkeypatch.setattr("landscapes.curvature.edge_of_stability.preconditioner_scales", recorded_scales)
    run = descend(problem, optimizer, steps)
    result = stability(problem, run, optimizer, key=KEY, steps=steps, snapshots=50)
    if optimizer[0] == "adam":
        expected = adam_divisors(problem, run)[result.steps] ** -0.5
        np.testing.assert_allclose(np.stack(scales), expected, rtol=1e-6 if dtype == np.float32 else 1e-12)
    truth = []
    for index, step in enumerate(result.steps):
        hessian = dense_hessian(to_float64(problem), at(run, step)).astype(np.longdouble)
        if scales:
            scale = scales[index].astype(np.longdouble)
            hessian *= np.outer(scale, scale)
        vector = np.linalg.eigh(hessian.astype(np.float64))[1][:, -1].astype(np.longdouble)
        truth.append(vector @ hessian @ vector / (vector @ vector))
    errors, sizes = np.abs(result.eigenvalues - truth).astype(float), np.abs(truth).astype(float)
    assert len(errors) == 50
    assert np.all(errors <= result.errors)
    assert median_ratio(result.errors, errors, sizes) <= 100


def adam_divisors(problem, run):
    """√v̂ + ε of the update that starts at each point, at the default β₂ and ε."""
    divisors: list[np.ndarray] = []
    square, decay = 0.0, float(np.asarray(0.999, run.loss.dtype))
    assert np.all(np.diff(run.steps) == 1)
    for step in run.steps:
        with precision(problem.params):
            _, gradient = loss_and_gradient(problem, flatten(problem, at(run, step))[0])
        square = decay * square + (1 - decay) * np.asarray(gradient, float) ** 2
        divisors.append(np.sqrt(square / (1 - decay ** (step + 1))) + 1e-8)
    return np.stack(divisors)


def test_adam_hessian_is_preconditioned_by_its_second_moments():
    knobs = {"learning_rate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}
    run, result = run_of(("adam", knobs), 40, 3)
    assert result.is_preconditioned
    np.testing.assert_array_equal(result.steps, [0, 20, 40])
    np.testing.assert_allclose(result.limits, 3.6 / 0.2 / 0.02)
    problem, square = network(), 0.0
    for step in range(41):
        gradient = problem.field(at(run, step))
        flat = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(gradient)])
        square = 0.95 * square + 0.05 * flat**2
        if step in result.steps:
            divisor = np.sqrt(square / (1 - 0.95 ** (step + 1))) + 1e-3
            hessian = dense_hessian(problem, at(run, step)) / np.sqrt(np.outer(divisor, divisor))
            index = step // 20
            assert abs(result.eigenvalues[index] - np.linalg.eigvalsh(hessian)[-1]) <= result.errors[index]
    # Adam's limit is inversely proportional to its rate.
    schedule = ("exponential", {"final": 0.01})
    run = descend(problem, ("adam", knobs), 40, schedule=schedule)
    scheduled = stability(problem, run, ("adam", knobs), key=KEY, steps=40, schedule=schedule, snapshots=2)
    np.testing.assert_allclose(scheduled.limits[0], 3.6 / 0.2 / 0.02)
    assert scheduled.limits[-1] > 50 * scheduled.limits[0]


def test_preconditioner_of_another_run_is_refused():
    problem, adam = bowl(), ("adam", {"learning_rate": 0.05})
    path = descend(problem, adam, 20)
    shifted = replace(problem, params=jax.tree.map(lambda leaf: np.asarray(leaf) + 0.1, problem.params))
    cases = [
        (problem, path, ("adam", {"learning_rate": 0.06})),
        (problem, descend(problem, ("sgd", {"learning_rate": 0.01}), 20), adam),
        (shifted, path, adam),
    ]
    assert stability(problem, path, adam, key=KEY, steps=20, snapshots=3).is_preconditioned
    for start, run, optimizer in cases:
        with pytest.raises(ValueError, match=r"the path is not that of adam from problem\.params"):
            stability(start, run, optimizer, key=KEY, steps=20, snapshots=3)


def test_gradient_descent_converges_only_below_curvature_two_over_eta():
    # On w₁w₂ = 1 the curvature is w₁² + w₂². A run can converge only where that is at most 2/η.
    problem = problems.scalar_product()
    steep = {"first": np.array(2.0), "second": np.array(0.5 + 1e-3)}
    problem = Problem.from_loss(problem.objective.loss, steep)
    ends = {}
    for rate in (0.4, 0.5, 0.6):
        run = descend(problem, ("sgd", {"learning_rate": rate}), 4000)
        ends[rate] = np.array([run.params["first"][-1], run.params["second"][-1]])
        assert np.prod(ends[rate]) == pytest.approx(1, abs=1e-6)
        assert np.sum(ends[rate] ** 2) <= 2 / rate * (1 + 1e-6)
    assert np.sum(ends[0.4] ** 2) == pytest.approx(4.25, rel=1e-2)  # the start is below the limit
    result = stability(problem, run, ("sgd", {"learning_rate": 0.6}), key=KEY, steps=4000, snapshots=5)
    assert result.is_unstable[0]
    assert not result.is_unstable[-1]
    assert abs(result.eigenvalues[-1] - np.sum(ends[0.6] ** 2)) <= result.errors[-1] + 1e-9


def test_limit_follows_the_learning_rate_of_each_snapshot():
    problem, steps = bowl((1.0, 3.0)), 12
    rates = 0.05 * (1 + np.cos(np.pi * np.array([0, 3, 6, 9, 11]) / 12))  # no update starts at the last one
    decayed = ("adamw", {"learning_rate": 0.1, "b1": 0.8, "weight_decay": 0.9})
    # The factor of AdamW depends on the rate of the step as well.
    for optimizer, factors in ((("sgd", {"learning_rate": 0.1}), 2), (decayed, (2 - 0.9 * rates) * 1.8 / 0.2)):
        run = descend(problem, optimizer, steps, schedule="cosine")
        result = stability(problem, run, optimizer, key=KEY, steps=steps, schedule="cosine", snapshots=5)
        np.testing.assert_array_equal(result.steps, [0, 3, 6, 9, 12])
        np.testing.assert_allclose(result.limits, factors / rates)


def test_limit_follows_the_rates_that_the_losses_of_the_run_have_reduced():
    schedule: Any = ("reduce-on-plateau", {"factor": 0.5, "patience": 5})
    problem = bowl((10.0, 1.0), (1.0, 1.0))
    for optimizer in (("sgd", {"learning_rate": 0.2}), ("adam", {"learning_rate": 1.0})):
        run = descend(problem, optimizer, 60, schedule=schedule, snapshots=61)
        result = stability(problem, run, optimizer, key=KEY, steps=60, schedule=schedule, snapshots=4)
        steps = np.diff(run.params, axis=0)
        if optimizer[0] == "sgd":  # whose steps show the rates
            rates = np.linalg.norm(steps, axis=1) / run.gradient_norm[:-1]
            np.testing.assert_allclose(result.limits[:-1], 2 / rates[result.steps[:-1]], rtol=1e-9)
        assert result.limits[-1] >= 2 * result.limits[0]


def test_rescaling_scales_the_hessian_from_both_sides():
    problem = problems.quadratic()
    scale = {"kernel": np.abs(normal(5, 2, 2)), "bias": np.abs(normal(6, 2))}
    with precision(problem.params):
        other = rescaled_problem(problem, problem.params, jax.tree.map(jnp.asarray, scale))
    factor = np.concatenate([scale["bias"], scale["kernel"].ravel()])
    np.testing.assert_allclose(
        dense_hessian(other), np.asarray(problem.data) * np.outer(factor, factor), atol=1e-12
    )
    np.testing.assert_array_equal(other.loss(other.params), problem.loss(problem.params))


def test_diverged_run_has_curvature_up_to_its_end():
    problem = bowl((1.0, 100.0))
    run = descend(problem, ("sgd", {"learning_rate": 0.1}), 100)
    assert run.outcome.kind == "diverged"
    result = stability(problem, run, ("sgd", {"learning_rate": 0.1}), key=KEY, steps=100, snapshots=4)
    assert result.steps[-1] < 100
    np.testing.assert_allclose(result.eigenvalues, 100, rtol=1e-4)
    assert np.all(result.is_unstable)


def test_invalid_arguments_raise():
    run = descend(bowl(), ("sgd", {"learning_rate": 0.01}), 5)
    with pytest.raises(ValueError, match="1 snapshots make no curve; give at least 2"):
        stability(bowl(), run, ("sgd", {}), key=KEY, steps=5, snapshots=1)
    with pytest.raises(ValueError, match="schedule 'linear' is unknown; choose one of constant"):
        stability(bowl(), run, ("sgd", {}), key=KEY, steps=5, schedule="linear")
    with pytest.raises(ValueError, match="no limit of stability is known for yogi"):
        stability(bowl(), run, ("yogi", {}), key=KEY, steps=5)
    assert set(STABILITY_LIMITS) == {"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion"}
