"""Convolutional networks for small images, channels last."""

from __future__ import annotations

from typing import Annotated, Any, Literal

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
    ) -> None:
        self.convolution = nnx.Conv(
            inputs,
            channels,
            (3, 3),
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
    """φ(x + unit(φ(unit(x)))), or without the skip connection φ(unit(φ(unit(x))))."""

    def __init__(
        self,
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
        self.first = ConvolutionUnit(channels, channels, activation, normalization, statistics, rngs)
        self.second = ConvolutionUnit(channels, channels, activation, normalization, statistics, rngs, gain)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N H W C"]:
        act = ACTIVATIONS[self.activation]
        y = self.second(act(self.first(x, train=train)), train=train)
        return act(x + y if self.skip else y)


class ResNet(nnx.Module):
    """A convolution, 2×2 means, residual blocks (He et al. 2015, 1512.03385) with 2×2 means half-way, the
    mean over all pixels, one affine layer.

    The number of channels is constant, so that every skip connection is the identity and the network without skip
    connections has the same parameters.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        outputs: int,
        channels: int,
        blocks: int,
        skip: bool,
        activation: str,
        normalization: str,
        statistics: str,
        rngs: nnx.Rngs,
    ) -> None:
        self.activation = activation
        self.stem = ConvolutionUnit(input_shape[-1], channels, activation, normalization, statistics, rngs)
        gain = blocks**-0.5 if skip else 1.0  # the variances of the blocks sum to one
        self.blocks = nnx.List(
            ResidualBlock(channels, skip, activation, normalization, statistics, rngs, gain) for _ in range(blocks)
        )
        self.output = nnx.Linear(channels, outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N H W C"], *, train: bool = False) -> Float[Array, "N C"]:
        x = average_pool_2x2(ACTIVATIONS[self.activation](self.stem(x, train=train)))
        for k, block in enumerate(self.blocks):
            x = block(average_pool_2x2(x) if k > 0 and k == (len(self.blocks) + 1) // 2 else x, train=train)
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
    blocks: Annotated[int, Interval(ge=1, le=16), "residual blocks of two convolutions each"] = 3,
    channels: Annotated[int, Interval(ge=1, le=128), "channels of each convolution"] = 8,
    skip: Annotated[bool, "whether blocks have skip connections"] = True,
    activation: Activation = "relu",
    normalization: Annotated[Literal["batch", "group", "none"], "normalization after each convolution"] = "batch",
    statistics: Statistics = "batch",
) -> nnx.Module:
    """A small residual network, see `ResNet`; `skip` switches its skip connections on or off."""
    return ResNet(input_shape, outputs, channels, blocks, skip, activation, normalization, statistics, rngs)


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


def resnet_units(*, blocks: int, skip: bool, activation: str, normalization: str, **_: Any) -> tuple[Units, ...]:
    """The channels between the blocks, which with `skip` are one stream that all blocks write to, and the channels
    inside each block."""
    if normalization == "group":
        return ()
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
    if skip:
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
