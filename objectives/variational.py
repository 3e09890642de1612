"""The variational lower bound: −ELBO = E_q[−log p(x|z)] + KL(q(z|x) ‖ p(z)), in nats per example.

The prior is p(z) = N(0, I). The two parts are terms of their own, "reconstruction" and "kl", so that β of a
β-VAE (Higgins et al. 2017) is the weight of "kl"; with both weights 1 their sum exceeds −log p(x) by the
gap KL(q(z|x) ‖ p(z|x)).

Two objectives: `elbo` draws z from q (reparametrized, z = m + s·ε, with ε from the key: the same at every point
of a surface) for any decoder; `linear_elbo` integrates over z exactly, for an affine decoder and a Gaussian
likelihood, and has two more terms of weight 0: "nll", −log p(x), and "gap", the difference of the bound from it.

Targets are not used; data of the kind "none" have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from jax.scipy.linalg import cho_solve
from jaxtyping import Array, Float, PyTree

from .data import Data, Dataset
from .entry import Entry, Fits, Known, Opening, Page
from .generation import reconstructions
from .softmax import softplus

Terms = dict[str, Float[Array, ""]]
Variance = Annotated[float, Interval(gt=0, le=100), "variance σ² of the Gaussian likelihood, per value"]


def elbo(
    forward: Callable[..., Any],
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    likelihood: Annotated[
        Literal["gaussian", "bernoulli"], "distribution of a value given z; bernoulli models whether it exceeds ½"
    ] = "gaussian",
    variance: Variance = 0.1,
    samples: Annotated[int, Interval(ge=1, le=64), "number of draws of z for each example"] = 1,
) -> Terms:
    """Reconstruction −(1/nS)Σᵢₛ log p(xᵢ|zᵢₛ) with zᵢₛ ~ q(z|xᵢ), and KL(q(z|xᵢ) ‖ N(0, I)) in closed form.

    Gaussian: p(x|z) = N(f(z), σ²I), an average over D values of [ln 2πσ² + (x − f)²/σ²]/2, times D. Bernoulli: f
    holds log odds of the event that a value exceeds ½. Encoder and decoder work on these binary values; gray
    values between 0 and 1 would not give a probability.
    """
    x = batch["x"].reshape(len(batch["x"]), -1)
    if likelihood == "bernoulli":
        x = (x > 0.5).astype(x.dtype)
    mean, log_variance = forward(params, state, x, method="encode")
    noise = jax.random.normal(key, (samples, *mean.shape), jnp.float32).astype(mean.dtype)
    z = mean[None] + jnp.exp(0.5 * log_variance)[None] * noise
    outputs = forward(params, state, z.reshape(-1, z.shape[-1]), method="decode").reshape(samples, *x.shape)
    if likelihood == "bernoulli":
        reconstruction = jnp.mean(jnp.sum(softplus((1 - 2 * x[None]) * outputs), axis=-1))
    else:
        squares = jnp.sum((x[None] - outputs) ** 2, axis=-1)
        reconstruction = _gaussian(jnp.mean(squares), x.shape[-1], jnp.asarray(variance, x.dtype))
    return {"reconstruction": reconstruction, "kl": _kl_to_prior(mean, log_variance)}


def linear_elbo(
    forward: Callable[..., Any],
    params: PyTree,
    state: PyTree,
    batch: dict[str, Array],
    key: Any,
    *,
    variance: Variance = 0.1,
) -> Terms:
    """The exact terms for a decoder Wz + μ and a Gaussian likelihood; nothing is sampled. With m and diag d of q,

    reconstruction = ½D ln 2πσ² + [‖x − μ − Wm‖² + Σₖ dₖ‖Wₖ‖²]/2σ²;
    nll = −log N(x; μ, WWᵀ + σ²I) = −log p(x);
    gap = KL(q(z|x) ‖ p(z|x)), with p(z|x) = N(M⁻¹Wᵀ(x − μ), σ²M⁻¹) and M = WᵀW + σ²I.

    Reconstruction + kl = nll + gap, to rounding. Where q has one d for all x, as in a linear VAE, the minimizer of
    that sum is probabilistic PCA (Tipping & Bishop 1999), W = U(Λ − σ²I)^½ up to the order and the signs of its
    columns; with weight β on kl the same holds for noise βσ² in place of σ² (`probabilistic_pca`). Components of
    variance below βσ² collapse: Wₖ = 0, and zₖ is independent of x.
    """
    x = batch["x"].reshape(len(batch["x"]), -1)
    noise = jnp.asarray(variance, x.dtype)
    mean, log_variance = forward(params, state, x, method="encode")
    latent, size = mean.shape[-1], x.shape[-1]
    origin = jnp.zeros((1, latent), mean.dtype)
    offset = forward(params, state, origin, method="decode")
    weights = forward(params, state, jnp.eye(latent, dtype=mean.dtype), method="decode") - offset
    misses = x - forward(params, state, mean, method="decode")
    spread = jnp.exp(log_variance) @ jnp.sum(weights**2, axis=-1)
    reconstruction = _gaussian(jnp.mean(jnp.sum(misses**2, axis=-1) + spread), size, noise)

    centred = x - offset
    precision = weights @ weights.T + noise * jnp.eye(latent, dtype=x.dtype)  # M, σ² times that of z given x
    factor = jnp.linalg.cholesky(precision)
    posterior = cho_solve((factor, True), weights @ centred.T).T
    log_det = 2 * jnp.sum(jnp.log(jnp.diagonal(factor)))
    # xᵀC⁻¹x as a sum of squares: the Woodbury difference would lose digits where the fit is good.
    squares = jnp.sum((centred - posterior @ weights) ** 2, axis=-1) / noise + jnp.sum(posterior**2, axis=-1)
    log_noise = jnp.log(noise)
    nll = 0.5 * (size * jnp.log(2 * jnp.pi) + (size - latent) * log_noise + log_det + jnp.mean(squares))

    offset_mean = mean - posterior
    ratio = jnp.exp(log_variance) @ jnp.diagonal(precision) + jnp.sum(
        (offset_mean @ precision) * offset_mean, axis=-1
    )
    volumes = latent * log_noise - log_det - jnp.sum(log_variance, axis=-1)
    gap = 0.5 * jnp.mean(ratio / noise - latent + volumes)
    return {"reconstruction": reconstruction, "kl": _kl_to_prior(mean, log_variance), "nll": nll, "gap": gap}


def probabilistic_pca(
    params: PyTree, data: Data, weights: Mapping[str, float], *, variance: float
) -> dict[str, Any] | None:
    """The optimum of `linear_elbo` for the linear VAE's parameters, over the training examples.

    With Λ and U the leading eigenvalues and eigenvectors of the data's covariance (over n) and s = βσ², β the
    weight of kl over that of reconstruction: W = U(Λ − sI)₊^½, V = (WᵀW + sI)⁻¹Wᵀ, d = s·diag(WᵀW + sI)⁻¹ and
    μ the mean. Columns of W are ordered and signed
    to be nearest to those of `params`.

    Returns:
        None where reconstruction or kl has no weight, or nll or gap has one.
    """
    other_weights = [weight for term, weight in weights.items() if term not in ("reconstruction", "kl")]
    if not (weights["reconstruction"] > 0 and weights["kl"] > 0) or any(other_weights):
        return None
    noise = variance * weights["kl"] / weights["reconstruction"]
    x = data.train["x"].reshape(len(data.train["x"]), -1).astype(np.float64)
    mean = x.mean(axis=0)
    values, vectors = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    current = np.asarray(params["decoder"]["kernel"], np.float64)
    latent = len(current)
    signal = np.zeros(latent)
    kernel = np.zeros_like(current)
    leading = np.maximum(values[::-1][:latent] - noise, 0)
    signal[: len(leading)] = leading
    kernel[: len(leading)] = np.sqrt(leading)[:, None] * vectors.T[::-1][:latent]
    order, signs = _nearest_copy(kernel, current)
    signal, kernel = signal[order], kernel[order] * signs[:, None]
    return {
        "decoder": {"bias": mean, "kernel": kernel},
        "encoder": {"kernel": (kernel / (signal + noise)[:, None]).T},
        "log_variance": np.log(noise / (signal + noise)),
    }


def bounded(weights: Mapping[str, float]) -> str:
    """ "nll" where the weighted sum bounds it: one reconstruction, at least one kl, and nothing else."""
    active = {term: weight for term, weight in weights.items() if weight}
    is_bound = set(active) == {"reconstruction", "kl"} and active["reconstruction"] == 1 and active["kl"] >= 1
    return "nll" if is_bound else ""


def _gaussian(squares: Array, size: int, noise: Array) -> Array:
    """−log N(x; f, σ²I) from ‖x − f‖²."""
    return 0.5 * (size * jnp.log(2 * jnp.pi * noise) + squares / noise)


def _kl_to_prior(mean: Float[Array, "N L"], log_variance: Float[Array, "N L"]) -> Float[Array, ""]:
    return 0.5 * jnp.mean(jnp.sum(mean**2 + jnp.exp(log_variance) - 1 - log_variance, axis=-1))


def _nearest_copy(rows: np.ndarray, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of `rows` belongs to each row of `now`, and with which sign: greedily, the largest product first."""
    products = now @ rows.T
    order, signs, open_ = np.zeros(len(now), int), np.ones(len(now)), np.abs(products)
    for _ in range(len(now)):
        mine, other = np.unravel_index(np.argmax(open_), open_.shape)
        order[mine], signs[mine] = other, -1.0 if products[mine, other] < 0 else 1.0
        open_[mine], open_[:, other] = -1, -1
    return order, signs


