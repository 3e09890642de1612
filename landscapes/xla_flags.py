"""What `import landscapes` asks of XLA, without importing JAX. Flags that the user has set stay."""

from __future__ import annotations

import os
from importlib import metadata

# XLA compiles a loop whose step touches fewer bytes than this as one function, and other loops as kernels that are
# called one by one, at some 50 ns each. XLA's default is 1,024. With this limit a step of Adam on two numbers in
# float64 takes 60 ns instead of 850, one of L-BFGS a quarter of its time, and both compile twice as fast.
SMALL_LOOP_BYTES = 16_384

# In jaxlib 0.10.2 a sum along short rows is wrong on a processor beyond some 32,768 rows (jax#39103): a
# log-softmax over 64 points of 1,536 tokens had two thirds of its values wrong. Without this fusion nothing is
# slower.
_WRONG_FUSION = "xla_cpu_experimental_ynn_fusion_type"
_WRONG_VERSIONS = ("0.10.2",)


def disable_wrong_sums() -> None:
    """Switches off the fusion that computes wrong sums, in the releases of jaxlib that have the fault. XLA reads
    its flags once, when it first compiles, so this must run before. A flag that the user has set stays."""
    flags = os.environ.get("XLA_FLAGS", "")
    if metadata.version("jaxlib") in _WRONG_VERSIONS and _WRONG_FUSION not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --{_WRONG_FUSION}=".strip()


def fuse_small_loops() -> None:
    """Sets the size up to which XLA compiles a loop as one function. XLA reads it once, before it first compiles.

    If the user has set extra options in XLA_FLAGS, they stay as they are.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_backend_extra_options" not in flags:
        option = f"--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold={SMALL_LOOP_BYTES}"
        os.environ["XLA_FLAGS"] = f"{flags} {option}".strip()
