import functools
from dataclasses import replace

import pytest
from streamlit.components.v2 import manifest_scanner

from landscapes.recipes.recipe import Recipe
from landscapes.scenes import scene
from landscapes.views.pages import pictures
from landscapes.views.worker import warm
from landscapes.views.worker.jobs import SERVICE, Service

# Each session of AppTest looks through all installed packages for components, which takes 0.2 s. Once is enough.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session", autouse=True)
def _stop_the_worker():
    """Work that is left after the tests must end before the interpreter's thread pools do."""
    yield
    SERVICE.shutdown()


@pytest.fixture(autouse=True)
def _leave_the_worker():
    """Work of one test must not delay the next test, because AppTest closes no tab."""
    yield
    for name in list(SERVICE._slots):
        SERVICE.leave(SERVICE._slots.pop(name))


@pytest.fixture
def without_spectra(request, monkeypatch):
    """Pictures without Hessian eigenvalues, which take the longest to compile; the mark `curved` keeps them. Other
    tests do not find them in the cache."""
    if request.node.get_closest_marker("curved"):
        yield
        return
    monkeypatch.setattr(scene, "spectrum", lambda *args, **kwargs: None)
    before = set(SERVICE.cache)
    yield
    for key in set(SERVICE.cache) - before:
        SERVICE.cache.pop(key, None)


@pytest.fixture
def computed(monkeypatch):
    """The list of computed recipes, with a separate service."""
    recipes: list[Recipe] = []

    def compute_scene(recipe, session, report, eigenvalues=True):
        recipes.append(recipe if eigenvalues else replace(recipe, eigenvalues=0))
        report(0.25, None, "Training")
        return recipe

    service = Service(present=lambda session: False, grace=0.0)
    # The library's `compute_scene` stays, because jobs of other tests may still call it.
    monkeypatch.setattr(pictures, "_compute", compute_scene)
    monkeypatch.setattr(pictures, "SERVICE", service)
    monkeypatch.setattr(warm, "SERVICE", service)
    yield recipes
    service.shutdown()
