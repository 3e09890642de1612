"""The menu of exports: its settings reach the files, and what is absent is named once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest

from landscapes.exports import EXPORTS
from landscapes.exports.settings import ExportSettings
from landscapes.views.controls import export_menu
from landscapes.views.controls.export_menu import motions_of
from tests.views.test_archive_job import Picture


def test_what_can_move_is_named_with_the_most_first():
    assert motions_of(has_paths=True, has_camera=True) == ["both", "paths", "camera"]
    assert motions_of(has_paths=True, has_camera=False) == ["paths"]
    assert motions_of(has_paths=False, has_camera=False) == []


def script(motions: list[str]) -> None:

    from landscapes.exports import EXPORTS
    from landscapes.views.controls.export_menu import export_menu

    make: Any = None
    export_menu(make, "bowl", "bowl_of_two", EXPORTS, motions)  # type: ignore[arg-type]


def downloads(page: AppTest) -> dict[str, Any]:
    return {each.proto.id.rpartition("export ")[2]: each.proto for each in page.get("download_button")}


def test_menu_offers_each_format_and_names_what_is_absent_once(monkeypatch):
    reason = "figures for print need Matplotlib; install it"
    for name in ("pdf", "svg"):
        monkeypatch.setitem(EXPORTS, name, replace(EXPORTS[name], missing=lambda: reason))
    page = AppTest.from_function(script, args=(["both", "paths"],), default_timeout=60).run()
    shown = downloads(page)
    assert {*shown} == {*EXPORTS} - {"everything"}
    assert {name for name, each in shown.items() if each.disabled} == {"pdf", "svg"}
    assert [each.value for each in page.caption] == [reason]
    assert page.selectbox(key="export motion").options == [
        "Optimizers run while the camera turns",
        "Optimizers run",
    ]
    assert not page.button(key="export everything").disabled

    still = AppTest.from_function(script, args=([],), default_timeout=60).run()
    assert {"mp4", "webp", "gif"}.isdisjoint(downloads(still))
    assert not [each for each in still.selectbox if each.key == "export motion"]


def test_settings_reach_the_encoder(monkeypatch):
    seen: list[Any] = []
    encoder = replace(EXPORTS["csv"], missing=str, encoder=lambda bundle: seen.append(bundle.settings) or b"")
    monkeypatch.setattr(type(encoder), "encode", lambda self, bundle: self.encoder(bundle))
    monkeypatch.setitem(EXPORTS, "csv", encoder)
    settings = ExportSettings("nature", 72, "camera")
    make: Any = Picture
    assert export_menu._encode("csv", make, settings) == b""
    assert seen == [settings]
