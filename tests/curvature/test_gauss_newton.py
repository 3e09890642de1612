"""The Gauss–Newton matrix: Jᵀ·∇²ℓ·J by hand, what the Hessian adds to it, and what it cannot see."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.curvature.gauss_newton import gauss_newton
from landscapes.curvature.hessian import widened
from landscapes.curvature.spectrum import dense_hessian, spectrum
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


def slopes(problem):
    """J: outputs["N C"] by parameters["n"], in the order of `ravel_pytree`, and the outputs themselves."""
    with precision(problem.params):
        forward = problem.objective.forward
        jacobian = jax.jacobian(lambda p: forward(p, problem.state, problem.data["x"]))(problem.params)
        leaves = jax.tree.leaves(jacobian)
        outputs = forward(problem.params, problem.state, problem.data["x"])
        whole = np.concatenate([np.asarray(leaf).reshape(*outputs.shape, -1) for leaf in leaves], axis=2)
    return whole, np.asarray(outputs)


def test_cross_entropy_and_its_penalty_by_hand():
    weights = (("cross-entropy", 0.5), ("l1", 0.0), ("l2", 0.25))
    problem = catalog.build(replace(TINY, weights=weights))
    jacobian, outputs = slopes(problem)
    share = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    bend = np.einsum("nc,cd->ncd", share, np.eye(3)) - np.einsum("nc,nd->ncd", share, share)
    kernels = np.concatenate([np.full(np.size(leaf), leaf.ndim >= 2) for leaf in jax.tree.leaves(problem.params)])
    by_hand = 0.5 * np.einsum("nci,ncd,ndj->ij", jacobian, bend, jacobian) / 20 + 0.25 * np.diag(kernels)
    found = dense_hessian(gauss_newton(problem))
    np.testing.assert_allclose(found, by_hand, atol=1e-12)
    assert np.linalg.eigvalsh(found)[0] > -1e-12
    # The Hessian has a second part, and it is not small.
    assert np.max(np.abs(dense_hessian(problem) - found)) > 1e-2


def test_the_rest_of_the_hessian_is_the_models_own_curvature():
    problem = catalog.build(replace(TINY, objective=Choice("squared-error")))
    jacobian, outputs = slopes(problem)
    with precision(problem.params):
        pull = 2 * (outputs - np.eye(3)[np.asarray(problem.data["y"])]) / 20
        pulled = replace(problem, objective=_Pulled(problem.objective.forward, pull))
        rest = dense_hessian(pulled)
    found = dense_hessian(gauss_newton(problem))
    np.testing.assert_allclose(found, 2 * np.einsum("nci,ncj->ij", jacobian, jacobian) / 20, atol=1e-12)
    np.testing.assert_allclose(dense_hessian(problem), found + rest, atol=1e-11)


@jax.tree_util.register_pytree_node_class
class _Pulled:
    """⟨pull, f(θ)⟩: its Hessian is Σ (∂ℓ/∂f)·∇²f at fixed pull."""

    sense, players = "minimize", None

    def __init__(self, forward, pull):
        self.forward, self.pull = forward, pull

    def tree_flatten(self):
        return (self.pull,), self.forward

    @classmethod
    def tree_unflatten(cls, forward, leaves):
        return cls(forward, *leaves)

    def __call__(self, params, state, batch, key):
        outputs = self.forward(params, state, batch["x"])
        zero = jnp.zeros((), outputs.dtype)
        return {"squared-error": jnp.sum(self.pull * outputs), "l1": zero, "l2": zero}


@pytest.mark.parametrize("objective", ["cross-entropy", "squared-error"])
def test_a_linear_model_is_its_own_tangent(objective):
    problem = catalog.build(replace(TINY, model=Choice("softmax"), objective=Choice(objective)))
    np.testing.assert_allclose(dense_hessian(gauss_newton(problem)), dense_hessian(problem), atol=1e-12)


def test_t24_it_calls_everything_convex_and_is_no_verdict():
    problem = catalog.build(replace(TINY, precision="float32"))
    assert spectrum(problem, KEY).verdict.state == "non-convex"
    assert spectrum(gauss_newton(problem), KEY).verdict.state == "convex"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_bars_cover_the_truth_on_random_points(dtype):
    # At fifty points of one network, from tame to saturated, the same in both precisions.
    problem = catalog.build(replace(TINY, precision="float32"))
    leaves, structure = jax.tree.flatten(problem.params)
    errors, bars, scales = [], [], []
    for seed in range(50):
        scale = 2.0 ** (seed % 4 - 1)
        drawn = [
            (scale * normal(100 * seed + k, *np.shape(leaf))).astype(np.float32) for k, leaf in enumerate(leaves)
        ]
        here = replace(problem, params=jax.tree.unflatten(structure, drawn))
        wide = gauss_newton(widened(here))
        found = spectrum(wide if dtype == np.float64 else gauss_newton(here), KEY)
        truth = exact(wide)
        errors.append(np.abs(found.eigenvalues - truth))
        scales.append([np.max(np.abs(truth))])
        bars.append(found.errors)
    errors, bars, scales = map(np.array, (errors, bars, scales))
    assert np.all(errors <= bars)
    # Half of them are zero modes.
    assert median_ratio(bars, errors, scales) <= 100


def test_another_seed_traces_nothing():
    make = [gauss_newton(catalog.build(replace(TINY, seed=seed))) for seed in (0, 1)]
    structures = [jax.tree.structure(problem) for problem in make]
    assert structures[0] == structures[1]
    assert hash(structures[0]) == hash(structures[1])


def test_what_has_no_split_says_so():
    with pytest.raises(ValueError, match="split into a model and a loss"):
        gauss_newton(problems.logistic())
    with pytest.raises(ValueError, match="Jacobian"):
        gauss_newton(problems.game())
    with pytest.raises(ValueError, match="function of the parameters alone"):
        gauss_newton(catalog.build(Recipe(objective=Choice("himmelblau"))))
    problem = catalog.build(TINY)
    with pytest.raises(ValueError, match="reads its own outputs"):
        gauss_newton(replace(problem, objective=replace(problem.objective, function=_twice)))


def _twice(forward, params, state, batch, key, label_smoothing):
    once = forward(params, state, batch["x"])
    again = forward(params, state, jnp.pad(once, ((0, 0), (0, 1))))
    return {"cross-entropy": jnp.mean(again**2), "l1": jnp.mean(once), "l2": jnp.mean(once)}
