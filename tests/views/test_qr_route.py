"""QR codes of addresses, under the base path of the server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import segno
from starlette.requests import Request
from starlette.routing import Match
from streamlit import config

from landscapes.views.stage.qr_route import MAX_CHARACTERS, qr_code, qr_route, qr_url


@pytest.fixture
def base_path():
    yield lambda path: config.set_option("server.baseUrlPath", path)
    config.set_option("server.baseUrlPath", "")


@pytest.mark.parametrize(("path", "prefix"), [("", ""), ("/deep/lab/", "/deep/lab")])
def test_codes_are_served_under_the_base_path(base_path, path, prefix):
    base_path(path)
    assert qr_url() == f"{prefix}/qr-code.svg"
    match, _ = qr_route().matches({"type": "http", "method": "GET", "path": qr_url()})
    assert match == Match.FULL


def answer(text: str):
    scope = {
        "type": "http",
        "method": "GET",
        "path": qr_url(),
        "headers": [],
        "query_string": f"text={quote(text)}".encode(),
    }
    # In a thread of its own: a worker that ran browser tests before has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(qr_route().endpoint(Request(scope)))).result()


def test_code_is_that_of_the_text():
    address = "http://hall:8501/explore?lesson=ravine&stage=%3Dcamera*s3"
    result = answer(address)
    assert result.status_code == 200
    assert result.headers["content-type"] == "image/svg+xml"
    size = segno.make_qr(address, error="l").symbol_size()[0]
    assert f'viewBox="0 0 {size} {size}"' in result.body.decode()
    assert result.body != answer(address + "7").body


@pytest.mark.parametrize("text", ["", "é" * (MAX_CHARACTERS // 2 + 1)])
def test_text_that_no_hall_can_read_is_refused(text):
    assert answer(text).status_code == 400


def test_longest_text_has_a_code_of_version_20():
    assert segno.make_qr("a" * MAX_CHARACTERS, error="l").version == 20
    assert qr_code("a" * MAX_CHARACTERS)
