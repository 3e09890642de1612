"""Normalization layers; BatchNorm with batch statistics or with collected statistics."""

from __future__ import annotations

from math import gcd
from typing import Annotated, Literal

from flax import nnx
from jaxtyping import Array, Float

Statistics = Annotated[
    Literal["batch", "collected"], "statistics of BatchNorm: those of each batch, or those collected once"
]

# Variances take two passes: E[x²] − E[x]² cancels in float32, and the noise would show as roughness of the
# surface.
_USE_FAST_VARIANCE = False


class Normalization(nnx.Module):
    """No, batch, layer or group normalization over the last axis (groups of a quarter of the channels).

    BatchNorm (Ioffe & Szegedy 2015, 1502.03167) normalizes with the mean and biased variance of the batch
    (`statistics="batch"`), or with statistics that were collected once (`"collected"`; mean 0 and variance 1
    before that). A call with `train=True` uses batch statistics and stores them without averaging (momentum 0):
    this collects statistics. `gain` is the initial scale.
    """

    def __init__(self, kind: str, features: int, statistics: str, rngs: nnx.Rngs, gain: float = 1.0) -> None:
        self.kind = kind
        self.statistics = statistics
        init = nnx.initializers.constant(gain)
        if kind == "batch":
            self.batch = nnx.BatchNorm(
                features, momentum=0.0, use_fast_variance=_USE_FAST_VARIANCE, scale_init=init, rngs=rngs
            )
        elif kind == "layer":
            self.layer = nnx.LayerNorm(features, use_fast_variance=_USE_FAST_VARIANCE, scale_init=init, rngs=rngs)
        elif kind == "group":
            groups = gcd(features, 4)
            self.group = nnx.GroupNorm(
                features, groups, use_fast_variance=_USE_FAST_VARIANCE, scale_init=init, rngs=rngs
            )
        elif kind != "none":
            raise ValueError(f"there is no normalization {kind!r}; choose none, batch, layer or group")

    def __call__(self, x: Float[Array, "N ... C"], *, train: bool = False) -> Float[Array, "N ... C"]:
        if self.kind == "batch":
            use_batch_statistics = train or self.statistics == "batch"
            return self.batch(x, use_running_average=not use_batch_statistics)
        if self.kind == "layer":
            return self.layer(x)
        return self.group(x) if self.kind == "group" else x
