"""The data of one picture, and an export format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.exports.names import file_stem, title_of
from landscapes.exports.settings import ExportSettings
from landscapes.figures import Theme
from landscapes.figures.scene import drawn_paths, drawn_surface, picture
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.captions import caption, details
from landscapes.scenes.scene import Scene
from landscapes.storage import SavedResults

if TYPE_CHECKING:
    from landscapes.curvature.hessian_spectrum import Spectrum
    from landscapes.games.game_flow import Flow
    from landscapes.games.game_jacobian import Jacobian
    from landscapes.optimization.trajectory import Trajectory
    from landscapes.scenes.behaviors import Behaviors
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface


@dataclass(frozen=True, eq=False)
class Bundle:
    """One picture with all of its data.

    Attributes:
        figure: the Plotly figure.
        caption: what the picture shows and what it depends on; every exported picture carries it.
        recipe: the recipe that reproduces the picture; None for results of a problem of the user's own.
        surface: the grids of the loss and its terms.
        paths: the projected paths by label.
        trajectories: the runs of these paths, by the same labels.
        spectrum: the eigenvalues of the Hessian; None if not computed.
        details: further facts by name, for formats with room for them.
        jacobian: in a game, the eigenvalues of the Jacobian of its field; None if not computed.
        flow: in a game, the motion of the players over the plane; None if not computed.
        value, labels: the names of the height and of the axes.
        directions, seed: what spans the plane, and of the random numbers, where they are known.
        draw_light: draws the figure in the light theme, for paper; None if `figure` is in it.
        settings: what its reader chooses of the files.
        behaviors: what the model does along the paths; None if not computed.
        drawn_surface, drawn_paths: those whose loss is what the figure draws, such as a single term or the loss of
            one player; None where it is the loss of `surface` and `paths`.
    """

    figure: go.Figure
    caption: str
    recipe: Recipe | None
    surface: Surface
    paths: Mapping[str, Projection] = field(default_factory=dict)
    trajectories: Mapping[str, Trajectory] = field(default_factory=dict)
    spectrum: Spectrum | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    jacobian: Jacobian | None = None
    flow: Flow | None = None
    value: str = ""
    labels: tuple[str, ...] = ()
    directions: str = ""
    seed: int | None = None
    draw_light: Callable[[], go.Figure] | None = None
    settings: ExportSettings = field(default_factory=ExportSettings)
    behaviors: Behaviors | None = None
    drawn_surface: Surface | None = None
    drawn_paths: Mapping[str, Projection] | None = None

    @classmethod
    @check_arguments
    def from_scene(cls, scene: Scene, *, theme: Theme = "light") -> Bundle:
        """The bundle of a scene, with the figure in the view of its recipe."""
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
            value=catalog.height(scene.recipe),
            labels=scene.labels,
            directions="" if catalog.is_function(scene.recipe) else scene.recipe.directions.name,
            seed=scene.recipe.seed,
            draw_light=None if theme == "light" else partial(picture, scene),
            behaviors=scene.behaviors,
            drawn_surface=drawn_surface(scene),
            drawn_paths=drawn_paths(scene),
        )

    @classmethod
    def from_results(
        cls, results: SavedResults, figure: go.Figure, draw_light: Callable[[], go.Figure] | None = None
    ) -> Bundle:
        """The bundle of results from a file that have a surface, with a figure of them. A recipe that this release
        cannot read is left out. `draw_light` draws the figure in the light theme if it is not in it.

        Raises:
            ValueError: without a surface.
        """
        if results.surface is None:
            raise ValueError("these results have no surface; save one with landscapes.save(path, surface=…)")
        names = ("surface", "paths", "trajectories", "spectrum", "jacobian", "flow", "details", "value", "labels")
        parts = {name: getattr(results, name) for name in (*names, "directions", "seed")}
        recipe = None
        with suppress(ValueError):
            recipe = None if results.recipe is None else Recipe.from_json(results.recipe)
        return cls(figure, results.caption or results.summary, recipe, **parts, draw_light=draw_light)

    @property
    def light_figure(self) -> go.Figure:
        """The figure in the light theme."""
        return self.figure if self.draw_light is None else self.draw_light()

    @property
    def title(self) -> str:
        """What the picture shows, in a few words."""
        return title_of(self.recipe, self.value)

    @property
    def stem(self) -> str:
        """The name of a file without its extension."""
        return file_stem(self.recipe, self.value)

    @property
    def description(self) -> str:
        """The caption, followed by one line for each detail."""
        return "\n".join([self.caption, *(f"{name}: {text}" for name, text in self.details.items())])


@dataclass(frozen=True)
class Export:
    """An export format.

    Attributes:
        title: name in a menu, such as "Image (PNG)".
        extension: file extension with the dot.
        mime: media type.
        encoder: function from a bundle to bytes.
        missing: a sentence with the remedy if a package that the format needs is not installed, or "".
        dimension: of the pictures that it is for, 1, 2 or 3; None for lines and planes.
        source: "recipe" if it needs one, "registry" if that must not be of a problem of the user's own.
        moves: whether something has to move in the picture: optimizers, or the camera of a surface.
        volume: whether it is for volumes, too.
    """

    title: str
    extension: str
    mime: str
    encoder: Callable[[Bundle], bytes]
    missing: Callable[[], str] = str
    dimension: int | None = None
    source: Literal["", "recipe", "registry"] = ""
    moves: bool = False
    volume: bool = False

    def is_for(self, recipe: Recipe | None, dimension: int) -> bool:
        """Whether it is a format of pictures of this recipe, or without one, over so many axes."""
        is_own = recipe is None or catalog.is_own(recipe.objective.name)
        has_source = not self.source or (recipe is not None and not (self.source == "registry" and is_own))
        is_still = recipe is not None and not recipe.optimizers and (dimension == 1 or recipe.view != "3d")
        fits = self.dimension == dimension or (self.volume if dimension == 3 else self.dimension is None)
        return has_source and fits and not (self.moves and is_still)

    def is_available(self) -> bool:
        """Whether this machine can encode it; if not, `missing()` names the remedy."""
        return not self.missing()

    def check(self) -> None:
        """Checks that this machine can encode it.

        Raises:
            ValueError: if it cannot; the sentence names the remedy.
        """
        if reason := self.missing():
            raise ValueError(reason)

    @check_arguments
    def encode(self, bundle: Bundle) -> bytes:
        """The bytes of the file.

        Raises:
            ValueError: if the format needs a package or a browser that is absent, or the browser fails.
        """
        self.check()
        return self.encoder(bundle)


def recipe(bundle: Bundle) -> bytes:
    """The recipe as JSON.

    Raises:
        ValueError: without a recipe.
    """
    if bundle.recipe is None:
        raise ValueError("these results are of no recipe; export their data as NPZ")
    return bundle.recipe.to_json().encode()


EXPORTS = {"json": Export("Recipe (JSON)", ".json", "application/json", recipe, source="recipe")}
