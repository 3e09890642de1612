"""Random keys; an integer seed is accepted wherever a key is."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def as_key(key: Any) -> Any:
    """A JAX key from a key or an integer seed.

    Raises:
        ValueError: for anything else.
    """
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        try:
            return jax.random.key(int(key))
        except OverflowError:
            raise ValueError(f"key = {key} is too large for a seed; give an integer below 2**63") from None
    if isinstance(key, jax.Array | np.ndarray):
        typed = jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
        if key.shape == () if typed else (key.dtype == np.uint32 and key.shape in ((2,), (4,))):
            return key
    raise ValueError(f"key = {key!r} is no random key; give one, such as jax.random.key(0), or an integer seed")


def numpy_generator(key: Any) -> np.random.Generator:
    """A generator of NumPy from a key or an integer seed, for draws on the host.

    Raises:
        ValueError: for anything else.
    """
    return np.random.default_rng(np.asarray(jax.random.key_data(as_key(key))).ravel())
