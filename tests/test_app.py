"""The server as it is started: a process of its own on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from streamlit.web.server.app_discovery import discover_asgi_app

from landscapes.recipes.recipe import Recipe
from landscapes.views.server import application, parser, serve
from landscapes.views.stage.plotly_route import plotly_url

ROOT = Path(__file__).parents[1]
# The first page takes a processor for a while, and no test here looks at it.
COLD = (
    "import app; from landscapes.views import server; server.warm.start = lambda *first: None;"
    "server.serve(app.app, server.parser('app').parse_args({arguments}))"
)


def _start(*command: str, folder: Path = ROOT) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    port = _free_port()
    process = _start("-c", COLD.format(arguments=["--port", str(port), "--no-browser"]))
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(f"{address}/_stcore/health", timeout=5).close()
            break
        except (URLError, ConnectionError):
            time.sleep(0.1)
    yield address
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert output == f"Landscapes is at http://localhost:{port} (Ctrl+C stops it)\n"
    assert process.returncode == 0


def test_it_says_that_it_is_well(server):
    with urlopen(f"{server}/_stcore/health") as answer:
        assert answer.read() == b"ok"


def test_it_serves_the_page(server):
    with urlopen(server) as answer:
        assert answer.headers.get_content_type() == "text/html"
        assert b'<div id="root">' in answer.read()


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_it_serves_plotly_once_and_for_ever(server, encoding):
    with urlopen(Request(server + plotly_url(), headers={"Accept-Encoding": encoding})) as answer:
        body = answer.read()
        assert answer.headers.get_content_type() == "text/javascript"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert body.startswith(b"\x1f\x8b" if encoding == "gzip" else b"/**\n* plotly.js")


def test_settings_are_read_from_any_folder(tmp_path):
    names = ("client.showErrorDetails", "server.maxUploadSize", "server.fileWatcherType", "runner.postScriptGC")
    code = (
        "import app; from streamlit import config;"
        f"print(*map(config.get_option, {names}), len(config.get_option('theme.chartCategoricalColors')))"
    )
    output, _ = _start("-c", code, folder=tmp_path).communicate(timeout=60)
    assert output.split() == ["none", "10", "none", "False", "10"], "no tracebacks, small uploads, ten colors"


def test_streamlit_finds_the_application():
    result = discover_asgi_app(ROOT / "app.py")
    assert result.import_string == "app:app"


def test_a_port_that_is_taken_gets_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = _start("app.py", "--port", str(port))
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert output == (
        f"Port {port} of 127.0.0.1 cannot be used (Address already in use); "
        f"stop what uses it, or choose another, as in `make app PORT={port + 1}`.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "99999"], "Port 99999 does not exist; choose one from 1024 to 65535"),
        (["--host", "nowhere.invalid"], "There is no host 'nowhere.invalid' here; 127.0.0.1 serves this machine"),
    ],
)
def test_an_address_that_cannot_be_gets_one_sentence(arguments, sentence):
    with pytest.raises(SystemExit, match=sentence):
        serve(application(Recipe()), parser("app").parse_args(arguments))
