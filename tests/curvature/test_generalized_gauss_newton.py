"""The Gauss–Newton matrix against Jᵀ·∇²ℓ·J by hand, and its difference from the Hessian."""

import functools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.curvature.float64 import to_float64
from landscapes.curvature.generalized_gauss_newton import gauss_newton
from landscapes.curvature.hessian import dense_hessian, flatten, loss_and_gradient
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.precision import precision
from landscapes.recipes import catalog
from tests import problems
from tests.error_bars import median_ratio
from tests.hessians import exact
from tests.problems import normal

KEY = jax.random.key(0)
TINY = Recipe(
    model=Choice.of("mlp", width=3, depth=1),
    data=Choice.of("iris", examples=20),
    precision="float64",
)


def jacobian_and_outputs(problem):
    """J["N C n"], with parameters in the order of `ravel_pytree`, and the outputs["N C"]."""
    with precision(problem.params):
        forward = problem.objective.forward
        jacobian = jax.jit(jax.jacobian(lambda p: forward(p, problem.state, problem.data["x"])))(problem.params)
        leaves = jax.tree.leaves(jacobian)
        outputs = forward(problem.params, problem.state, problem.data["x"])
        rows = np.concatenate([np.asarray(leaf).reshape(*outputs.shape, -1) for leaf in leaves], axis=2)
    return rows, np.asarray(outputs)


def test_cross_entropy_with_penalty_equals_formula():
    weights = (("cross-entropy", 0.5), ("l1", 0.0), ("l2", 0.25))
    problem = catalog.build(replace(TINY, weights=weights))
    jacobian, outputs = jacobian_and_outputs(problem)
    softmax = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    loss_hessian = np.einsum("nc,cd->ncd", softmax, np.eye(3)) - np.einsum("nc,nd->ncd", softmax, softmax)
    kernels = np.concatenate([np.full(np.size(leaf), leaf.ndim >= 2) for leaf in jax.tree.leaves(problem.params)])
    expected = 0.5 * np.einsum("nci,ncd,ndj->ij", jacobian, loss_hessian, jacobian) / 20 + 0.25 * np.diag(kernels)
    result = dense_hessian(gauss_newton(problem))
    np.testing.assert_allclose(result, expected, atol=1e-12)
    assert np.linalg.eigvalsh(result)[0] > -1e-12
    # The second part of the Hessian is not small.
    assert np.max(np.abs(dense_hessian(problem) - result)) > 1e-2


def test_difference_from_hessian_is_model_curvature():
    problem = catalog.build(replace(TINY, objective=Choice("squared-error")))
    jacobian, outputs = jacobian_and_outputs(problem)
    with precision(problem.params):
        cotangent = 2 * (outputs - np.eye(3)[np.asarray(problem.data["y"])]) / 20
        weighted = replace(problem, objective=_WeightedOutputs(problem.objective.forward, cotangent))
        model_curvature = dense_hessian(weighted)
    result = dense_hessian(gauss_newton(problem))
    np.testing.assert_allclose(result, 2 * np.einsum("nci,ncj->ij", jacobian, jacobian) / 20, atol=1e-12)
    np.testing.assert_allclose(dense_hessian(problem), result + model_curvature, atol=1e-11)


@jax.tree_util.register_pytree_node_class
class _WeightedOutputs:
    """⟨c, f(θ)⟩ with the fixed cotangent c = ∂ℓ/∂f, whose Hessian is Σ (∂ℓ/∂f)·∇²f."""

    sense, players = "minimize", None

    def __init__(self, forward, cotangent):
        self.forward, self.cotangent = forward, cotangent

    def tree_flatten(self):
        return (self.cotangent,), self.forward

    @classmethod
    def tree_unflatten(cls, forward, leaves):
        return cls(forward, *leaves)

    def __call__(self, params, state, batch, key):
        outputs = self.forward(params, state, batch["x"])
        zero = jnp.zeros((), outputs.dtype)
        return {"squared-error": jnp.sum(self.cotangent * outputs), "l1": zero, "l2": zero}


