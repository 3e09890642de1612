"""More devices: work that falls into independent rows is split over them, everything else is copied to each."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

AXIS = "devices"
ROWS, WHOLE = PartitionSpec(AXIS), PartitionSpec()


@cache
def device_mesh() -> Mesh | None:
    """All devices of this process side by side, or None where there is only one."""
    devices = jax.local_devices()
    return Mesh(np.array(devices), (AXIS,)) if len(devices) > 1 else None


def copied(tree: Any) -> Any:
    """The arrays on every device, once instead of at each call."""
    mesh = device_mesh()
    return tree if mesh is None else jax.device_put(tree, NamedSharding(mesh, WHOLE))
