"""Several devices: independent rows are divided over them, everything else is copied to each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from landscapes.evaluation.jaxprs import primitives_of

AXIS = "devices"
DEVICE_PRIMITIVES = {"shard_map", "sharding_constraint", "reshard", "pmap"}  # primitives that name devices
SHARDED, REPLICATED = PartitionSpec(AXIS), PartitionSpec()


@cache
def device_mesh() -> Mesh | None:
    """A mesh of all devices of this process, or None where there is only one."""
    devices = jax.local_devices()
    return Mesh(np.array(devices), (AXIS,)) if len(devices) > 1 else None


def mesh_for(function: Callable[..., Any], *arguments: Any) -> Mesh | None:
    """A mesh of all devices, or None where there is only one, or where the function itself is divided over
    several, as under `jax.shard_map`, and cannot be divided again."""
    mesh = device_mesh()
    if mesh is None or DEVICE_PRIMITIVES.intersection(primitives_of(jax.make_jaxpr(function)(*arguments).jaxpr)):
        return None
    return mesh


def copy_to_devices(tree: Any) -> Any:
    """The arrays on every device, so that calls need not copy them."""
    mesh = device_mesh()
    return tree if mesh is None else jax.device_put(tree, NamedSharding(mesh, REPLICATED))
