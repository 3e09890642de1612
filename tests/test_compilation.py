"""Compiled programs on disk."""

import os

import jax
import jax.numpy as jnp
import pytest
from jax.experimental.compilation_cache import compilation_cache

from landscapes import compilation
from landscapes.compilation import keep_compiled

SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture(autouse=True)
def _as_before():
    before = {name: jax.config.values[name] for name in SETTINGS}
    jax.config.update("jax_compilation_cache_dir", None)
    yield
    for name, value in before.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()


def test_a_compiled_program_is_kept(tmp_path):
    folder = tmp_path / "compiled"
    jnp.ones(3).block_until_ready()  # JAX has compiled before, and must be told
    assert keep_compiled(folder) == folder
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.jit(lambda x: jnp.sin(x) @ x.T + 1.25)(jnp.ones((7, 3))).block_until_ready()
    assert any(path.name.startswith("jit_") for path in folder.iterdir())


def test_the_oldest_programs_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "LIMIT", 250)
    for age in range(4):
        path = tmp_path / f"program {age}"
        path.write_bytes(b"x" * 100)
        os.utime(path, (1e9 - age, 1e9 - age))
    keep_compiled(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["program 0", "program 1"]


def test_a_folder_of_the_users_own_is_left_alone(tmp_path):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    assert keep_compiled(tmp_path / "other") == tmp_path
    assert not (tmp_path / "other").exists()


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert keep_compiled(blocked / "compiled") is None
    assert jax.config.values["jax_compilation_cache_dir"] is None
