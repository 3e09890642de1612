"""Images as sequences of patches and as sets of pixels."""

from __future__ import annotations

from typing import Annotated

import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .initialization import ACTIVATIONS, Activation, kernel_init, output_init
from .language import TransformerBlock
from .model import Model
from .normalization import Normalization


class VisionTransformer(nnx.Module):
    """An affine map of each patch plus its position, Transformer blocks that read all patches, a last LayerNorm,
    the mean over patches, one affine layer (Dosovitskiy et al. 2021, 2010.11929, with a mean in place of a class
    token). Images whose sides are no multiples of the patch are padded with 0."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        outputs: int,
        patch: int,
        layers: int,
        heads: int,
        width: int,
        activation: str,
        rngs: nnx.Rngs,
    ) -> None:
        height, broad, channels = input_shape
        self.patch = patch
        count = -(-height // patch) * -(-broad // patch)
        half_variance = nnx.initializers.normal(0.5**0.5)
        self.embed = nnx.Linear(patch * patch * channels, width, kernel_init=output_init, rngs=rngs)
        self.positions = nnx.Embed(count, width, embedding_init=half_variance, rngs=rngs)
        gain = (2 * layers) ** -0.5  # the variances of the branches sum to one
        self.blocks = nnx.List(TransformerBlock(width, heads, activation, gain, rngs) for _ in range(layers))
        self.norm = Normalization("layer", width, "batch", rngs)
        self.output = nnx.Linear(width, outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N outputs"]:
        h = self.embed(patches(x, self.patch)) + self.positions.embedding[...][None]
        for block in self.blocks:
            h = block(h, causal=False)
        return self.output(self.norm(h).mean(axis=1))


def patches(x: Float[Array, "N H W C"], size: int) -> Float[Array, "N P D"]:
    """The pixels of each square of `size` × `size`, row by row of squares."""
    n, height, width, channels = x.shape
    down, across = -(-height // size), -(-width // size)
    x = jnp.pad(x, ((0, 0), (0, down * size - height), (0, across * size - width), (0, 0)))
    squares = x.reshape(n, down, size, across, size, channels).swapaxes(2, 3)
    return squares.reshape(n, down * across, size * size * channels)


class DeepSets(nnx.Module):
    """f = ρ(mean over elements of φ(element)) (Zaheer et al. 2017, 1703.06114), with two layers in φ and in ρ. The
    order of the elements has no effect. An element of an image is a pixel: its row and column from −1 to 1, and
    its values."""

    def __init__(self, channels: int, outputs: int, width: int, activation: str, rngs: nnx.Rngs) -> None:
        self.activation = activation
        init = kernel_init(activation)
        self.element = nnx.List(
            nnx.Linear(inputs, width, kernel_init=init, rngs=rngs) for inputs in (2 + channels, width)
        )
        self.pooled = nnx.Linear(width, width, kernel_init=init, rngs=rngs)
        self.output = nnx.Linear(width, outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N outputs"]:
        return self.of_sets(pixels(x))

    def of_sets(self, elements: Float[Array, "N M D"]) -> Float[Array, "N outputs"]:
        """The outputs of sets of M elements."""
        act = ACTIVATIONS[self.activation]
        for layer in self.element:
            elements = act(layer(elements))
        return self.output(act(self.pooled(elements.mean(axis=1))))


def pixels(x: Float[Array, "N H W C"]) -> Float[Array, "N M D"]:
    """The row, the column and the values of each pixel."""
    n, height, width, channels = x.shape
    places = np.stack(np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij"), axis=-1)
    places = jnp.broadcast_to(jnp.asarray(places, x.dtype)[None], (n, height, width, 2))
    return jnp.concatenate([places, x], axis=-1).reshape(n, height * width, 2 + channels)


def vision_transformer(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    patch: Annotated[int, Interval(ge=1, le=8), "pixels along each side of a patch"] = 2,
    layers: Annotated[int, Interval(ge=1, le=8), "number of Transformer blocks"] = 1,
    heads: Annotated[int, Interval(ge=1, le=16), "attention heads, each ⌊width/heads⌋ wide"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "size of the embedding of a patch"] = 16,
    activation: Activation = "gelu",
) -> nnx.Module:
    """A small vision Transformer, see `VisionTransformer`."""
    return VisionTransformer(input_shape, outputs, patch, layers, heads, width, activation, rngs)


def deep_sets(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "number of units in each hidden layer"] = 32,
    activation: Activation = "relu",
) -> nnx.Module:
    """A network of sets, see `DeepSets`."""
    return DeepSets(input_shape[-1], outputs, width, activation, rngs)


_IMAGE = frozenset({"image"})
_TARGETS = frozenset({"classes", "values"})
_ROWS = (("*/embedding", (0,)),)
_HEADS = tuple((f"*/{name}/kernel", (1, 2)) for name in ("query", "key", "value"))

MODELS = {
    "vit": Model(vision_transformer, _IMAGE, _TARGETS, "Vision Transformer", filter_axes=_ROWS + _HEADS),
    "deep-sets": Model(deep_sets, _IMAGE, _TARGETS, "Deep Sets"),
}
