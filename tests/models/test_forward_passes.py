"""Every architecture against its formula in NumPy, in float64, at random parameters.

Sizes differ on every axis, there are several layers, and no two layers have the same weights.
"""

import math
from functools import partial

import jax
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.models.graph import FRIENDS

PHI = {
    "relu": lambda t: np.maximum(t, 0),
    "tanh": np.tanh,
    "silu": lambda t: t / (1 + np.exp(-t)),
    "sigmoid": lambda t: 1 / (1 + np.exp(-t)),
    "gelu": lambda t: t / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (t + 0.044715 * t**3))),
}


def built(name, shape, outputs=3, **knobs):
    """A function that evaluates a method of the module, and its parameters."""
    graph, params, state = models.split(
        nnx.eval_shape(lambda: MODELS[name].build(shape, outputs, nnx.Rngs(0), **knobs))
    )
    rng = np.random.default_rng(0)
    params, state = jax.tree.map(lambda leaf: rng.normal(0.2, 0.5, leaf.shape), (params, state))

    def outputs_of(*inputs, **options):
        with jax.enable_x64(True):
            f = jax.jit(partial(models.apply, graph, **options))
            return jax.tree.map(np.asarray, f(params, state, *inputs))

    return outputs_of, params


def draw(*shape, seed=1):
    return np.random.default_rng(seed).normal(0.3, 1.0, shape)


def linear(p, h):
    return h @ p["kernel"] + p.get("bias", 0)


def scaled(p, centred, variance, epsilon):
    return centred / np.sqrt(variance + epsilon) * p["scale"] + p["bias"]


def normalized(norms, h):
    """Whichever normalization these parameters belong to."""
    if "layer" in norms:
        axes = (-1,)
    elif "batch" in norms:
        axes = tuple(range(h.ndim - 1))
    elif "group" in norms:
        return group_normalized(norms["group"], h)
    else:
        return h
    centred = h - h.mean(axes, keepdims=True)
    (p,) = norms.values()
    return scaled(p, centred, np.mean(centred**2, axes, keepdims=True), 1e-6 if "layer" in norms else 1e-5)


def group_normalized(p, h):
    parts = h.reshape(*h.shape[:-1], math.gcd(h.shape[-1], 4), -1)
    axes = (1, 2, 4)
    centred = parts - parts.mean(axes, keepdims=True)
    share = centred / np.sqrt(np.mean(centred**2, axes, keepdims=True) + 1e-6)
    return share.reshape(h.shape) * p["scale"] + p["bias"]


def mlp(p, x, activation, residual=False):
    h = x.reshape(len(x), -1)
    for k in range(len(p["hidden"])):
        z = PHI[activation](normalized(p.get("norms", {}).get(k, {}), linear(p["hidden"][k], h)))
        h = h + z if residual and k else z
    return linear(p["output"], h)