def gaussian(
    seed: int,
    *,
    examples: Annotated[int, Interval(ge=10, le=10_000), "training examples, and as many test examples"] = 200,
    dimensions: Annotated[int, Interval(ge=1, le=32), "number of values in each example"] = 1,
    variance: Annotated[float, Interval(gt=0, le=100), "variance s² along the first axis"] = 4.0,
    decay: Annotated[float, Interval(gt=0, le=1), "each axis has this share of the variance before it"] = 0.5,
) -> Data:
    """A Gaussian cloud around 0 with independent axes of variance s², s²·decay, s²·decay², … The training
    examples have exactly these, and no covariances, so that what is best for them is known in closed form.

    Raises:
        ValueError: for fewer examples than such a covariance needs.
    """
    if examples <= dimensions:
        raise ValueError(f"{dimensions} dimensions need more examples; give at least {dimensions + 1}")
    rng = np.random.default_rng(seed)
    deviations = np.sqrt(variance * decay ** np.arange(dimensions))
    train, test = rng.standard_normal((2, examples, dimensions))
    train = train - train.mean(axis=0)
    train = np.linalg.qr(train)[0] * np.sqrt(examples)
    parts = [{"x": (part * deviations).astype(np.float32)} for part in (train, test)]
    for part in parts:
        part["x"].flags.writeable = False
    entropy = dimensions / 2 * np.log(2 * np.pi * np.e) + np.sum(np.log(deviations))
    return Data(parts[0], parts[1], None, float(entropy))


