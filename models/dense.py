"""Linear models and multilayer perceptrons. Images are flattened."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .initialization import ACTIVATIONS, Activation, kernel_init, output_init
from .model import Model, Units
from .normalization import Normalization, Statistics


class Affine(nnx.Module):
    """f(x) = xW + b. With `reference`, a constant 0 is prepended to the outputs."""

    def __init__(self, inputs: int, outputs: int, reference: bool, rngs: nnx.Rngs) -> None:
        self.reference = reference
        self.affine = nnx.Linear(inputs, outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N ..."], *, train: bool = False) -> Float[Array, "N C"]:
        y = self.affine(x.reshape(len(x), -1))
        return jnp.pad(y, ((0, 0), (1, 0))) if self.reference else y


class MLP(nnx.Module):
    """hₖ = φ(norm(hₖ₋₁Wₖ + bₖ)), f = h_depth W + b.

    With `residual`, every hidden layer but the first adds its input: hₖ = hₖ₋₁ + φ(norm(hₖ₋₁Wₖ + bₖ)).
    A normalized hidden layer has no bias bₖ, because the normalization has one.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        width: int,
        depth: int,
        activation: str,
        normalization: str,
        residual: bool,
        statistics: str,
        rngs: nnx.Rngs,
    ) -> None:
        self.activation = activation
        self.residual = residual
        widths = [inputs] + [width] * depth
        # The mean of a ReLU is not 0, so the branches add coherently: the gain is one over their number, not over
        # its root.
        gains = [1.0] + [1 / max(1, depth - 1) if residual else 1.0] * (depth - 1)
        self.hidden = nnx.List(
            nnx.Linear(
                widths[k],
                width,
                use_bias=normalization == "none",
                kernel_init=kernel_init(activation, gains[k]),
                rngs=rngs,
            )
            for k in range(depth)
        )
        self.norms = nnx.List(Normalization(normalization, width, statistics, rngs, gain) for gain in gains)
        self.output = nnx.Linear(width, outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N ..."], *, train: bool = False) -> Float[Array, "N C"]:
        h = x.reshape(len(x), -1)
        for k, (layer, norm) in enumerate(zip(self.hidden, self.norms, strict=True)):
            z = ACTIVATIONS[self.activation](norm(layer(h), train=train))
            h = h + z if self.residual and k > 0 else z
        return self.output(h)

    def apply_with_dropout(self, x: Float[Array, "N ..."], *, rate: Any, key: Any) -> Float[Array, "N C"]:
        """The outputs with dropout: each hidden unit is set to 0 with probability `rate` and divided by 1 − rate
        otherwise. Masks are drawn from `key` for every example and layer. This is the capability "predictor with
        dropout"."""
        h = x.reshape(len(x), -1)
        for k, (layer, norm) in enumerate(zip(self.hidden, self.norms, strict=True)):
            z = ACTIVATIONS[self.activation](norm(layer(h)))
            # Drawn in float32 whatever the precision, so that both precisions have the same masks.
            uniform = jax.random.uniform(jax.random.fold_in(key, k), z.shape, jnp.float32)
            z = jnp.where(uniform >= rate.astype(jnp.float32), z / (1 - rate), 0)
            h = h + z if self.residual and k > 0 else z
        return self.output(h)


def affine(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """f(x) = xW + b: linear regression under squared error, softmax regression under cross-entropy.

    Adding one vector to the weights of every class does not change the softmax, so softmax regression on d inputs
    (counting the bias) has at least d zero Hessian eigenvalues.
    """
    return Affine(prod(input_shape), outputs, reference=False, rngs=rngs)


def logistic(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """Logistic regression: class 0 is the reference with logit 0; the other C − 1 logits are affine in x.

    It makes the predictions of softmax regression without the redundant parameters, so that its cross-entropy is
    strictly convex if the inputs (with a constant 1) have full rank.

    Raises:
        ValueError: for fewer than two outputs.
    """
    if outputs < 2:
        raise ValueError("logistic regression needs two classes or more; choose linear for one real target")
    return Affine(prod(input_shape), outputs - 1, reference=True, rngs=rngs)


def mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=1024), "number of units in each hidden layer"] = 32,
    depth: Annotated[int, Interval(ge=1, le=32), "number of hidden layers"] = 2,
    activation: Activation = "relu",
    normalization: Annotated[Literal["none", "batch", "layer"], "normalization before each activation"] = "none",
    residual: Annotated[bool, "whether every hidden layer but the first adds its input"] = False,
    statistics: Statistics = "batch",
) -> nnx.Module:
    """A multilayer perceptron, see `MLP`; `statistics` selects the statistics of BatchNorm."""
    size = prod(input_shape)
    return MLP(size, outputs, width, depth, activation, normalization, residual, statistics, rngs)


def mlp_units(*, depth: int, activation: str, normalization: str, residual: bool, **_: Any) -> tuple[Units, ...]:
    """One group per hidden layer. With `residual` all hidden layers write to one stream, so their units form one
    group."""
    kernels = [f"hidden/{k}/kernel" for k in range(depth)] + ["output/kernel"]
    biases = [
        (f"hidden/{k}/bias",)
        if normalization == "none"
        else tuple(f"norms/{k}/{normalization}/{part}" for part in ("scale", "bias"))
        for k in range(depth)
    ]
    homogeneous = activation == "relu" and normalization == "none"
    if residual:
        return (
            Units((*kernels[:-1], *(path for paths in biases for path in paths)), tuple(kernels[1:]), homogeneous),
        )
    return tuple(Units((kernels[k], *biases[k]), (kernels[k + 1],), homogeneous) for k in range(depth))


_ANY = frozenset({"vector", "image"})
_ANY_OR_COMPLETIONS = _ANY | {"completions"}
_REAL = frozenset({"values", "counts", "preferences", "relevance", "survival"})

MODELS = {
    "linear": Model(affine, _ANY_OR_COMPLETIONS, _REAL, "Linear regression"),
    "softmax": Model(affine, _ANY | {"nodes"}, frozenset({"classes"}), "Softmax regression (linear classifier)"),
    "logistic": Model(logistic, _ANY, frozenset({"classes"}), "Logistic regression (first class as reference)"),
    "mlp": Model(
        mlp,
        _ANY_OR_COMPLETIONS,
        _REAL | {"classes", "transcripts"},
        "Multilayer perceptron",
        capabilities=frozenset({"predictor", "predictor with dropout"}),
        units=mlp_units,
    ),
}
