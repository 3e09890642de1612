import pytest

from landscapes.scenes import scene
from landscapes.views.worker.jobs import SERVICE


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
    """Pictures without Hessian eigenvalues, which take the longest to compile; the mark `curved` keeps them."""
    if not request.node.get_closest_marker("curved"):
        monkeypatch.setattr(scene, "spectrum", lambda *args, **kwargs: None)
