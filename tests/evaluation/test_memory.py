"""The memory that one program may take."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import pytest

from landscapes.evaluation import memory

GIB = 2**30


def test_a_program_needs_its_result_and_its_intermediate_arrays():
    program = jax.jit(lambda x: jnp.outer(x, x)).lower(jnp.zeros(256, jnp.float32)).compile()
    assert memory.memory_needed(program) >= 4 * 256**2
    assert memory.memory_needed(SimpleNamespace(memory_analysis=lambda: None)) == 0


def test_half_of_what_is_free_may_be_taken(monkeypatch):
    stats = {"bytes_limit": 10 * GIB, "bytes_in_use": 4 * GIB}
    assert memory.available_memory(SimpleNamespace(memory_stats=lambda: stats)) == 3 * GIB
    monkeypatch.setattr(memory, "_machine", lambda: 8.0 * GIB)
    monkeypatch.setattr(memory, "_container", lambda: 2.0 * GIB)
    assert memory.available_memory(SimpleNamespace(memory_stats=lambda: None)) == 1 * GIB


def test_the_page_cache_of_a_container_is_free(tmp_path):
    assert memory._container(tmp_path) == float("inf")
    for name, text in {"max": "1000", "current": "700", "stat": "file 500\ninactive_file 150\n"}.items():
        (tmp_path / f"memory.{name}").write_text(text)
    assert memory._container(tmp_path) == 450
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._container(tmp_path) == float("inf")


def test_the_remedy_is_the_largest_setting_that_fits():
    with pytest.raises(
        ValueError, match="one point needs 4 GiB of memory and 1 GiB may be used; use at most 225 of"
    ):
        memory.refuse(4.0 * GIB, GIB, 1000)
    with pytest.raises(ValueError, match="use a model of at most 22% of the size"):
        memory.refuse(4.0 * GIB, GIB, None)
