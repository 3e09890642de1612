"""Every command that starts the server shows the first page. `python app.py` serves test_app.py."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

MODULES = {
    "streamlit run app.py": ("-m", "streamlit", "run", "app.py", "--server.port", "PORT"),
    "uvicorn app:app": ("-m", "uvicorn", "app:app", "--port", "PORT"),
}


@pytest.fixture(params=[*MODULES, "make app"])
def address(request, serve) -> Iterator[str]:
    make = shutil.which("make")
    assert make is not None, "`make app` needs make"
    # This environment is taken as it is: nothing is installed.
    folder = f"BIN={Path(sys.executable).parent}"
    if request.param in MODULES:
        server = serve(*MODULES[request.param])
    else:
        server = serve("--old-file=.venv/app.stamp", folder, "app", "PORT=PORT", program=make)
    with server as result:
        yield result


def test_command_shows_first_page_in_our_theme(open_page, address):
    page = open_page(address)
    page.wait_for_selector(".stage[data-drawn]")
    assert page.get_by_text("Himmelblau; ").count()
    size = page.evaluate("getComputedStyle(document.documentElement).fontSize")
    assert size == "14px", "theme.baseFontSize in .streamlit/config.toml"
