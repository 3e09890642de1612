"""The route of the lessons' small pictures."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request
from starlette.routing import Match

from landscapes.lessons import LESSONS
from landscapes.lessons.thumbnail import THEMES, path
from landscapes.views.stage.thumbnail_route import thumbnail_route, thumbnail_url


def answer(url: str):
    scope = {"type": "http", "method": "GET", "path": url.partition("?")[0], "headers": []}
    match, result = thumbnail_route().matches(scope)
    assert match == Match.FULL
    request = Request({**scope, **result})
    # In a thread of its own: a worker that ran browser tests before has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(thumbnail_route().endpoint(request))).result()


@pytest.mark.parametrize("base", ["", "/course/2026"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_is_served_for_a_year(theme, base):
    result = answer(base + thumbnail_url("ravine", theme))
    assert result.path == path("ravine", theme)
    assert result.media_type == "image/webp"
    assert "immutable" in result.headers["cache-control"]


def test_a_lesson_without_a_picture_has_no_url():
    assert thumbnail_url("monkey", "light") == ""
    assert all(thumbnail_url(name, theme) for name in LESSONS for theme in THEMES)


@pytest.mark.parametrize("file", ["manifest.json", "..", "..%2Flesson.py", "none-light.webp"])
def test_no_other_file_is_served(file):
    assert answer(f"/thumbnails/{file}").status_code == 404
