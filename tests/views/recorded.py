"""What a section draws, without a page: its pictures with their arguments, and its texts in their order."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any


class Recorded:
    """Stands for Streamlit. Containers return themselves, and texts are kept.

    Attributes:
        texts: what was written, as (function, text).
        stages: the figure and the arguments of each stage, by its key.
        tables: what each table was given.
    """

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.stages: dict[str, tuple[Any, dict[str, Any]]] = {}
        self.tables: list[Any] = []

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *error: object) -> None: ...

    def columns(self, spec: Any, **options: Any) -> list[Recorded]:
        return [self] * (spec if isinstance(spec, int) else len(spec))

    def container(self, **options: Any) -> Recorded:
        return self

    def popover(self, label: str, **options: Any) -> Recorded:
        return self

    def stage(self, figure: Any, *, key: str, **options: Any) -> None:
        self.stages[key] = (figure, options)

    def dataframe(self, table: Any, **options: Any) -> None:
        self.tables.append(table)

    def __getattr__(self, name: str) -> Any:
        return lambda text="", *args, **options: self.texts.append((name, str(text)))

    def of(self, name: str) -> list[str]:
        """The texts that one function was given."""
        return [text for function, text in self.texts if function == name]


def record(monkeypatch: Any, module: ModuleType, settings: Mapping[str, Any] | None = None) -> Recorded:
    """Let a section draw on a record, on the light page under these settings."""
    recorded = Recorded()
    monkeypatch.setattr(module, "st", recorded)
    monkeypatch.setattr(module, "stage", recorded.stage)
    chosen = dict(settings or {})
    controls = {
        "instruments": ("theme", lambda: "light"),
        "widgets": ("setting", lambda key, default=None: chosen.get(key, default)),
    }
    for name, (function, result) in controls.items():
        if hasattr(module, name):
            monkeypatch.setattr(getattr(module, name), function, result)
    return recorded
