"""Adversarial games: closed forms of the Dirac-GAN, what the networks' games are made of, and who fits whom."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Choice
from landscapes.games.game_jacobian import jacobian
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.adversarial import wasserstein
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from tests.small_recipes import fitting

GAMES = [name for name, entry in OBJECTIVES.items() if entry.page.family == "Adversarial"]
LN2 = np.log(2)


def dirac(objective, theta=0.7, psi=-0.4, **weights):
    """The Dirac-GAN at (θ, ψ), in float64."""
    recipe = Recipe(
        objective=Choice(objective),
        data=Choice("point"),
        model=Choice("dirac-gan"),
        precision="float64",
        directions=Choice("players"),
        optimizers=(),
        weights=tuple(weights.items()),
    )
    params = {"generator": {"location": np.array(theta)}, "discriminator": {"slope": np.array(psi)}}
    return replace(catalog.build(recipe), params=params)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def field(problem):
    result = problem.field(problem.params)
    return float(result["generator"]["location"]), float(result["discriminator"]["slope"])


CLOSED = {
    "minimax-gan": lambda t, p: (-sigmoid(t * p) * p, sigmoid(t * p) * t),
    "non-saturating-gan": lambda t, p: (-sigmoid(-t * p) * p, sigmoid(t * p) * t),
    "least-squares-gan": lambda t, p: ((t * p - 1) * p, (t * p + 1) * t),
    "wasserstein-gan": lambda t, p: (-p, t + 20 * (abs(p) - 1) * np.sign(p)),
}


@pytest.mark.parametrize("name", GAMES)
def test_the_field_of_the_dirac_gan_in_closed_form(name):
    """vθ and vψ of D(x) = ψx against the point 0; Mescheder et al. 2018, section 2."""
    assert set(CLOSED) == set(GAMES)
    for theta, psi in ((0.7, -0.4), (-1.3, 0.9)):
        result = field(dirac(name, theta, psi))
        exact = CLOSED[name](theta, psi)
        np.testing.assert_allclose(result, exact, rtol=1e-12)
        gamma = 1.7
        penalized = field(dirac(name, theta, psi, R1=gamma))
        np.testing.assert_allclose(penalized, (exact[0], exact[1] + gamma * psi), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "eigenvalue"),
    [("minimax-gan", 0.5j), ("non-saturating-gan", 0.5j), ("least-squares-gan", 1j)],
)
def test_the_dirac_gan_turns_about_its_equilibrium(name, eigenvalue):
    problem = dirac(name)
    rest = catalog.optimum(
        catalog.complete(replace(catalog.opening_of("minimax-gan"), objective=Choice(name))), problem
    )
    result = jacobian(problem, rest)
    assert result.field_norm == 0
    np.testing.assert_allclose(
        sorted(np.imag(result.eigenvalues)), [-abs(eigenvalue), abs(eigenvalue)], atol=1e-12
    )
    np.testing.assert_allclose(np.real(result.eigenvalues), 0, atol=1e-12)
    np.testing.assert_allclose(result.rotation, 1)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 2.5])
def test_r1_attracts(gamma):
    """Mescheder et al. 2018, theorem 4.1: −γ/2 ± √(γ²/4 − f′(0)²) for their ascending field, so + here."""
    problem = dirac("minimax-gan", R1=gamma)
    zero = jax.tree.map(np.zeros_like, problem.params)
    result = jacobian(problem, zero).eigenvalues
    root = np.sqrt(complex(gamma**2 / 4 - 0.25))
    expected = np.array([gamma / 2 + root, gamma / 2 - root])

    def key(value: complex) -> tuple[float, float]:
        return round(value.real, 5), value.imag

    np.testing.assert_allclose(sorted(result, key=key), sorted(expected, key=key), atol=1e-6)


def test_with_a_gradient_penalty_the_dirac_gan_has_no_known_equilibrium():
    recipe = Recipe(objective=Choice("wasserstein-gan"), data=Choice("point"), model=Choice("dirac-gan"),
                    directions=Choice("players"), optimizers=(), precision="float64")  # fmt: skip
    recipe = catalog.complete(recipe)
    assert catalog.optimum(recipe, catalog.build(recipe)) is None
    free = catalog.complete(replace(recipe, weights=(("gradient-penalty", 0.0),)))
    assert catalog.optimum(free, catalog.build(free)) is not None


def ring(objective):
    """Small networks on the ring, their parameters drawn so that nothing is 0, in float64."""
    problem = catalog.build(replace(fitting(objective, data="ring"), precision="float64"))
    rng = np.random.default_rng(3)
    with jax.enable_x64(True):
        params = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(0, 0.6, leaf.shape)), problem.params)
    return replace(problem, params=params)


def parts(problem):
    """Logits of real and generated examples, and the generated ones."""
    forward, key = problem.objective.forward, jax.random.fold_in(problem.key, 0)
    with jax.enable_x64(True):
        made = forward(problem.params, {}, key, method="sample", count=len(problem.data["x"]))
        scores = [forward(problem.params, {}, x, method="discriminate") for x in (problem.data["x"], made)]
    return [np.asarray(array) for array in (*scores, made)]


@pytest.mark.parametrize("name", ["minimax-gan", "non-saturating-gan", "least-squares-gan", "wasserstein-gan"])
def test_losses_of_networks_follow_from_their_logits(name):
    problem = ring(name)
    real, fake, made = parts(problem)
    assert made.shape == problem.data["x"].shape
    result = {term: float(value) for term, value in problem.terms(problem.params).items()}
    value = np.log(sigmoid(real)).mean() + np.log(1 - sigmoid(fake)).mean()
    expected = {
        "minimax-gan": {"value": value},
        "non-saturating-gan": {"generator-loss": -np.log(sigmoid(fake)).mean(), "discriminator-loss": -value},
        "least-squares-gan": {
            "generator-loss": ((fake - 1) ** 2).mean() / 2,
            "discriminator-loss": ((real - 1) ** 2).mean() / 2 + ((fake + 1) ** 2).mean() / 2,
        },
        "wasserstein-gan": {"value": real.mean() - fake.mean()},
    }[name]
    for term, number in expected.items():
        assert result[term] == pytest.approx(number, rel=1e-12)
    # ∇ₓD by central differences, example by example.
    x, h = np.asarray(problem.data["x"]), 1e-5
    slopes = []
    for axis in range(2):
        step = h * np.eye(2)[axis]
        with jax.enable_x64(True):
            ahead, behind = (
                np.asarray(problem.objective.forward(problem.params, {}, x + s * step, method="discriminate"))
                for s in (1, -1)
            )
        slopes.append((ahead - behind) / (2 * h))
    assert result["R1"] == pytest.approx(0.5 * np.mean(np.sum(np.square(slopes), axis=0)), rel=1e-7)


def test_at_equal_distributions_the_best_discriminator_gives_minus_two_ln_two():
    """Goodfellow et al. 2014, theorem 1: D = p_data/(p_data + p_g) = ½, a logit of 0; in the Dirac-GAN θ = 0."""
    assert float(dirac("minimax-gan", 0.0, 0.3).terms(dirac("minimax-gan", 0.0, 0.3).params)["value"]) == (
        pytest.approx(-2 * LN2, abs=1e-12)
    )
    for name, stake in (("minimax-gan", (-2 * LN2, 2 * LN2)), ("non-saturating-gan", (LN2, 2 * LN2)),
                        ("least-squares-gan", (0.5, 1.0))):  # fmt: skip
        recipe = catalog.complete(catalog.opening_of(name))
        assert list(catalog.references(recipe).values()) == pytest.approx(stake)
        problem = dirac(name, 0.0, 0.0)
        terms = problem.terms(problem.params)
        paid = [sum(float(w) * float(terms[t]) for t, w in own.items()) for own in problem.player_weights.values()]
        assert [float(p) for p in paid] == pytest.approx(stake)


def test_references_are_those_of_what_the_players_pay():
    recipe = replace(catalog.opening_of("non-saturating-gan"), weights=(("generator-loss", 2.0),))
    assert catalog.references(catalog.complete(recipe)) == {}
    recipe = replace(recipe, weights=(("R1", 2.0),))
    assert len(catalog.references(catalog.complete(recipe))) == 2


def test_a_zero_sum_game_has_one_value():
    for name in ("minimax-gan", "wasserstein-gan"):
        players = OBJECTIVES[name].players
        assert players is not None
        assert players["generator"] == {"value": 1.0}
        assert players["discriminator"]["value"] == -1.0


@pytest.mark.parametrize("name", GAMES)
def test_noise_is_the_same_at_every_point_and_in_both_precisions(name):
    narrow, wide = (
        catalog.build(replace(fitting(name, data="ring"), precision=precision))
        for precision in ("float32", "float64")
    )
    for term, value in wide.terms(wide.params).items():
        assert float(narrow.terms(narrow.params)[term]) == pytest.approx(float(value), rel=2e-5, abs=1e-6)
    other = replace(wide, key=jax.random.key(5))
    shifted = [other.terms(other.params)[t] != v for t, v in wide.terms(wide.params).items() if t != "R1"]
    assert any(bool(m) for m in shifted)


def test_data_to_be_imitated():
    ring = DATASETS["ring"].load(4, examples=80, modes=4, noise=0.0).train["x"]
    np.testing.assert_allclose(np.hypot(*ring.T), 1, rtol=1e-6)
    assert len(np.unique(ring.round(4), axis=0)) == 4
    digits, samples = DATASETS["digits"].load(1, examples=30), DATASETS["digit-samples"].load(1, examples=30)
    np.testing.assert_array_equal(digits.train["x"], samples.train["x"])
    assert set(samples.train) == {"x"}
    np.testing.assert_array_equal(DATASETS["point"].load(2).train["x"], [[0.0]])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"directions": Choice("hessian")},
            "hessian directions need a Hessian, which the game minimax-gan has not, .* Jacobian stand",
        ),
        ({"optimizers": (Choice("lbfgs"),)}, "lbfgs evaluates a loss and a game has no single one"),
        (
            {"model": Choice("mlp")},
            "mlp needs completions, image or vector inputs, but point has point inputs; choose dirac-gan",
        ),
        ({"data": Choice("digits")}, "minimax-gan needs samples, but digits has class labels"),
        ({"model": Choice("gan-mlp")}, "gan-mlp needs vector inputs, but point has point inputs"),
        ({"term": "loss"}, "there are generator, discriminator, value, R1"),
    ],
)
def test_what_does_not_fit_a_game_is_told_in_a_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        catalog.complete(replace(catalog.opening_of("minimax-gan"), **change))


def test_what_belongs_to_games_is_refused_elsewhere():
    with pytest.raises(
        ValueError, match="alternating moves the players of a game, and here is one loss; choose sgd"
    ):
        catalog.complete(Recipe(optimizers=(Choice("alternating"),)))
    with pytest.raises(ValueError, match="players directions are those of a game, and cross-entropy is none"):
        catalog.complete(Recipe(directions=Choice("players")))
    assert "players" not in catalog.directions_for("cross-entropy")
    assert "hessian" not in catalog.directions_for("minimax-gan")


def test_the_gradient_penalty_is_taken_at_a_random_place_of_its_own_between_each_pair():
    """With generated points at 0, real ones at a distance of 1 and D = ½‖x‖², the norm of ∇D is the share s: the
    mean of (s − 1)² over a uniform s is ⅓, with a standard error of 0.007."""

    def forward(params, state, x, *, method, count=0):
        return jnp.zeros((count, 2)) if method == "sample" else 0.5 * jnp.sum(x**2, axis=1)

    angles = np.linspace(0, 6, 2000, dtype=np.float32)
    real = {"x": jnp.stack([jnp.cos(angles), jnp.sin(angles)], axis=1)}
    terms = wasserstein(forward, {}, {}, real, jax.random.key(0))
    assert float(terms["gradient-penalty"]) == pytest.approx(1 / 3, abs=0.03)
