import functools
import time
from dataclasses import replace

import pytest
from streamlit.components.v2 import manifest_scanner

from landscapes.recipes.recipe import Recipe
from landscapes.scenes import scene
from landscapes.views.pages import pictures
from landscapes.views.worker import warm
from landscapes.views.worker.cache import Cache
from landscapes.views.worker.jobs import MAX_RESULT_BYTES, SERVICE, Service

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


@pytest.fixture(scope="module")
def plain_results() -> Cache:
    """The results of a file's tests, but for those with the mark `curved`."""
    return Cache(size=MAX_RESULT_BYTES, entries=512)


@pytest.fixture(autouse=True)
def _without_spectra(request, monkeypatch, plain_results):
    """Pictures without Hessian eigenvalues, which take the longest to compile; the mark `curved` keeps them. What
    one test of a file has computed is there for the next; tests with the mark share other results."""
    if not request.node.get_closest_marker("curved"):
        monkeypatch.setattr(scene, "spectrum", lambda *args, **kwargs: None)
        monkeypatch.setattr(SERVICE, "cache", plain_results)


@pytest.fixture
def without_pictures(monkeypatch):
    """Pages whose pictures stay under way, for what is beside them. Scenes that travel with the program are
    drawn."""

    def wait(recipe, session, report, **stage):
        while True:  # until the session leaves, which ends its job in `report`
            report(0.0, None, "Training")
            time.sleep(0.02)

    monkeypatch.setattr(pictures, "_compute", wait)


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
