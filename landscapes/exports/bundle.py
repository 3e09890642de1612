"""What an export is made from, and what an export is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.exports import chrome
from landscapes.figures import Theme
from landscapes.figures.scene import picture
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.caption import caption, details
from landscapes.scenes.scene import Scene

if TYPE_CHECKING:
    from landscapes.curvature.spectrum import Spectrum
    from landscapes.games.flow import Flow
    from landscapes.games.jacobian import Jacobian
    from landscapes.optimization.trajectory import Trajectory
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface


@dataclass(frozen=True, eq=False)
class Bundle:
    """One picture with everything behind it.

    Attributes:
        figure: as drawn by `landscapes.figures`.
        caption: what the picture shows and depends on, in words; every picture that leaves carries it.
        recipe: how to make it again.
        surface: the grids behind it.
        paths: projections by label, as drawn.
        trajectories: the runs behind them, by the same labels.
        spectrum: the Hessian's eigenvalues, None where they were not computed.
        details: what the caption has no room for, by name; it goes where there is room.
        jacobian: in a game, the eigenvalues of its field's Jacobian, None where they were not computed.
        flow: in a game, the players' motion over the plane, None where it was not computed.
    """

    figure: go.Figure
    caption: str
    recipe: Recipe
    surface: Surface
    paths: Mapping[str, Projection] = field(default_factory=dict)
    trajectories: Mapping[str, Trajectory] = field(default_factory=dict)
    spectrum: Spectrum | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    jacobian: Jacobian | None = None
    flow: Flow | None = None

    @classmethod
    @check_arguments
    def of(cls, scene: Scene, *, theme: Theme = "light") -> Bundle:
        """The bundle of a scene, in its own view."""
        return cls(
            figure=picture(scene, theme=theme),
            caption=caption(scene),
            recipe=scene.recipe,
            surface=scene.surface.reweighted(dict(scene.recipe.mix)),
            paths=scene.paths,
            trajectories=scene.trajectories,
            spectrum=scene.spectrum,
            jacobian=scene.equilibrium.jacobian if scene.equilibrium is not None else None,
            flow=scene.flow,
            details=details(scene),
        )

    @property
    def description(self) -> str:
        """The caption, and each detail on a line of its own."""
        return "\n".join([self.caption, *(f"{name}: {text}" for name, text in self.details.items())])


@dataclass(frozen=True)
class Export:
    """A format.

    Attributes:
        title: for a menu, "Image (PNG)".
        extension: with the dot.
        mime: the media type.
        encoder: from a bundle to bytes, when nothing is in the way.
        needs_chrome: whether a Chrome or Chromium draws it, which takes seconds.
    """

    title: str
    extension: str
    mime: str
    encoder: Callable[[Bundle], bytes]
    needs_chrome: bool = False

    def available(self) -> bool:
        """Whether this machine can make it; if not, `chrome.MISSING` says what would help."""
        return not self.needs_chrome or chrome.find() is not None

    def check(self) -> None:
        """Nothing, if this machine can make it.

        Raises:
            ValueError: one sentence with the remedy, if it cannot.
        """
        if not self.available():
            raise ValueError(chrome.MISSING)

    @check_arguments
    def encode(self, bundle: Bundle) -> bytes:
        """The file's bytes.

        Raises:
            ValueError: one sentence with the remedy, if there is no browser to draw it or it fails.
        """
        self.check()
        return self.encoder(bundle)


def recipe(bundle: Bundle) -> bytes:
    """The recipe as JSON."""
    return bundle.recipe.to_json().encode()


EXPORTS = {"json": Export("Recipe (JSON)", ".json", "application/json", recipe)}
