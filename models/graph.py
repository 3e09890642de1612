"""Graph networks on a fixed graph, which is a constant of the model. Its examples are nodes.

Inputs are of the kind "nodes": x["N 34"], each node one-hot.
"""

from __future__ import annotations

from typing import Annotated

import jax.numpy as jnp
import numpy as np
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .initialization import ACTIVATIONS, Activation, kernel_init, output_init
from .model import Model

# The karate club of Zachary 1977: for each member, from 1, the friends of a higher number.
FRIENDS = {
    1: (2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32), 2: (3, 4, 8, 14, 18, 20, 22, 31),
    3: (4, 8, 9, 10, 14, 28, 29, 33), 4: (8, 13, 14), 5: (7, 11), 6: (7, 11, 17), 7: (17,), 9: (31, 33, 34),
    10: (34,), 14: (34,), 15: (33, 34), 16: (33, 34), 19: (33, 34), 20: (34,), 21: (33, 34), 23: (33, 34),
    24: (26, 28, 30, 33, 34), 25: (26, 28, 32), 26: (32,), 27: (30, 34), 28: (34,), 29: (32, 34), 30: (33, 34),
    31: (33, 34), 32: (33, 34), 33: (34,),
}  # fmt: skip
MEMBERS = 34


def normalized_adjacency() -> Float[np.ndarray, "34 34"]:
    """D^(−½)(A + I)D^(−½), with A the friendships and D the row sums of A + I; its eigenvalues are in (−1, 1]."""
    matrix = np.eye(MEMBERS)
    for one, others in FRIENDS.items():
        for other in others:
            matrix[one - 1, other - 1] = matrix[other - 1, one - 1] = 1
    scale = matrix.sum(axis=1) ** -0.5
    return scale[:, None] * matrix * scale[None]


class GraphNetwork(nnx.Module):
    """A graph convolutional network (Kipf & Welling 2017, 1609.02907): H ← φ(ÂHW + b) in each hidden layer, then
    ÂHV + c at the asked nodes. Nodes have no features but themselves, so the first layer is φ(ÂW + b)."""

    def __init__(self, outputs: int, width: int, depth: int, activation: str, rngs: nnx.Rngs) -> None:
        self.activation = activation
        init = kernel_init(activation)
        self.hidden = nnx.List(
            nnx.Linear(MEMBERS if k == 0 else width, width, kernel_init=init, rngs=rngs) for k in range(depth)
        )
        self.output = nnx.Linear(width, outputs, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N 34"], *, train: bool = False) -> Float[Array, "N C"]:
        adjacency = jnp.asarray(normalized_adjacency(), x.dtype)
        h = jnp.eye(MEMBERS, dtype=x.dtype)
        for layer in self.hidden:
            h = ACTIVATIONS[self.activation](layer(adjacency @ h))
        return x @ self.output(adjacency @ h)


def graph_network(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "number of units in each hidden layer"] = 8,
    depth: Annotated[int, Interval(ge=1, le=4), "hidden layers: how far each node reads, less 1"] = 1,
    activation: Activation = "tanh",
) -> nnx.Module:
    """A graph network on the karate club, see `GraphNetwork`."""
    return GraphNetwork(outputs, width, depth, activation, rngs)


MODELS = {"graph-network": Model(graph_network, frozenset({"nodes"}), frozenset({"classes"}), "Graph network")}
