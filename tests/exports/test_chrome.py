"""Without a browser, or with one that fails, an error names the remedy."""

from types import SimpleNamespace

import plotly.graph_objects as go
import pytest

from landscapes.exports import EXPORTS, chrome


def test_other_formats_work_without_chrome(bundle, monkeypatch, tmp_path):
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "no browser"))
    available = {name for name, export in EXPORTS.items() if export.is_available()}
    assert available == set(EXPORTS) - {"png"}
    with pytest.raises(ValueError, match="install one") as caught:
        EXPORTS["png"].encode(bundle)
    assert str(caught.value).count(". ") == 0
    assert EXPORTS["html"].encode(bundle)


def test_failing_browser_is_reported(bundle, monkeypatch, tmp_path):
    chrome.close_browser()
    broken = tmp_path / "chrome"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(broken))
    with pytest.raises(ValueError, match="the browser that draws images failed"):
        EXPORTS["png"].encode(bundle)


def test_each_option_of_an_image_reaches_the_browser(monkeypatch):
    asked = []
    fake = SimpleNamespace(render=lambda figure, options: asked.append(options) or b"image")
    monkeypatch.setattr(chrome, "missing", lambda: "")
    monkeypatch.setattr(chrome, "_browser", fake)
    assert chrome.render(go.Figure(), "png", 640, 480, 2.5) == b"image"
    assert asked == [{"format": "png", "width": 640, "height": 480, "scale": 2.5}]
