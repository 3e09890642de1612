"""The instruments beside the picture: curves, eigenvalues, distances of the paths from the plane, and exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from landscapes import figures
from landscapes.directions import RANDOM_WALK_VARIANCE_SHARES
from landscapes.display import typeset
from landscapes.exports import EXPORTS, Bundle
from landscapes.exports.names import file_stem
from landscapes.figures import Theme
from landscapes.figures.scene import drawn_paths
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes import caption as caption_of
from landscapes.scenes import details
from landscapes.scenes.equilibrium import EquilibriumAnalysis
from landscapes.scenes.scene import Scene
from landscapes.slices.projection import Projection
from landscapes.views.controls import widgets
from landscapes.views.controls.export_menu import export_menu, motions_of
from landscapes.views.stage import stage
from landscapes.views.stage.drawing import drawing
from landscapes.views.worker import watch


def theme() -> Theme:
    """The viewer's theme, "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


def draw(scene: Scene) -> None:
    """Draw the column of instruments."""
    st.markdown(verdict(scene))
    curves(scene)
    if scene.equilibrium is not None:
        game(scene.equilibrium, scene.recipe)
    eigenvalues(scene)
    projection_table(scene)
    exports(scene)


def curves(scene: Scene, slot: str = "", other_scenes: Sequence[Scene] = ()) -> None:
    """Draw the loss and the gradient norm of each run over its steps; in a game the loss of each player.

    Args:
        other_scenes: scenes whose curves are drawn beside these. Curves of the same quantity share their axes.
    """
    if not scene.trajectories:
        return
    look, key = theme(), f"history {slot}".strip()
    shared_scenes = [other for other in other_scenes if _has_the_same_curves(other, scene)]
    figure = _players if scene.surface.game else _history
    figure_drawing = drawing(key, (scene, look, *shared_scenes), lambda: figure(scene, look, shared_scenes))
    stage(figure_drawing, key=f"stage {key}", height=260 if scene.surface.game else 270, link="camera")


def are_same_runs(first: Scene, second: Scene) -> bool:
    """Whether two scenes have identical runs."""
    first_runs, second_runs = first.trajectories, second.trajectories
    return list(first_runs) == list(second_runs) and all(
        np.array_equal(first_runs[name].loss, second_runs[name].loss, equal_nan=True) for name in first_runs
    )


def _has_the_same_curves(first: Scene, second: Scene) -> bool:
    """Whether the runs of two scenes minimize the same quantity, or are of a game of the same players."""
    first_recipe, second_recipe = (catalog.as_trained(scene.recipe) for scene in (first, second))
    if first.surface.game or second.surface.game:
        return first_recipe.objective.name == second_recipe.objective.name
    return catalog.height(first_recipe) == catalog.height(second_recipe)


def _players(scene: Scene, look: Theme, other_scenes: Sequence[Scene]) -> go.Figure:
    return figures.players(
        scene.trajectories,
        scene.facts.player_weights,
        theme=look,
        references=catalog.references(scene.recipe),
        axes_include=[
            (run, other.facts.player_weights) for other in other_scenes for run in other.trajectories.values()
        ],
    )


def _history(scene: Scene, look: Theme, other_scenes: Sequence[Scene]) -> go.Figure:
    # The curves show the trained objective, whichever is drawn.
    trained_recipe = catalog.as_trained(scene.recipe)
    sense = catalog.drawn_entry(trained_recipe).sense if not catalog.is_function(trained_recipe) else "minimize"
    return figures.history(
        scene.trajectories,
        value=catalog.height(trained_recipe),
        theme=look,
        legend=False,  # the picture beside has one
        # A reward may have any sign, and a log scale would hide its distance from the optimum.
        scale="linear" if sense == "maximize" else "log",
        sense=sense,
        references=reference_values(scene, trained_recipe),
        bounds=catalog.bounded_term(trained_recipe),
        axes_include=[run for other in other_scenes for run in other.trajectories.values()],
    )


def reference_values(scene: Scene, trained_recipe: Recipe) -> dict[str, float]:
    """The reference values of the curves. The known optimum is left out if a reference has the same value, because
    their labels would overlap."""
    references = catalog.references(trained_recipe)
    if scene.optimum is None or np.any(np.isclose(scene.optimum.value, list(references.values()), rtol=1e-4)):
        return references
    return references | {"known optimum": scene.optimum.value}


def verdict(scene: Scene) -> str:
    """Whether the objective is convex (of a reward: concave) at the scene's point, by the Hessian eigenvalues of
    the full space and never by the slice."""
    if scene.flat:
        if scene.equilibrium is None:
            return scene.flat
        return f"**Do the players settle?** {typeset(scene.equilibrium.verdict)}"
    recipe, location = scene.recipe, f"at the {scene.center} point"
    if scene.spectrum is None:
        return f"The eigenvalues {location} have not been computed yet."
    answer, _, reason = scene.spectrum.verdict.at(location).partition(":")
    # The eigenvalues are those of the optimized sum, whichever of its terms is drawn.
    sum_name = "weighted sum" if recipe.term else "sum as trained" if recipe.mix else ""
    of_what = f"Of the {sum_name}, which is not drawn here: " if sum_name else ""
    return typeset(f"{of_what}**{answer}:**{reason}")


