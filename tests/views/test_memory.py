"""What the process holds, and when compiled programs are dropped."""

import jax
import jax.numpy as jnp

from landscapes.views.worker import memory


def test_programs_are_dropped_beyond_the_limit_alone(monkeypatch):
    limit = memory.MAX_RESIDENT_BYTES
    assert not memory.is_too_much(limit, 10**6)
    assert not memory.is_too_much(limit + 1, memory.MIN_PROGRAMS - 1)
    assert memory.is_too_much(limit + 1, memory.MIN_PROGRAMS)
    assert not memory.is_too_much(None, memory.MAX_PROGRAMS)
    assert memory.is_too_much(None, memory.MAX_PROGRAMS + 1)

    dropped = []
    monkeypatch.setattr(jax, "clear_caches", lambda: dropped.append(True))
    monkeypatch.setattr(memory, "give_back", lambda: dropped.append(True))
    monkeypatch.setattr(memory, "compiled_programs", lambda: memory.MIN_PROGRAMS)
    monkeypatch.setattr(memory, "resident_bytes", lambda: limit)
    memory.drop_programs()
    assert not dropped
    monkeypatch.setattr(memory, "resident_bytes", lambda: limit + 1)
    memory.drop_programs()
    assert len(dropped) == 2
    monkeypatch.undo()
    monkeypatch.setattr(jax, "clear_caches", lambda: dropped.append(True))
    memory.give_back()
    assert len(dropped) == 2
    memory.give_back(drop_all=True)
    assert len(dropped) == 3


def test_compiled_programs_and_resident_bytes_are_counted():
    before = memory.compiled_programs()
    compiled = jax.jit(lambda x: jnp.cos(x) + 0.123).lower(1.0).compile()
    assert memory.compiled_programs() > before
    assert compiled(0.0) == jnp.cos(0.0) + 0.123
    resident = memory.resident_bytes()
    assert resident is None or resident > 10_000_000
    memory.give_back()
