"""The precision of a computation: the dtype of its parameters, and the contexts that preserve it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree


def dtype_of(params: PyTree) -> jnp.dtype:
    """The floating-point dtype that all leaves share.

    Raises:
        ValueError: if there are no leaves, if they are not floating point, or if they have several dtypes.
    """
    leaves = jax.tree.leaves(params)
    dtypes = {np.dtype(leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype) for leaf in leaves}
    if len(dtypes) != 1 or not jnp.issubdtype(next(iter(dtypes)), jnp.floating):
        names = ", ".join(sorted(map(str, dtypes))) or "none"
        raise ValueError(f"parameters must be floating-point arrays of one dtype, found {names}; cast them")
    return dtypes.pop()


@contextmanager
def precision(params: PyTree) -> Iterator[None]:
    """A context for public calls on these parameters: 64-bit exactly when they are float64, and products in full
    precision. By default JAX lets an accelerator round the factors of a float32 product to some 10 bits, and a
    picture needs six digits.

    JAX's configuration is local to a thread, so a global setting would not reach a worker thread.
    """
    with jax.enable_x64(dtype_of(params) == jnp.float64), jax.default_matmul_precision("highest"):
        yield


@contextmanager
def preserve_precision(params: PyTree) -> Iterator[None]:
    """A context in which float64 parameters stay float64, and the caller's setting holds for others. It is for
    functions that are called on their own and inside compiled functions, where 64-bit data must stay enabled.
    Products in full precision, as in `precision`."""
    wide = jax.enable_x64(True) if dtype_of(params) == jnp.float64 else nullcontext()
    with wide, jax.default_matmul_precision("highest"):
        yield