@pytest.mark.parametrize("objective", ["cross-entropy", "squared-error"])
def test_linear_model_has_equal_hessian_and_gauss_newton(objective):
    problem = catalog.build(replace(TINY, model=Choice("softmax"), objective=Choice(objective)))
    np.testing.assert_allclose(dense_hessian(gauss_newton(problem)), dense_hessian(problem), atol=1e-12)


def test_t24_gauss_newton_is_convex_where_hessian_is_not():
    problem = catalog.build(replace(TINY, precision="float32"))
    assert spectrum(problem, KEY).verdict.state == "non-convex"
    assert spectrum(gauss_newton(problem), KEY).verdict.state == "convex"


def at_random_point(seed):
    problem = catalog.build(replace(TINY, precision="float32"))
    leaves, structure = jax.tree.flatten(problem.params)
    scale = 2.0 ** (seed % 4 - 1)
    drawn = [(scale * normal(100 * seed + k, *np.shape(leaf))).astype(np.float32) for k, leaf in enumerate(leaves)]
    return replace(problem, params=jax.tree.unflatten(structure, drawn))


@functools.cache
def exact_at_random_points():
    return [exact(gauss_newton(to_float64(at_random_point(seed)))) for seed in range(50)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_bars_cover_exact_values_at_random_points(dtype):
    # Fifty points of one network, from small to saturated logits, the same in both precisions.
    errors, bars, scales = [], [], []
    for seed, truth in enumerate(exact_at_random_points()):
        problem = at_random_point(seed)
        problem = to_float64(problem) if dtype == np.float64 else problem
        result = spectrum(gauss_newton(problem), KEY)
        errors.append(np.abs(result.eigenvalues - truth))
        scales.append([np.max(np.abs(truth))])
        bars.append(result.errors)
    errors, bars, scales = map(np.array, (errors, bars, scales))
    assert np.all(errors <= bars)
    # Half of the eigenvalues are zero modes.
    assert median_ratio(bars, errors, scales) <= 100


def test_other_seed_has_equal_pytree_structure():
    make = [gauss_newton(catalog.build(replace(TINY, seed=seed))) for seed in (0, 1)]
    structures = [jax.tree.structure(problem) for problem in make]
    assert structures[0] == structures[1]
    assert hash(structures[0]) == hash(structures[1])


def test_unsplit_losses_raise():
    with pytest.raises(ValueError, match="split into a model and a loss"):
        gauss_newton(problems.logistic())
    with pytest.raises(ValueError, match="Jacobian"):
        gauss_newton(problems.game())
    with pytest.raises(ValueError, match="function of the parameters alone"):
        gauss_newton(catalog.build(Recipe(objective=Choice("himmelblau"))))
    problem = catalog.build(TINY)
    with pytest.raises(ValueError, match="reads its own outputs"):
        gauss_newton(replace(problem, objective=replace(problem.objective, function=_reads_outputs)))
    encoded = catalog.build(catalog.complete(catalog.read_address("objective=linear-elbo")[0]))
    with pytest.raises(ValueError, match="reads its own outputs"):
        gauss_newton(encoded)


def test_a_model_called_by_a_method_with_several_inputs_is_linearized():
    """A denoiser reads x and the noise level. The linear model has the same value and gradient at the origin."""
    address = "objective=noise-prediction&model=gaussian-denoiser"
    problem = catalog.build(catalog.complete(catalog.read_address(address)[0]))
    linearized = gauss_newton(problem)
    (value, gradient), (expected, slope) = (
        loss_and_gradient(each, flatten(each, each.params)[0]) for each in (linearized, problem)
    )
    assert float(value) == pytest.approx(float(expected), rel=1e-6)
    assert np.asarray(gradient) == pytest.approx(np.asarray(slope), rel=1e-4, abs=1e-6)


def _reads_outputs(forward, params, state, batch, key, label_smoothing):
    once = forward(params, state, batch["x"])
    again = forward(params, state, jnp.pad(once, ((0, 0), (0, 1))))
    return {"cross-entropy": jnp.mean(again**2), "l1": jnp.mean(once), "l2": jnp.mean(once)}
