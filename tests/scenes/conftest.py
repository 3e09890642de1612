"""Scenes that the tests of this folder share, and counts of what is computed."""

from collections import Counter

import pytest

from landscapes.scenes import drawn_paths, scene
from landscapes.scenes import placement as place
from landscapes.scenes.scene import Scene, compute_scene
from tests.scenes.small_scenes import NETWORK
from tests.small_recipes import BOWL

STEPS = ("race", "directed_plane", "refine", "project_path", "spectrum")


@pytest.fixture
def computed(monkeypatch, network, bowl):
    """How often each step has been computed."""
    counts = Counter()

    def counting(name, function):
        def step(*args, **kwargs):
            counts[name] += 1
            return function(*args, **kwargs)

        return step

    for name in STEPS:
        home = next(module for module in (drawn_paths, place, scene) if hasattr(module, name))
        monkeypatch.setattr(home, name, counting(name, getattr(home, name)))
    return counts


@pytest.fixture
def uncurved(monkeypatch, network):
    """Hessians take the longest to compile; here nobody looks at them."""
    monkeypatch.setattr(scene, "spectrum", lambda *args, **kwargs: network.spectrum)


@pytest.fixture(scope="module")
def memory():
    return {}


@pytest.fixture(scope="module")
def network(memory) -> Scene:
    return compute_scene(NETWORK, memory=memory)


@pytest.fixture(scope="module")
def bowl(memory) -> Scene:
    return compute_scene(BOWL, memory=memory)
