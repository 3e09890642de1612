"""What the page says of scenes, in the order in which it draws them, without a session of Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, nullcontext
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import plotly.graph_objects as go

import landscapes
from landscapes.exports.names import file_stem
from landscapes.figures.behavior_data import behavior_data
from landscapes.figures.description import describe
from landscapes.lessons import LESSONS, Lesson, Variation
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.captions import caption
from landscapes.scenes.scene import Scene
from landscapes.views.controls import instruments, lessons, mix, widgets
from landscapes.views.pages import explore, lesson_text
from landscapes.views.worker import watch
from tests.approved import figure_text, shipped

WITH_FIGURES = (shipped.LESSON, "home", "explore")  # pages whose pictures are in words; `drawings` has others


class Page:
    """Stands for Streamlit: containers return themselves, and what is shown is kept in its order.

    Attributes:
        parts: what was shown, as (function, text or figure or table).
    """

    def __init__(self) -> None:
        self.parts: list[tuple[str, Any]] = []
        self.session_state: dict[str, Any] = {}

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *error: object) -> None: ...

    def columns(self, spec: Any, **options: Any) -> list[Page]:
        return [self] * (spec if isinstance(spec, int) else len(spec))

    def container(self, **options: Any) -> Page:
        return self

    def popover(self, label: str, **options: Any) -> Page:
        self.parts.append(("popover", label))
        return self

    def page_link(self, page: str, *, label: str, query_params: Any, **options: Any) -> None:
        self.parts.append(("link", f"{label} | {page}?{urlencode(query_params, doseq=True)}"))

    def button(self, label: str, *, disabled: bool = False, **options: Any) -> None:
        self.parts.append(("button", f"{label}{' (disabled)' if disabled else ''}"))

    def expander(self, label: str, **options: Any) -> Page:
        self.parts.append(("expander", label))
        return self

    def stage(self, figure: Any, *, key: str, description: str = "", **options: Any) -> None:
        self.parts.append((key, figure))
        self.parts.append(("description", description))

    def table(self, rows: Any, **options: Any) -> None:
        self.parts.append(("table", rows))

    def dataframe(self, rows: Any, **options: Any) -> None:
        self.parts.append(("table", rows))

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda text="", *args, **options: self.parts.append((name, str(text)))


def words(name: str) -> str:
    """All that a page with scenes from files says."""
    recipe, scenes = shipped.pages()[name], shipped.scenes(name)
    lines = [*_identity(recipe), *(line for scene in scenes for line in _names(scene.recipe))]
    if name.startswith(shipped.LESSON):
        lesson = LESSONS[name.removeprefix(shipped.LESSON)]
        lines += [f"try: {each.label} | {_addition(lesson, each)}" for each in lesson.next]
        lines += _lesson_lines(name.removeprefix(shipped.LESSON), recipe)
    if name.startswith(shipped.CHOSEN):
        return as_text([*lines, f"caption: {caption(scenes[0])}", f"text: {instruments.verdict(scenes[0])}"])
    parts = drawn_by_explore(scenes, with_figures=name.startswith(WITH_FIGURES))
    captions = [shown for function, shown in parts if function == "caption"]
    for function, shown in parts:
        is_said = (
            watch.escape_markdown(str(shown)) in captions
            if function == "description"
            else "**Seed and precision.**" in str(shown)
        )
        lines += [] if is_said else lines_of(function, shown)
    # Two pictures share most of their details.
    is_repeated = [line.startswith("text: ") and line in lines[:k] for k, line in enumerate(lines)]
    return as_text(line for line, repeated in zip(lines, is_repeated, strict=True) if not repeated)


def as_text(lines: Iterable[str]) -> str:
    """Lines as the text of a record. The release that computed a scene is no fact of the scene."""
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    return text.replace(f"version {landscapes.__version__}", "version N")


def lines_of(function: str, shown: Any) -> Iterator[str]:
    """A part of a page as lines."""
    function = {"markdown": "text"}.get(function, function)
    if function in ("html", "space") or (isinstance(shown, str) and not shown):
        return
    if isinstance(shown, go.Figure):
        yield f"{function}: {describe(shown)}"
        yield from (f"  {line}" for line in figure_text.said(shown))
    elif isinstance(shown, Mapping):
        yield from table_lines(shown)
    else:
        first, *others = str(shown).strip().splitlines() or [""]
        yield f"{function}: {first}"
        yield from (f"  {line}" for line in others)


def table_lines(rows: Mapping[str, Any]) -> Iterator[str]:
    """A table as lines: one of each row, or one of each column of lists."""
    for name, row in rows.items():
        cells = (
            [f"{key} {value}" for key, value in row.items()] if isinstance(row, Mapping) else list(map(str, row))
        )
        yield f"table: {name} | {' | '.join(cells)}"


def _identity(recipe: Recipe) -> Iterator[str]:
    """The address, which leads back to the recipe."""
    query = catalog.to_query(recipe)
    assert catalog.complete(catalog.from_query(query)) == recipe, f"{query} leads to another recipe"
    assert catalog.complete(Recipe.from_query(recipe.query)) == recipe, f"{recipe.query} leads to another recipe"
    yield f"address: {urlencode(query, doseq=True)}"


def _lesson_lines(name: str, recipe: Recipe) -> Iterator[str]:
    """The texts of an open lesson, and where its links lead."""
    page = Page()
    with ExitStack() as stack:
        for module in (lesson_text, lessons):
            stack.enter_context(patch.object(module, "st", page))
        stack.enter_context(patch.object(lessons, "position", lambda name: "its place"))
        stack.enter_context(patch.object(lesson_text.presenter, "on_screen", lambda: False))
        stack.enter_context(patch.object(lesson_text.presenter, "awaits_reveal", lambda name: False))
        stack.enter_context(patch.object(widgets, "setting", {"lesson": name}.get))
        sections: Any = {name: name for name in ("race", "curvature", "compare")}
        lesson_text.navigate(recipe, sections)
        lesson_text.draw(name, recipe)
    for function, shown in page.parts:
        yield from (f"lesson {line}" for line in lines_of(function, shown))


def _addition(lesson: Lesson, variation: Variation) -> str:
    """What a variation adds to the address of its lesson."""
    return urlencode(lesson.varied(variation).to_query(lesson.recipe), doseq=True)


def _names(recipe: Recipe) -> Iterator[str]:
    yield f"title: {catalog.title(recipe)} | {catalog.height(recipe)} | {file_stem(recipe)}"
    yield f"formula: {catalog.formula(recipe)}"


def drawn_by_explore(scenes: tuple[Scene, ...], *, with_figures: bool = True) -> list[tuple[str, Any]]:
    """What the page Explore draws of these scenes below its toolbar."""
    page = Page()

    def behavior(scene: Scene, **options: Any) -> None:
        if scene.behaviors is not None:
            data = behavior_data(scene.behaviors, examples=catalog.examples(scene.recipe))
            texts = {name: value for name, value in data["drawn"].items() if _is_text(value)}
            page.parts.append(("behavior", f"{data['description']} {data['examples']}; {texts or ''}"))

    def draw(key: str, inputs: Any, make: Callable[[], Any]) -> Any:
        return make() if with_figures else ""

    with ExitStack() as stack:
        for module in (explore, instruments, mix):
            stack.enter_context(patch.object(module, "st", page))
        for module in (explore, instruments):
            stack.enter_context(patch.object(module, "stage", page.stage))
            stack.enter_context(patch.object(module, "drawing", draw))
        stack.enter_context(patch.object(explore.lesson_text, "draw"))
        stack.enter_context(patch.object(explore.lesson_text, "ask", return_value=False))
        stack.enter_context(patch.object(explore, "behavior_panel", behavior))
        stack.enter_context(patch.object(explore, "_viewpoint", return_value=0))  # choosing one takes a while
        stack.enter_context(patch.object(instruments, "exports"))
        stack.enter_context(patch.object(instruments, "theme", return_value="light"))
        stack.enter_context(patch.object(widgets, "setting", lambda key, default=None: default))
        stack.enter_context(patch.object(watch, "dim_stale", lambda *args: nullcontext()))
        explore._draw([], [], False, explore.NewestScenes(list(scenes)))
    return page.parts


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
