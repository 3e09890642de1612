"""Convolutional networks for small images, channels last."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .initialization import ACTIVATIONS, Activation, kernel_init, output_init
from .model import Model, Units
from .normalization import Normalization, Statistics


class ConvolutionUnit(nnx.Module):
    """norm(3×3 convolution). The convolution has a bias only without normalization, which has its own."""

    def __init__(
        self,
        inputs: int,
        channels: int,
        activation: str,
        normalization: str,
        statistics: str,
        rngs: nnx.Rngs,
        gain: float = 1.0,
        stride: int = 1,
    ) -> None:
        self.convolution = nnx.Conv(
            inputs,
            channels,
            (3, 3),
            strides=stride,
            padding=1,  # and not "SAME", which with stride 2 would leave out the first row and not the last
            use_bias=normalization == "none",
            kernel_init=kernel_init(activation, gain),
            rngs=rngs,
        )
        self.norm = Normalization(normalization, channels, statistics, rngs, gain)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N H W D"]:
        return self.norm(self.convolution(x), train=train)


def average_pool_2x2(x: Float[Array, "N H W C"]) -> Float[Array, "N I J C"]:
    """Means over 2×2 blocks if both sides have at least 4 pixels; an odd last row or column is dropped.

    Unlike max-pooling it is linear and adds no kinks to the loss surface.
    """
    n, height, width, channels = x.shape
    if min(height, width) < 4:
        return x
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


class ConvNet(nnx.Module):
    """`depth` times: 3×3 convolution, normalization, activation, 2×2 means; then one affine layer."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        outputs: int,
        channels: int,
        depth: int,
        activation: str,
        normalization: str,
        statistics: str,
        rngs: nnx.Rngs,
    ) -> None:
        self.activation = activation
        height, width, inputs = input_shape
        units = []
        for _ in range(depth):
            units.append(ConvolutionUnit(inputs, channels, activation, normalization, statistics, rngs))
            inputs = channels
            if min(height, width) >= 4:
                height, width = height // 2, width // 2
        self.units = nnx.List(units)
        self.output = nnx.Linear(height * width * channels, outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N C"]:
        for unit in self.units:
            x = average_pool_2x2(ACTIVATIONS[self.activation](unit(x, train=train)))
        return self.output(x.reshape(len(x), -1))


class ResidualBlock(nnx.Module):
    """φ(s(x) + unit(φ(unit(x)))), or without the skip connection φ(unit(φ(unit(x)))).

    s is the identity. Where the number of channels grows, the first convolution has stride 2, and s takes every
    second row and column and adds channels of zeros, so that it has no parameters (option A of He et al. 2015).
    """

    def __init__(
        self,
        inputs: int,
        channels: int,
        skip: bool,
        activation: str,
        normalization: str,
        statistics: str,
        rngs: nnx.Rngs,
        gain: float,
    ) -> None:
        self.skip = skip
        self.activation = activation
        self.stride = 1 if inputs == channels else 2
        self.first = ConvolutionUnit(
            inputs, channels, activation, normalization, statistics, rngs, stride=self.stride
        )
        self.second = ConvolutionUnit(channels, channels, activation, normalization, statistics, rngs, gain)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N H W C"]:
        act = ACTIVATIONS[self.activation]
        y = self.second(act(self.first(x, train=train)), train=train)
        if not self.skip:
            return act(y)
        if self.stride > 1:
            x = x[:, :: self.stride, :: self.stride]
            x = jnp.pad(x, ((0, 0), (0, 0), (0, 0), (0, y.shape[-1] - x.shape[-1])))
        return act(x + y)


class ResNet(nnx.Module):
    """A convolution, residual blocks (He et al. 2015, 1512.03385), the mean over all pixels, one affine layer.

    In one stage the number of channels is constant, and 2×2 means follow the first convolution and half of
    the blocks. In several stages, as in the networks of the paper for images of 32×32, each next one has
    half the rows and columns and twice the channels: three stages of three blocks with 16, 32 and 64
    channels are ResNet-20, with 269,722 parameters for images of three colors in ten classes. No skip
    connection has parameters, so that the network without them has the same ones.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        outputs: int,
        channels: int,
        blocks: int,
        stages: int,
        skip: bool,
        activation: str,
        normalization: str,
        statistics: str,
        rngs: nnx.Rngs,
    ) -> None:
        self.activation = activation
        self.is_pooled = stages == 1
        self.stem = ConvolutionUnit(input_shape[-1], channels, activation, normalization, statistics, rngs)
        gain = (stages * blocks) ** -0.5 if skip else 1.0  # the variances of the blocks sum to one
        widths = [channels * 2**stage for stage in range(stages) for _ in range(blocks)]
        self.blocks = nnx.List(
            ResidualBlock(inputs, width, skip, activation, normalization, statistics, rngs, gain)
            for inputs, width in pairwise([channels, *widths])
        )
        self.output = nnx.Linear(widths[-1], outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N C"]:
        x = ACTIVATIONS[self.activation](self.stem(x, train=train))
        pooled = {0, (len(self.blocks) + 1) // 2} if self.is_pooled else set()
        for k, block in enumerate(self.blocks):
            x = block(average_pool_2x2(x) if k in pooled else x, train=train)
        return self.output(x.mean(axis=(1, 2)))


def convnet(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    channels: Annotated[int, Interval(ge=1, le=128), "channels of each convolution"] = 8,
    depth: Annotated[int, Interval(ge=1, le=8), "number of convolutions"] = 2,
    activation: Activation = "relu",
    normalization: Annotated[Literal["none", "batch", "group"], "normalization after each convolution"] = "none",
    statistics: Statistics = "batch",
) -> nnx.Module:
    """A small convolutional network, see `ConvNet`; `statistics` selects the statistics of BatchNorm."""
    return ConvNet(input_shape, outputs, channels, depth, activation, normalization, statistics, rngs)


def resnet(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    blocks: Annotated[int, Interval(ge=1, le=16), "residual blocks of two convolutions in each stage"] = 3,
    channels: Annotated[int, Interval(ge=1, le=128), "channels of each convolution of the first stage"] = 8,
    stages: Annotated[int, Interval(ge=1, le=4), "stages, each next one with twice the channels"] = 1,
    skip: Annotated[bool, "whether blocks have skip connections"] = True,
    activation: Activation = "relu",
    normalization: Annotated[Literal["none", "batch", "group"], "normalization after each convolution"] = "batch",
    statistics: Statistics = "batch",
) -> nnx.Module:
    """A residual network, see `ResNet`; `skip` switches its skip connections on or off."""
    return ResNet(
        input_shape, outputs, channels, blocks, stages, skip, activation, normalization, statistics, rngs
    )


def _writer_paths(unit: str, normalization: str) -> tuple[str, ...]:
    """The paths of the arrays that write the channels of a `ConvolutionUnit`."""
    if normalization == "none":
        return f"{unit}/convolution/kernel", f"{unit}/convolution/bias"
    return f"{unit}/convolution/kernel", *(f"{unit}/norm/{normalization}/{part}" for part in ("scale", "bias"))


def convnet_units(*, depth: int, activation: str, normalization: str, **_: Any) -> tuple[Units, ...]:
    """The channels of each convolution; none for group normalization, under which channels cannot be permuted."""
    if normalization == "group":
        return ()
    readers = [f"units/{k}/convolution/kernel" for k in range(1, depth)] + ["output/kernel"]
    homogeneous = activation == "relu" and normalization == "none"
    return tuple(
        Units(_writer_paths(f"units/{k}", normalization), (readers[k],), homogeneous) for k in range(depth)
    )


def resnet_units(
    *, blocks: int, stages: int, skip: bool, activation: str, normalization: str, **_: Any
) -> tuple[Units, ...]:
    """The channels between the blocks, which with `skip` are one stream that all blocks write to, and the channels
    inside each block. With several stages the stream is left out: its channels are the first of a wider one."""
    if normalization == "group":
        return ()
    blocks *= stages
    homogeneous = activation == "relu" and normalization == "none"
    inner = [
        Units(
            _writer_paths(f"blocks/{k}/first", normalization),
            (f"blocks/{k}/second/convolution/kernel",),
            homogeneous,
        )
        for k in range(blocks)
    ]
    writers = [
        _writer_paths(unit, normalization) for unit in ("stem", *(f"blocks/{k}/second" for k in range(blocks)))
    ]
    readers = [*(f"blocks/{k}/first/convolution/kernel" for k in range(blocks)), "output/kernel"]
    if skip and stages > 1:
        stream = []
    elif skip:
        stream = [Units(tuple(path for paths in writers for path in paths), tuple(readers), homogeneous)]
    else:
        stream = [Units(writer, (reader,), homogeneous) for writer, reader in zip(writers, readers, strict=True)]
    return (*stream, *inner)


_IMAGE = frozenset({"image"})
_TARGETS = frozenset({"classes", "values"})

MODELS = {
    "convnet": Model(convnet, _IMAGE, _TARGETS, "Convolutional network", units=convnet_units),
    "resnet": Model(resnet, _IMAGE, _TARGETS, "Residual network", units=resnet_units),
}