def eigenvalues(scene: Scene, slot: str = "") -> None:
    """Draw the extreme eigenvalues as bars, or a sentence if all of them are 0."""
    if scene.spectrum is not None and not np.any(scene.spectrum.eigenvalues):
        which = (
            "All" if len(scene.spectrum.eigenvalues) == scene.spectrum.dim else "At both ends of the spectrum the"
        )
        st.caption(
            f"{which} Hessian eigenvalues are exactly 0: around this point the objective is flat or linear, as it "
            "is where it is clipped, saturated or made of straight pieces."
        )
    elif (spectrum := scene.spectrum) is not None:
        look: dict[str, Any] = {"scale": figures.best_scale(spectrum), "theme": theme()}
        bars = drawing(f"eigenvalues {slot}", (spectrum, look), lambda: figures.eigenvalues(spectrum, **look))
        stage(bars, key=f"stage eigenvalues {slot}".strip(), height=190)


def game(analysis: EquilibriumAnalysis, recipe: Recipe) -> None:
    """Draw the Jacobian's eigenvalues in the complex plane with a caption."""
    settings = {choice.name: choice.settings for choice in recipe.optimizers}
    figure = figures.jacobian(analysis.jacobian, analysis.tests, settings=settings, theme=theme())
    stage(figure, key="stage jacobian", height=230)
    st.caption(typeset(analysis.sentence))


def projection_table(scene: Scene) -> None:
    """Draw a table of the part of each path that the plane does not show."""
    if not scene.paths or scene.facts.dim <= 2:
        return
    kind = "plane" if scene.dim == 2 else "line"
    with st.expander(f"What the {kind} leaves out"):
        st.table(projection_rows(drawn_paths(scene), kind))
        note = (
            f"For each path: how much of it lies in the {kind}, how far its end is from it, and the "
            f"{catalog.height(scene.recipe)} at the true end and at its projection."
        )
        if scene.explained is not None:
            random_walk_share = RANDOM_WALK_VARIANCE_SHARES[scene.dim - 1]
            note += (
                f" Share of the paths' variance in this {kind}: {100 * scene.explained:.0f} % (for comparison: "
                f"the best {kind} for a random walk holds {100 * random_walk_share:.0f} %)."
            )
        if scene.flow is not None:
            arrows = 100 * np.nanmedian(scene.flow.share)
            note += f" The arrows show {arrows:.0f} % of the players' motion (median)."
        st.caption(note)


def projection_rows(paths: Mapping[str, Projection], kind: str) -> dict[str, dict[str, str]]:
    """For each path how much of it the plane or line shows, how far its end is from it, and its losses there."""
    return {
        name: {
            "start to end": f"{100 * path.displacement:.1f} %",
            "step by step": f"{100 * path.share:.1f} %",
            f"distance from the {kind}": f"{path.distance[-1]:.3g}",
            "true end": typeset(f"{path.loss[-1]:.3g}"),
            "projection": typeset(f"{path.plane_loss[-1]:.3g}"),
        }
        for name, path in paths.items()
    }


def caption(scene: Scene, *, offer: bool = False, folded: bool = False) -> None:
    """Draw the caption of the picture and a popover with details; if `offer`, a button that lets paths from a
    picked start leave the plane or keeps them in it. If `folded`, the caption is among the details."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = watch.escape_markdown(caption_of(scene))  # a formula of the user's has asterisks
        if not folded:
            st.caption(text)
        if offer:
            _offer_space(scene.recipe)
        with st.popover("Details", type="tertiary"):
            if folded:
                st.markdown(text)
            for name, fact in details(scene).items():
                st.markdown(f"**{name}.** {watch.escape_markdown(fact)}")


def _offer_space(recipe: Recipe) -> None:
    """Draw a button that lets paths from a picked start leave the plane, or keeps them in it."""
    if not recipe.optimizers or catalog.is_function(recipe):
        return
    kind = "line" if recipe.dimension == 1 else "plane"
    label, space = (
        ("Let the paths leave the " + kind, "full")
        if recipe.space == "plane"
        else ("Keep the paths in the " + kind, "plane")
    )
    st.button(label, type="tertiary", icon=":material/moving:", key="other space",
              on_click=partial(widgets.set_setting, "space", space))  # fmt: skip


def exports(scene: Scene) -> None:
    """Draw the menu of exports of a scene."""
    look, recipe = theme(), scene.recipe  # a download cannot read the theme
    names = [name for name, export in EXPORTS.items() if export.is_for(recipe, scene.dim)]
    motions = motions_of(has_paths=bool(scene.paths), has_camera=scene.dim == 2 and recipe.view == "3d")
    identity = f"{recipe.query} {look} {scene.surface.evaluations} {scene.missing}"
    export_menu(lambda: Bundle.from_scene(scene, theme=look), identity, file_stem(recipe), names, motions)
