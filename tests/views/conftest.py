import pytest

from landscapes.views.worker.jobs import SERVICE


@pytest.fixture(scope="session", autouse=True)
def _stop_the_worker():
    """Work that a test left behind must not outlive the interpreter's thread pools."""
    yield
    SERVICE.shutdown()


@pytest.fixture(autouse=True)
def _leave_the_worker():
    """Nor must it keep the next test waiting: the tester closes no tab."""
    yield
    for name in list(SERVICE._slots):
        SERVICE.leave(SERVICE._slots.pop(name))
