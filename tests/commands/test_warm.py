"""`landscapes warm`."""

import jax
import jax.numpy as jnp
import pytest
from jax.experimental.compilation_cache import compilation_cache

from landscapes.commands import main, warm
from landscapes.evaluation.compilation import keep_compiled
from landscapes.recipes import catalog
from landscapes.views.opening_recipes import opening_recipes

SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture
def computed(tmp_path, monkeypatch):
    """The recipes of the scenes. The first one compiles a program, which is kept in a folder of the test."""
    before = {name: jax.config.values[name] for name in SETTINGS}
    jax.config.update("jax_compilation_cache_dir", None)
    result = []

    def compute(recipe):
        result.append(recipe)
        if len(result) == 1:
            jax.jit(lambda x: jnp.cos(x) + 2)(jnp.ones(3)).block_until_ready()

    def keep():
        folder = keep_compiled(tmp_path)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        return folder

    monkeypatch.setattr(warm, "compute_scene", compute)
    monkeypatch.setattr(warm, "keep_compiled", keep)
    monkeypatch.setattr(warm, "SCENES_PER_CLEANING", 10**6)
    yield result
    for name, value in before.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()


def test_first_pictures_are_computed_with_progress(computed, tmp_path, capsys):
    assert main(["warm"]) == 0
    output = capsys.readouterr()
    count = len(computed)
    assert count >= len(catalog.ALL_FUNCTIONS)
    assert f"1/{count} home: " in output.err
    assert f"{count}/{count} " in output.err
    assert " programs compiled and " in output.out
    assert f"; {tmp_path} holds" in output.out
    assert any(path.name.startswith("jit_") for path in tmp_path.iterdir())


def test_all_pictures_are_computed_quietly(computed, capsys):
    assert main(["warm", "--all", "--quiet"]) == 0
    assert computed == list(opening_recipes().values())
    assert capsys.readouterr() == ("", "")


def test_no_folder_and_an_interruption_have_their_exit_codes(computed, monkeypatch, capsys):
    def interrupt(recipe):
        raise KeyboardInterrupt

    monkeypatch.setattr(warm, "compute_scene", interrupt)
    assert main(["warm"]) == 130
    monkeypatch.setattr(warm, "keep_compiled", lambda: None)
    assert main(["warm"]) == 2
    assert "set JAX_COMPILATION_CACHE_DIR" in capsys.readouterr().err