def _outputs(data: Any) -> int:
    return int(np.prod(data.input_shape))


_AUTOENCODER = Fits({"classes", "values", "none"}, needs={"autoencoder"}, outputs=_outputs)
_SOURCE = "Kingma & Welling 2014, arXiv:1312.6114; Higgins et al. 2017 (β)"
_FORMULA = r"\mathbb E_{q(z|x)}[-\log p(x|z)] + \beta\,\mathrm{KL}\bigl(q(z|x)\,\|\,p(z)\bigr)"
_FAMILY, _VALUE = "Variational lower bound", "−ELBO, nats per example"

OBJECTIVES = {
    "elbo": Entry(
        "−ELBO",
        elbo,
        {"reconstruction": 1.0, "kl": 1.0},
        Page(
            _FORMULA,
            _SOURCE,
            "Show the KL term alone: its minimum, where z is independent of x, is close to the starting point.",
            _FAMILY,
            _VALUE,
        ),
        _AUTOENCODER,
        Opening(
            {
                "data": "digits",
                "model": "vae",
                "elbo.likelihood": "bernoulli",
                "optimizers": "adam+momentum",
                "adam.learning_rate": "0.01",
                "momentum.learning_rate": "0.01",
                "steps": "300",
            }
        ),
        signs={"kl": 1},
        stochastic=True,
        behavior=reconstructions,
    ),
    "linear-elbo": Entry(
        "Closed-form −ELBO (linear VAE)",
        linear_elbo,
        {"reconstruction": 1.0, "kl": 1.0, "nll": 0.0, "gap": 0.0},
        Page(
            _FORMULA + r"\ \ge\ -\log p(x)",
            "Lucas et al. 2019, arXiv:1911.02469; Tipping & Bishop 1999",
            "Two mirrored valleys; between them the collapsed point, where z is independent of x, is a saddle.",
            _FAMILY,
            _VALUE,
        ),
        replace(_AUTOENCODER, needs={"linear autoencoder"}),
        Opening(
            {
                "data": "gaussian-cloud",
                "model": "linear-vae",
                "linear-elbo.variance": "1.0",
                "optimizers": "adam+sgd",
                "adam.learning_rate": "0.03",
                "sgd.learning_rate": "0.05",
                "steps": "200",
                "scale": "log",
            },
            # It begins beside the collapsed point, where filters are small: the valleys lie sixty times as far.
            place={"directions": "hessian", "hessian.end": "both", "center": "initial", "extent": "60"},
        ),
        Known(optimum=probabilistic_pca, bounds=bounded),
        signs={"kl": 1},
        behavior=reconstructions,
    ),
}

DATASETS = {
    "gaussian-cloud": Dataset(gaussian, "vector", "none", "Gaussian cloud of known variances", "generated"),
}