def unit(p, x, stride=1):
    """A 3×3 convolution, pixel by pixel, and its normalization."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows, columns = (-(-side // stride) for side in x.shape[1:3])
    out = np.empty((len(x), rows, columns, p["convolution"]["kernel"].shape[-1]))
    for i, j in np.ndindex(rows, columns):
        window = padded[:, i * stride : i * stride + 3, j * stride : j * stride + 3]
        out[:, i, j] = np.einsum("nabc,abcd->nd", window, p["convolution"]["kernel"])
    return normalized(p.get("norm", {}), out + p["convolution"].get("bias", 0))


def pooled(x):
    """Means of whole 2×2 blocks of images of four rows and columns or more."""
    if min(x.shape[1:3]) < 4:
        return x
    rows, columns = x.shape[1] // 2, x.shape[2] // 2
    return np.stack(
        [
            np.stack([x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean((1, 2)) for j in range(columns)], 1)
            for i in range(rows)
        ],
        1,
    )


@pytest.mark.parametrize(
    ("activation", "normalization", "residual"),
    [("relu", "layer", True), ("tanh", "batch", False), ("gelu", "none", True), ("silu", "none", False)],
)
def test_multilayer_perceptron(activation, normalization, residual):
    knobs = {"activation": activation, "normalization": normalization, "residual": residual}
    f, p = built("mlp", (2, 3), width=4, depth=3, **knobs)
    x = draw(5, 2, 3)
    np.testing.assert_allclose(f(x), mlp(p, x, activation, residual), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("normalization", "depth"), [("none", 3), ("group", 1), ("batch", 2)])
def test_convolutional_network(normalization, depth):
    f, p = built("convnet", (9, 6, 2), channels=8, depth=depth, activation="sigmoid", normalization=normalization)
    x = h = draw(3, 9, 6, 2)
    for k in range(depth):
        h = pooled(PHI["sigmoid"](unit(p["units"][k], h)))
    np.testing.assert_allclose(f(x), linear(p["output"], h.reshape(3, -1)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("blocks", "stages", "skip", "normalization", "halved"),
    [(3, 1, True, "none", {0, 2}), (1, 1, False, "batch", {0, 1}), (1, 2, True, "none", set())],
)
def test_residual_network(blocks, stages, skip, normalization, halved):
    knobs = {"blocks": blocks, "stages": stages, "skip": skip, "normalization": normalization}
    f, p = built("resnet", (9, 10, 2), channels=3, activation="tanh", **knobs)
    x = draw(3, 9, 10, 2)
    h = np.tanh(unit(p["stem"], x))
    for k in range(blocks * stages):
        h = pooled(h) if k in halved else h
        stride = 1 if k < blocks else 2
        y = unit(p["blocks"][k]["second"], np.tanh(unit(p["blocks"][k]["first"], h, stride)))
        shortcut = np.pad(h[:, ::stride, ::stride], ((0, 0), (0, 0), (0, 0), (0, y.shape[-1] - h.shape[-1])))
        h = np.tanh(y + shortcut if skip else y)
    np.testing.assert_allclose(f(x), linear(p["output"], h.mean((1, 2))), rtol=1e-9, atol=1e-9)


def transformer_block(p, h, activation):
    """Attention of all positions to all, then the MLP, with LayerNorm before each."""
    x, a = normalized(p["norms"][0], h), p["attention"]
    for head in range(a["query"]["kernel"].shape[1]):
        query, key, value = (x @ a[name]["kernel"][:, head] for name in ("query", "key", "value"))
        weights = np.exp(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1]))
        mixed = weights / weights.sum(-1, keepdims=True) @ value
        h = h + mixed @ a["output"]["kernel"][head]
    h = h + a["output"]["bias"]
    return h + linear(p["contract"], PHI[activation](linear(p["expand"], normalized(p["norms"][1], h))))


def test_vision_transformer():
    f, p = built("vit", (3, 5, 2), patch=2, layers=2, heads=2, width=6)
    x = draw(4, 3, 5, 2)
    padded = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)))
    squares = [padded[:, i : i + 2, j : j + 2].reshape(4, -1) for i in (0, 2) for j in (0, 2, 4)]
    h = linear(p["embed"], np.stack(squares, 1)) + p["positions"]["embedding"]
    for k in range(2):
        h = transformer_block(p["blocks"][k], h, "gelu")
    expected = linear(p["output"], normalized(p["norm"], h).mean(1))
    np.testing.assert_allclose(f(x), expected, rtol=1e-9, atol=1e-9)


def test_transformer_of_pairs():
    f, p = built("context-transformer", (5, 3), 1, layers=2, heads=2, width=6, activation="silu")
    x = draw(4, 5, 3)
    h = linear(p["embed"], x)
    for k in range(2):
        h = transformer_block(p["blocks"][k], h, "silu")
    expected = linear(p["output"], normalized(p["norm"], h[:, -1]))
    np.testing.assert_allclose(f(x), expected, rtol=1e-9, atol=1e-9)


def test_deep_sets():
    f, p = built("deep-sets", (3, 4, 2), width=5, activation="silu")
    x, total = draw(4, 3, 4, 2), 0
    for i, j in np.ndindex(3, 4):
        places = np.broadcast_to([i - 1.0, -1 + 2 * j / 3], (4, 2))
        h = PHI["silu"](linear(p["element"][0], np.concatenate([places, x[:, i, j]], 1)))
        total = total + PHI["silu"](linear(p["element"][1], h)) / 12
    expected = linear(p["output"], PHI["silu"](linear(p["pooled"], total)))
    np.testing.assert_allclose(f(x), expected, rtol=1e-9, atol=1e-9)


def test_graph_network():
    f, p = built("graph-network", (34,), width=4, depth=2, activation="relu")
    friends = np.eye(34)
    for one, others in FRIENDS.items():
        for other in others:
            friends[one - 1, other - 1] = friends[other - 1, one - 1] = 1
    spread = friends / np.sqrt(np.outer(friends.sum(0), friends.sum(0)))
    h = np.eye(34)
    for k in range(2):
        h = np.maximum(0, linear(p["hidden"][k], spread @ h))
    x = np.eye(34)[[5, 0, 33]]
    np.testing.assert_allclose(f(x), x @ linear(p["output"], spread @ h), rtol=1e-9, atol=1e-9)


def test_networks_of_perceptrons():
    """Models that are perceptrons with their own inputs and outputs; each has its own activation."""
    x = draw(5, 2, 3)
    vae, p = built("vae", (2, 3), 6, width=4, decoder_width=5, depth=2, latent=2, activation="tanh")
    for found, expected in zip(vae(x, method="encode"), np.split(mlp(p["encoder"], x, "tanh"), 2, 1), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    z = draw(5, 2)
    np.testing.assert_allclose(vae(z, method="decode"), mlp(p["decoder"], z, "tanh"), rtol=1e-9)

    two, p = built("classifier-decoder", (2, 3), width=4, decoder_width=5, activation="sigmoid")
    h = PHI["sigmoid"](linear(p["trunk"], x.reshape(5, 6)))
    for found, expected in zip(two(x), (linear(p["classifier"], h), mlp(p["decoder"], h, "sigmoid")), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)

    twins, p = built("mlp-twins", (2, 3), width=4, depth=2)
    online = mlp(p["online"]["encoder"], x, "tanh")
    np.testing.assert_allclose(twins(x), online, rtol=1e-9)
    np.testing.assert_allclose(twins(x, method="predict"), online @ p["online"]["predictor"], rtol=1e-9)
    np.testing.assert_allclose(
        twins(x, method="embed_by_target"), mlp(p["target"]["encoder"], x, "tanh"), rtol=1e-9
    )

    for name, activation in (("smooth-mlp", "gelu"), ("policy-mlp", "silu")):
        f, p = built(name, (2, 3), width=4, depth=2, activation=activation)
        np.testing.assert_allclose(f(x), mlp(p, x, activation), rtol=1e-9)

    gan, p = built("gan-mlp", (2, 3), width=4, depth=2, latent=3)
    np.testing.assert_allclose(gan(x, method="discriminate"), mlp(p["discriminator"], x, "tanh")[:, 0], rtol=1e-9)
    energy, p = built("energy-mlp", (2,), width=4, depth=2, activation="silu")
    expected = (z**2).sum(1) / (2 * 1.5**2) + mlp(p["network"], z, "silu")[:, 0]
    np.testing.assert_allclose(energy(z, method="energy"), expected, rtol=1e-9)


def test_denoiser():
    f, p = built("denoiser", (2,), 2, width=4, depth=2, frequencies=3, activation="silu")
    x, alpha, sigma = draw(5, 2), np.abs(draw(5, 1)), np.abs(draw(5, 1, seed=3))
    length, angle = np.hypot(alpha, sigma), np.arctan2(sigma, alpha)
    multiples = [wave(k * angle) for wave in (np.cos, np.sin) for k in (1, 2, 3)]
    expected = mlp(p["network"], np.concatenate([x / length, *multiples], 1), "silu")
    np.testing.assert_allclose(f(x, alpha, sigma, sigma, alpha, method="predict"), expected, rtol=1e-9)


def test_coupling_flow():
    f, p = built("coupling-flow", (3,), layers=2, width=4)
    x = z = draw(5, 3)
    expected = 0
    for k, moved in enumerate(([0, 2], [1])):
        fixed = z.copy()
        fixed[:, moved] = 0
        raw, shift = np.split(mlp(p["layers"][k], fixed, "tanh"), 2, 1)
        scale = 3 * np.tanh(raw / 3)
        z = z.copy()
        z[:, moved] = z[:, moved] * np.exp(scale[:, moved]) + shift[:, moved]
        expected = expected + scale[:, moved].sum(1)
    expected = expected - (z**2 + math.log(2 * math.pi)).sum(1) / 2
    np.testing.assert_allclose(f(x, method="log_density"), expected, rtol=1e-9)


def test_autoregressive_density():
    f, p = built("autoregressive", (3,), components=2, width=4, depth=2)
    x, expected = draw(5, 3), 0
    for i in range(3):
        seen = np.concatenate([np.where(np.arange(3) < i, x, 0), np.tile(np.eye(3)[i], (5, 1))], 1)
        logits, means, logs = np.split(mlp(p["network"], seen, "tanh"), 3, 1)
        weights = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        deviations = np.exp(logs)
        normal = np.exp(-(((x[:, i, None] - means) / deviations) ** 2) / 2) / deviations / math.sqrt(2 * math.pi)
        expected = expected + np.log((weights * normal).sum(1))
    np.testing.assert_allclose(f(x, method="log_density"), expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["linear-twins", "linear", "softmax", "logistic", "policy-linear"])
def test_affine_models(name):
    f, p = built(name, (2, 3))
    x = draw(5, 2, 3)
    if name == "linear-twins":
        x = x.reshape(5, 6)
        np.testing.assert_allclose(f(x), x @ p["online"]["encoder"]["kernel"], rtol=1e-9)
        np.testing.assert_allclose(f(x, method="embed_by_target"), x @ p["target"]["encoder"]["kernel"], rtol=1e-9)
    else:
        y = linear(p["affine"], x.reshape(5, 6))
        y = np.concatenate([np.zeros((5, 1)), y], 1) if name == "logistic" else y
        np.testing.assert_allclose(f(x), y, rtol=1e-9)
