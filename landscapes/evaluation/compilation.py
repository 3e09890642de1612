"""Compiled programs: faster to compile, and kept on disk so that a second start compiles nothing."""

from __future__ import annotations

import gc
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import jax
import platformdirs
from jax.experimental.compilation_cache import compilation_cache

# Options with which a processor's programs compile faster: a Transformer's first eigenvalues took 8.4 s instead of
# 14.1, and the same time once compiled. Programs that mostly sum and exponentiate, such as InfoNCE, become up to
# twice as slow.
FAST_COMPILE_OPTIONS = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}

# The oldest programs are deleted beyond this size. A first page takes some tens of megabytes.
MAX_CACHE_BYTES = 1 << 30

# What JAX reports of a program that it asks the folder for.
_EVENTS = {"/jax/compilation_cache/cache_misses": "compiled", "/jax/compilation_cache/cache_hits": "read"}

P = ParamSpec("P")
R = TypeVar("R")


def jit_with_fast_compile(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    """`jax.jit` with these options, for functions that run a few times: on a processor they compile in little more
    than half the time. JAX allows compiler options for outermost functions only, not inside another jit, grad or
    vmap. An option that XLA_FLAGS sets otherwise keeps the value set there."""

    @cache  # at the first call: an earlier query of the backend would set up the device before its flags are known
    def program() -> Callable[P, R]:
        if jax.default_backend() != "cpu":
            return jax.jit(function, **options)
        flags = os.environ.get("XLA_FLAGS", "")
        fast = {
            name: value
            for name, value in FAST_COMPILE_OPTIONS.items()
            if name not in flags or f"--{name}={str(value).lower()}" in flags.split()
        }
        return jax.jit(function, compiler_options=fast or None, **options)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return program()(*args, **kwargs)

    return call


def keep_compiled(folder: Path | None = None) -> Path | None:
    """Keeps on disk what JAX compiles from now on.

    Args:
        folder: by default in the user's cache folder, one for each machine that shares it: a program compiled for
            one processor may not run on another.

    Returns:
        The folder, or None where it cannot be made. Everything works without it; starting takes longer.
    """
    if directory := jax.config.values["jax_compilation_cache_dir"]:  # the user's own, from the environment
        return Path(directory)
    if folder is None:
        folder = platformdirs.user_cache_path("landscapes") / "compiled" / platform.node()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # By default JAX keeps only programs that took a second; a page needs dozens that take 50 ms to 1 s.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()  # JAX reads these settings once, at its first compilation
    return folder


@contextmanager
def count_programs() -> Iterator[Counter[str]]:
    """The number of programs that are "compiled" meanwhile, and of those that are "read" from the folder."""
    found = Counter[str]()

    def count(event: str, **kwargs: str | int) -> None:
        if kind := _EVENTS.get(event):
            found[kind] += 1

    jax.monitoring.register_event_listener(count)
    try:
        yield found
    finally:
        jax.monitoring.unregister_event_listener(count)


def drop_compiled() -> None:
    """Free the programs in memory; those on disk stay."""
    jax.clear_caches()
    gc.collect()


def _make_room(folder: Path) -> None:
    files = [(path.stat(), path) for path in folder.iterdir() if path.is_file()]
    excess = sum(stat.st_size for stat, _ in files) - MAX_CACHE_BYTES
    for stat, path in sorted(files, key=lambda entry: entry[0].st_mtime):
        if excess <= 0:
            return
        path.unlink(missing_ok=True)
        excess -= stat.st_size
