"""What XLA is told before it compiles, and compiled programs kept on disk, so that the second start of the program
compiles nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from functools import cache, wraps
from importlib import metadata
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import jax
import platformdirs
from jax.experimental.compilation_cache import compilation_cache

# A loop whose step touches fewer bytes than this is compiled as one function, others as a list of kernels that are
# called one by one at some 50 ns each. XLA's own limit is 1,024. A step of Adam on two numbers in float64 takes
# 60 ns instead of 850, one of L-BFGS a quarter of its time, and either compiles twice as fast.
SMALL_LOOP = 16_384

# How a processor's programs are compiled quickly: a Transformer's first eigenvalues took 8.4 s instead of 14.1,
# and no longer once compiled. Programs that mostly sum and exponentiate become up to twice as slow, as of InfoNCE.
QUICK = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}

# Older programs make room beyond this. A first page takes some tens of megabytes.
LIMIT = 1 << 30

# In jaxlib 0.10.2 a sum along short rows is silently wrong on a processor beyond some 32,768 rows (jax#39103): a
# log-softmax over 64 points of 1,536 tokens had two thirds of its values wrong. No slower without.
_FUSION = "xla_cpu_experimental_ynn_fusion_type"
_WRONG = ("0.10.2",)

P = ParamSpec("P")
R = TypeVar("R")


def quickly(function: Callable[P, R], **how: Any) -> Callable[P, R]:
    """`jax.jit` with these arguments for what runs a few times once it is compiled: on a processor it is compiled
    in little more than half the time. JAX allows that for outermost functions only, hence not inside another jit,
    grad or vmap. Where XLA_FLAGS says otherwise it holds."""

    @cache  # asked at the first call: to ask earlier would set up the device before its flags are known
    def program() -> Callable[P, R]:
        if jax.default_backend() != "cpu":
            return jax.jit(function, **how)
        flags = os.environ.get("XLA_FLAGS", "")
        options = {
            name: value
            for name, value in QUICK.items()
            if name not in flags or f"--{name}={str(value).lower()}" in flags.split()
        }
        return jax.jit(function, compiler_options=options or None, **how)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return program()(*args, **kwargs)

    return call


def sidestep_wrong_sums() -> None:
    """Switch off what computes wrong sums in the releases of jaxlib that do. XLA reads its flags once, when it
    first compiles, so this must run before; a flag that the user has set stays."""
    flags = os.environ.get("XLA_FLAGS", "")
    if metadata.version("jaxlib") in _WRONG and _FUSION not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --{_FUSION}=".strip()


def fuse_small_loops() -> None:
    """Ask XLA to compile small loops as one function. It asks only once, before it first compiles.

    Extra options of the user's own, in XLA_FLAGS, are left alone.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_backend_extra_options" not in flags:
        option = f"--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold={SMALL_LOOP}"
        os.environ["XLA_FLAGS"] = f"{flags} {option}".strip()


def keep_compiled(folder: Path | None = None) -> Path | None:
    """Keep what JAX compiles from now on.

    Args:
        folder: by default in the user's cache folder, one for each machine that shares it: a program compiled
            for one processor may not run on another.

    Returns:
        The folder; or None where it cannot be made, and then everything works, only slower to start.
    """
    if given := jax.config.values["jax_compilation_cache_dir"]:  # the user's own, from the environment
        return Path(given)
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
    # JAX keeps by default only what took a second; a page is dozens of programs that take 50 ms to 1 s.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()  # JAX asks only once, at its first compilation, whether programs are kept
    return folder


def _make_room(folder: Path) -> None:
    files = [(path.stat(), path) for path in folder.iterdir() if path.is_file()]
    excess = sum(stat.st_size for stat, _ in files) - LIMIT
    for stat, path in sorted(files, key=lambda entry: entry[0].st_mtime):
        if excess <= 0:
            return
        path.unlink(missing_ok=True)
        excess -= stat.st_size
