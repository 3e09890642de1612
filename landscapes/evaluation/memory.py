"""The memory that a compiled program needs, the memory that is free, and the error where it does not suffice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

MEMORY_SHARE = 0.5
"""The share of the free memory that one program may take; the arrays around it need the rest."""


def memory_needed(compiled: Any) -> int:
    """Bytes that a compiled program takes besides its arguments."""
    analysis = compiled.memory_analysis()
    return 0 if analysis is None else analysis.temp_size_in_bytes + analysis.output_size_in_bytes


def available_memory(device: Any = None) -> float:
    """Bytes that a program may take: `MEMORY_SHARE` of the free memory of an accelerator, or of the machine and
    its container."""
    stats = device.memory_stats() if device is not None else None
    if stats and "bytes_limit" in stats:
        return MEMORY_SHARE * (stats["bytes_limit"] - stats.get("bytes_in_use", 0))
    return MEMORY_SHARE * min(_machine(), _container())


def refuse(need: float, budget: float, examples: int | None) -> NoReturn:
    """
    Raises:
        ValueError: always, with the largest setting that would fit.
    """
    fits = 0.9 * budget / need
    remedy = (
        f"use at most {max(1, int(examples * fits)):,} of the {examples:,} examples"
        if examples and examples * fits >= 1
        else f"use a model of at most {fits:.0%} of the size"
    )
    raise ValueError(
        f"one point needs {need / 2**30:.2g} GiB of memory and {budget / 2**30:.2g} GiB may be used; {remedy}"
    )


def _machine() -> float:
    path = Path("/proc/meminfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024.0 * int(line.split()[1])
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _container(group: Path = Path("/sys/fs/cgroup")) -> float:
    limit, used = group / "memory.max", group / "memory.current"
    if not limit.exists() or not used.exists() or limit.read_text().strip() == "max":
        return float("inf")
    # The page cache counts as used, but the kernel frees it on demand.
    cached = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())["inactive_file"]
    return max(0.0, float(limit.read_text()) - float(used.read_text()) + float(cached))
