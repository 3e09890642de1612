"""More devices: work that falls into independent rows is split over them, everything else is copied to each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from landscapes.evaluation.jaxprs import primitives_of

AXIS = "devices"
SPLIT = {"shard_map", "sharding_constraint", "reshard", "pmap"}  # primitives that name devices
ROWS, WHOLE = PartitionSpec(AXIS), PartitionSpec()


@cache
def device_mesh() -> Mesh | None:
    """All devices of this process side by side, or None where there is only one."""
    devices = jax.local_devices()
    return Mesh(np.array(devices), (AXIS,)) if len(devices) > 1 else None


def mesh_beside(function: Callable[..., Any], *arguments: Any) -> Mesh | None:
    """All devices, or None where there is only one or the function itself is split over several, as under
    `jax.shard_map`: what is split already cannot be split again."""
    mesh = device_mesh()
    if mesh is None or SPLIT.intersection(primitives_of(jax.make_jaxpr(function)(*arguments).jaxpr)):
        return None
    return mesh


def copied(tree: Any) -> Any:
    """The arrays on every device, once instead of at each call."""
    mesh = device_mesh()
    return tree if mesh is None else jax.device_put(tree, NamedSharding(mesh, WHOLE))
