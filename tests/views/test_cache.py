"""The cache of results: what it drops, and how it counts bytes."""

from dataclasses import dataclass

import numpy as np

from landscapes.views.worker.cache import Cache, size_of


def test_the_cache_drops_the_least_recently_used():
    cache = Cache(size=10**6, entries=2)
    cache["a"] = 1
    cache["b"] = 2
    assert cache.get("a") == 1
    cache["c"] = 3
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_the_cache_is_bounded_in_bytes():
    cache = Cache(size=25_000, entries=100)
    for key in "abcd":
        cache[key] = np.zeros(1000)
    assert [cache.get(key) is None for key in "abcd"] == [True, False, False, False]
    assert cache.used == 24_000
    cache["b"] = np.zeros(4000)
    assert cache.get("b") is None, "larger than the cache: not kept"
    assert cache.used == 16_000


def test_size_counts_arrays_at_any_depth_once():
    grid = np.zeros((300, 5))

    @dataclass
    class Inner:
        grid: np.ndarray
        name: str

    shared = size_of({"a": Inner(grid, "x"), "b": [grid, (grid,)]})
    assert grid.nbytes < shared < grid.nbytes + 2000
    assert size_of(grid[:, :2]) == grid.nbytes, "a view keeps its base alive"


def test_a_session_gives_back_what_no_other_one_has_used():
    cache = Cache(size=10**6, entries=9)
    cache["nobody's"] = np.zeros(10)
    ada, bob = cache.of("ada"), cache.of("bob")
    for key in ("shared", "own"):
        ada[key] = np.zeros(1000)
    assert bob["shared"].size == 1000
    assert bob.get("missing") is None
    assert cache.forget("ada") == 8000
    assert set(cache) == set(bob) == {"nobody's", "shared"}
    bob["shared"] = np.zeros(2000)
    assert (cache.forget("ada"), cache.forget("bob")) == (0, 16_000)
    assert (len(ada), cache.used) == (1, 80)
    del ada["nobody's"]
    assert (len(cache), cache.used) == (0, 0)
