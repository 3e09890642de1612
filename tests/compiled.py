"""How often XLA compiles: what must not depend on numbers is counted here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jax


@contextmanager
def compilations() -> Iterator[list[float]]:
    """The seconds of every compilation, in this process, while the context is open."""
    result: list[float] = []

    def listen(event: str, duration_secs: float, **_: str | int) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            result.append(duration_secs)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield result
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
