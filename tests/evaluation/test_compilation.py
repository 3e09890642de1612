"""Compiled programs on disk."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental.compilation_cache import compilation_cache

from landscapes.evaluation import compilation
from landscapes.evaluation.compilation import (
    FAST_COMPILE_OPTIONS,
    count_programs,
    drop_compiled,
    jit_with_fast_compile,
    keep_compiled,
)
from landscapes.optimization.optimizers import OPTIMIZERS

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
    program, x = jax.jit(lambda x: jnp.sin(x) @ x.T + 1.25), jnp.ones((7, 3))
    counts = []
    for _ in range(2):
        drop_compiled()
        with count_programs() as result:
            program(x).block_until_ready()
        counts.append((result["compiled"], result["read"]))
    assert counts == [(1, 0), (0, 1)]
    assert any(path.name.startswith("jit_") for path in folder.iterdir())


def test_oldest_programs_are_deleted_first(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "MAX_CACHE_BYTES", 250)
    for age in range(4):
        path = tmp_path / f"program {age}"
        path.write_bytes(b"x" * 100)
        os.utime(path, (1e9 - age, 1e9 - age))
    keep_compiled(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["program 0", "program 1"]


def test_cache_folder_of_the_user_is_kept(tmp_path):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    assert keep_compiled(tmp_path / "other") == tmp_path
    assert not (tmp_path / "other").exists()


def test_unwritable_cache_folder_is_ignored(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert keep_compiled(blocked / "compiled") is None
    assert jax.config.values["jax_compilation_cache_dir"] is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_along_very_many_short_rows_are_right(dtype):
    """jaxlib 0.10.2 left to itself gets most of these wrong."""
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(64, 1536, 6)).astype(dtype), rng.integers(0, 6, 1536)

    def surprise(logits):
        return -jnp.sum(jax.nn.one_hot(labels, 6, dtype=logits.dtype) * jax.nn.log_softmax(logits), axis=-1)

    with jax.enable_x64(dtype == np.float64):
        result = jax.jit(jax.vmap(surprise))(logits)
    expected = np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, labels[None, :, None], -1)[..., 0]
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


def test_a_step_on_two_numbers_is_one_function():
    """Importing the library has told XLA so before anything was compiled."""
    path = OPTIMIZERS["adam"](0.1)

    @jax.jit
    def descend(params):
        def step(carry):
            params, state, count = carry
            updates, state = path.update(2 * params, state)
            return params + updates, state, count + 1

        return jax.lax.while_loop(lambda carry: carry[2] < 9, step, (params, path.init(params), 0))

    with jax.enable_x64(True):
        text = descend.lower(jnp.ones(40)).compile().as_text()
    assert "xla_cpu_small_call" in str(text)


def test_fast_compile_options_apply_on_a_processor_unless_flags_differ(monkeypatch):
    requests = []

    def jit(function, **how):
        requests.append(how)
        return function

    monkeypatch.setattr(jax, "jit", jit)
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    twice = jit_with_fast_compile(lambda x, n: n * x, static_argnames="n")
    assert requests == []  # until it is called
    assert [twice(3, n=2), twice(4, n=2)] == [6, 8]
    assert requests == [{"compiler_options": FAST_COMPILE_OPTIONS, "static_argnames": "n"}]
    monkeypatch.setenv("XLA_FLAGS", "--xla_backend_optimization_level=2")
    jit_with_fast_compile(lambda x: x)(1)
    assert requests[1:] == [{"compiler_options": {"xla_cpu_use_fusion_emitters": False}}]
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=1")
    jit_with_fast_compile(lambda x: x)(1)
    assert requests[2:] == [{"compiler_options": FAST_COMPILE_OPTIONS}]
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    jit_with_fast_compile(lambda x: x)(1)
    assert requests[3:] == [{}]


def test_jit_with_fast_compile_is_refused_inside_another_jit():
    inner = jit_with_fast_compile(lambda x: 2 * x)
    with pytest.raises(ValueError, match="can only be passed to top-level"):
        jax.jit(lambda x: inner(x) + 1)(3.0)


def test_xla_accepts_the_fast_compile_options():
    assert float(jax.jit(lambda x: 2 * x, compiler_options=FAST_COMPILE_OPTIONS)(3.0)) == 6
