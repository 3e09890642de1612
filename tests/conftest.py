"""Shared test settings: warnings are errors (pyproject.toml), rank promotion raises, shapes are checked."""

import ctypes
import gc
import importlib
import os
import tempfile

import jax
import pytest
from jaxtyping import PyTree, install_import_hook
from xdist.scheduler import LoadFileScheduling

# Shapes in signatures are checked by beartype here, and only here.
CHECKED = (
    "landscapes.plane",
    "landscapes.problem",
    "landscapes.slices.surface",
    "landscapes.curvature.hessian_spectrum",
    "landscapes.optimization.trajectory",
    "landscapes.directions.registry",
    "landscapes.slices.projection",
)
install_import_hook(CHECKED, "beartype.beartype")

# Most of a test's time is XLA compiling what runs for a millisecond; its older emitter of fused loops and fewer
# passes of LLVM halve that. Nor is a program split among threads, which the workers leave without a core anyway.
# What a user has set comes last, and holds.
QUICKLY = (
    "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=1"
    " --xla_cpu_parallel_codegen_split_count=1"
)
os.environ["XLA_FLAGS"] = f"{QUICKLY} {os.environ.get('XLA_FLAGS', '')}".strip()

# Whatever a test compiles first, XLA has its flags by then.
import landscapes  # noqa: E402, F401

# The hook, and pytest for jaxtyping's own modules, parse what is imported, and before CPython 3.11.8 two threads
# that parse at once may fail (python/cpython#106905): nothing of theirs is left for a worker to import first.
for name in CHECKED:
    importlib.import_module(name)
_ = isinstance([], PyTree[int])  # jaxtyping imports its checker of trees when it first meets one

jax.config.update("jax_numpy_rank_promotion", "raise")

# A file of tests often compiles what an earlier one has compiled and dropped; from disk it comes in a tenth of the
# time. Each worker has a folder of its own, because JAX writes a file in parts. It ends with the run.
COMPILED = tempfile.TemporaryDirectory(prefix="landscapes-tests-")
jax.config.update("jax_compilation_cache_dir", COMPILED.name)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


# What is imported by now stays for good. Frozen, the garbage collector no longer walks through it.
gc.collect()
gc.freeze()

MAX_PROGRAMS = 150
"""Compiled programs that are kept from one file to the next. They and the pages that the allocator holds take some
400 MB for a file that compiles much."""
programs = 0


def _count_programs(event: str, duration_secs: float, **kwargs: str | int) -> None:
    global programs
    programs += event == "/jax/core/compile/backend_compile_duration"


jax.monitoring.register_event_duration_secs_listener(_count_programs)


@pytest.fixture(scope="module", autouse=True)
def _give_memory_back():
    """Drop the compiled programs after a file if there are many. Nine in ten are of no use to the next one."""
    global programs
    yield
    if programs <= MAX_PROGRAMS:
        return
    programs = 0
    jax.clear_caches()
    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc's; elsewhere pages go back by themselves
        trim(0)


class FilesAndOneBrowser(LoadFileScheduling):
    """Deals out files, and all tests of the browser to one worker, which share one Chromium and one server."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log) -> LoadFileScheduling:
    return FilesAndOneBrowser(config, log)
