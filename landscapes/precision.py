"""The precision that parameters are computed in: their dtype, and the contexts that keep it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree


def dtype_of(params: PyTree) -> jnp.dtype:
    """The one floating dtype of all leaves.

    Raises:
        ValueError: if there are no leaves, or they are not floating point, or of several dtypes.
    """
    leaves = jax.tree.leaves(params)
    dtypes = {np.dtype(leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype) for leaf in leaves}
    if len(dtypes) != 1 or not jnp.issubdtype(next(iter(dtypes)), jnp.floating):
        found = ", ".join(sorted(map(str, dtypes))) or "none"
        raise ValueError(f"parameters must be floating-point arrays of one dtype, found {found}; cast them")
    return dtypes.pop()


@contextmanager
def precision(params: PyTree) -> Iterator[None]:
    """The context in which a public call on these parameters runs: 64-bit exactly when they are float64, and
    products in full. JAX's default lets an accelerator round the factors of a float32 product to 10 bits or so,
    which no picture of a loss to six digits survives.

    JAX's switches are per thread, so a worker thread would miss global ones.
    """
    with jax.enable_x64(dtype_of(params) == jnp.float64), jax.default_matmul_precision("highest"):
        yield


@contextmanager
def keeping(params: PyTree) -> Iterator[None]:
    """The context in which float64 parameters stay float64, and others are left to the caller's setting: for
    what is called on its own as well as inside a compiled function, where 64-bit data may not be switched off.
    Products in full, as in `precision`."""
    wide = jax.enable_x64(True) if dtype_of(params) == jnp.float64 else nullcontext()
    with wide, jax.default_matmul_precision("highest"):
        yield
