import pytest

from landscapes.views.jobs import SERVICE


@pytest.fixture(scope="session", autouse=True)
def _stop_the_worker():
    """Work that a test left behind must not outlive the interpreter's thread pools."""
    yield
    SERVICE.shutdown()
