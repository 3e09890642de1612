"""What figures draw, as numbers: of scenes of every kind, and of the same scenes in other views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from landscapes.figures.scene import picture
from landscapes.recipes import catalog
from landscapes.scenes.scene import Scene
from landscapes.scenes.view import with_view
from tests.approved import figure_text, shipped
from tests.approved.page_text import as_text, drawn_by_explore

# Networks, test functions, games, bounds, rewards, several terms, and what has no Hessian or is trained otherwise.
PAGES = (
    "home",
    "lesson-ravine",
    "lesson-duel",
    "explore",
    "bukin6",
    "noisy-double-well",
    "best-of-n",
    "error-rate",
    "elbo",
    "expected-return",
    "minimax-gan",
    "rlhf",
    "pinn-heat",
    "classify-reconstruct",
)


MAX_PATHS = 2  # of another view


def view_of(name: str, theme: str = "light", presenter: bool = False, **settings: Any) -> Callable[[], Any]:
    """The figure of a page's scene in another view."""

    def make() -> Any:
        (scene, *_) = shipped.scenes(name)
        recipe = catalog.complete(replace(scene.recipe, **settings))
        scene = replace(with_view(scene, recipe), paths=dict(list(scene.paths.items())[:MAX_PATHS]))
        return picture(scene, theme="dark" if theme == "dark" else "light", presenter=presenter)

    return make


def line_of(name: str, **settings: Any) -> Callable[[], Any]:
    """A line through the middle of a page's scene, along its second direction."""

    def make() -> Any:
        return picture(sliced(shipped.scenes(name)[0], **settings))

    return make


def sliced(scene: Scene, **settings: Any) -> Scene:
    """The scene along the second direction of its plane, through the middle of the first."""
    surface = scene.surface
    middle = len(surface.axes[0]) // 3
    line = replace(
        surface,
        axes=surface.axes[1:],
        terms={name: grid[middle] for name, grid in surface.terms.items()},
        evaluated=surface.evaluated[middle],
    )
    drawn_paths = list(scene.paths.items())[:MAX_PATHS]
    paths = {name: replace(path, coordinates=path.coordinates[:, 1:]) for name, path in drawn_paths}
    recipe = replace(scene.recipe, dimension=1, **settings)
    return replace(
        scene, recipe=recipe, surface=line, paths=paths, labels=scene.labels[1:], flow=None, optimum=None
    )


VIEWS: dict[str, Callable[[], Any]] = {
    "contour": view_of("explore", view="contour"),
    "log": view_of("home", scale="log"),
    "dark-presenter": view_of("lesson-ravine", "dark", True),
    "bound-contour": view_of("elbo", view="contour"),
    "bound-log": view_of("elbo", scale="log"),
    "reward-log": view_of("expected-return", view="contour", scale="log"),
    "player": view_of("minimax-gan", view="contour", term="discriminator"),
    "mix": view_of("classify-reconstruct", view="contour", mix=(("reconstruction", 0.25),)),
    "line": line_of("classify-reconstruct"),
    "line-log": line_of("explore", scale="log"),
    "line-bound": line_of("elbo"),
}


def names() -> list[str]:
    """The names of the records."""
    return [*PAGES, *(f"view-{name}" for name in VIEWS)]


def text(name: str) -> str:
    """What the figures of a page or a view say and draw."""
    if name in PAGES:
        parts = drawn_by_explore(shipped.scenes(name))
        figures = {key: figure for key, figure in parts if hasattr(figure, "to_plotly_json")}
    else:
        figures = {"figure": VIEWS[name.removeprefix("view-")]()}
    lines = []
    for key, figure in figures.items():
        lines += [key, *(f"  {line}" for line in figure_text.said(figure))]
        lines += [f"  {line}" for line in figure_text.drawn(figure)]
    return as_text(lines)
