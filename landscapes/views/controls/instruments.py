"""What stands beside the picture: curves, eigenvalues, what the picture leaves out, and the exports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from landscapes import figures
from landscapes.curvature.spectrum import Spectrum
from landscapes.directions import RANDOM_WALK_VARIANCE_SHARES
from landscapes.exports import EXPORTS, Bundle, chrome
from landscapes.figures import Theme
from landscapes.figures.scene import paths_of
from landscapes.games.player_losses import player_weights
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes import caption as caption_of
from landscapes.scenes import details
from landscapes.scenes.equilibrium import EquilibriumAnalysis
from landscapes.scenes.scene import Scene
from landscapes.views.controls import widgets
from landscapes.views.stage import stage
from landscapes.views.stage.drawing import drawing


def theme() -> Theme:
    """The viewer's theme, "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


def draw(scene: Scene) -> None:
    """The column of instruments."""
    st.markdown(verdict(scene))
    curves(scene)
    if scene.equilibrium is not None:
        game(scene.equilibrium, scene.recipe)
    eigenvalues(scene)
    honesty(scene)
    exports(scene)


def curves(scene: Scene, slot: str = "", beside: Sequence[Scene] = ()) -> None:
    """The loss and the gradient norm of each run, step by step; in a game what each player pays.

    Args:
        beside: scenes whose curves stand beside these; where they are of the same quantity the axes are shared.
    """
    if not scene.trajectories:
        return
    look, key = theme(), f"history {slot}".strip()
    also = [other for other in beside if _has_the_same_curves(other, scene)]
    figure = _players if scene.surface.game else _history
    drawn = drawing(key, (scene, look, *also), lambda: figure(scene, look, also))
    stage(drawn, key=f"stage {key}", height=260 if scene.surface.game else 270, link="camera")


def are_same_runs(first: Scene, second: Scene) -> bool:
    """Whether two scenes show the very same runs."""
    one, other = first.trajectories, second.trajectories
    return list(one) == list(other) and all(
        np.array_equal(one[name].loss, other[name].loss, equal_nan=True) for name in one
    )


def _has_the_same_curves(first: Scene, second: Scene) -> bool:
    """Whether the runs of two scenes descend the same quantity, or are of a game of the same players."""
    one, other = (catalog.as_trained(scene.recipe) for scene in (first, second))
    if first.surface.game or second.surface.game:
        return one.objective.name == other.objective.name
    return catalog.height(one) == catalog.height(other)


def _players(scene: Scene, look: Theme, beside: Sequence[Scene]) -> go.Figure:
    return figures.players(
        scene.trajectories,
        player_weights(scene.problem),
        theme=look,
        references=catalog.references(scene.recipe),
        beside=[(run, player_weights(other.problem)) for other in beside for run in other.trajectories.values()],
    )


def _history(scene: Scene, look: Theme, beside: Sequence[Scene]) -> go.Figure:
    # The curves are of what is trained, whatever is drawn.
    trained = catalog.as_trained(scene.recipe)
    sense = catalog.drawn_entry(trained).sense if not catalog.is_function(trained) else "minimize"
    return figures.history(
        scene.trajectories,
        value=catalog.height(trained),
        theme=look,
        # A reward may have any sign and is read against the best there is, which a logarithm would hide.
        scale="linear" if sense == "maximize" else "log",
        sense=sense,
        references=compared(scene, trained),
        bounds=catalog.bounded_term(trained),
        beside=[run for other in beside for run in other.trajectories.values()],
    )


def compared(scene: Scene, trained: Recipe) -> dict[str, float]:
    """What the curves are read against: two names of one value would be written over each other."""
    found = catalog.references(trained)
    if scene.optimum is None or np.any(np.isclose(scene.optimum.value, list(found.values()), rtol=1e-4)):
        return found
    return found | {"known optimum": scene.optimum.value}


def verdict(scene: Scene) -> str:
    """Whether it is convex at the scene's point, or concave where more is better: from the eigenvalues of the full
    space and never from the slice."""
    if scene.flat:
        return (
            scene.flat if scene.equilibrium is None else f"**Do the players settle?** {scene.equilibrium.verdict}"
        )
    recipe, place = scene.recipe, f"at the {scene.center} point"
    if scene.spectrum is None:
        return f"The eigenvalues {place} have not been computed yet."
    found, _, reason = scene.spectrum.verdict.at(place).partition(":")
    # The eigenvalues are those of what is optimized, whichever of its terms is drawn.
    whose = "weighted sum" if recipe.term else "sum as trained" if recipe.mix else ""
    return f"**{found}:**{reason}" + (f" The eigenvalues are those of the {whose}." if whose else "")


def eigenvalues(scene: Scene, slot: str = "") -> None:
    """The ends of the spectrum as bars; in words where all of them are 0, which no bar can show."""
    if scene.spectrum is not None and not np.any(scene.spectrum.eigenvalues):
        many = (
            "All" if len(scene.spectrum.eigenvalues) == scene.spectrum.dim else "At both ends of the spectrum the"
        )
        st.caption(
            f"{many} Hessian eigenvalues are exactly 0: around this point the objective is flat or linear, as it "
            "is where it is clipped, saturated or made of straight pieces."
        )
    elif (found := scene.spectrum) is not None:
        look: dict[str, Any] = {"scale": readable(found), "theme": theme()}
        bars = drawing(f"eigenvalues {slot}", (found, look), lambda: figures.eigenvalues(found, **look))
        stage(bars, key=f"stage eigenvalues {slot}".strip(), height=190)


def readable(spectrum: Spectrum) -> Literal["linear", "symlog"]:
    """The scale on which every sign that is known can be seen: a bar of a hundredth of the height is none."""
    sizes = np.abs(spectrum.eigenvalues)
    known = sizes[sizes > spectrum.errors]
    return "symlog" if known.size and known.min() < 0.01 * sizes.max() else "linear"


def game(analysis: EquilibriumAnalysis, recipe: Recipe) -> None:
    """The Jacobian's eigenvalues in the complex plane, and what they are."""
    settings = {choice.name: choice.settings for choice in recipe.optimizers}
    figure = figures.jacobian(analysis.jacobian, analysis.tests, settings=settings, theme=theme())
    stage(figure, key="stage jacobian", height=230)
    st.caption(analysis.sentence)


def honesty(scene: Scene) -> None:
    """What the plane does not show of each path."""
    if not scene.paths or scene.problem.dim <= 2:
        return
    flat = "plane" if scene.plane.dim == 2 else "line"
    rows = {
        name: {
            "start to end": f"{path.displacement:.1%}",
            "step by step": f"{path.share:.1%}",
            f"distance from the {flat}": f"{path.distance[-1]:.3g}",
            "true end": f"{path.loss[-1]:.3g}",
            "projection": f"{path.plane_loss[-1]:.3g}",
        }
        for name, path in paths_of(scene).items()
    }
    with st.expander(f"What the {flat} leaves out"):
        st.table(rows)
        note = (
            f"For each path: how much of it lies in the {flat}, how far its end is from it, and the "
            f"{catalog.height(scene.recipe)} at the true end and at its projection."
        )
        if scene.explained is not None:
            walk = RANDOM_WALK_VARIANCE_SHARES[scene.plane.dim - 1]
            note += (
                f" Share of the paths' variance in this {flat}: {scene.explained:.0%} (for comparison: the best "
            )
            note += f"{flat} for a random walk holds {walk:.0%})."
        if scene.flow is not None:
            note += f" The arrows show {np.nanmedian(scene.flow.share):.0%} of the players' motion (median)."
        st.caption(note)


def caption(scene: Scene, *, offer: bool = False) -> None:
    """One line under the picture; everything else it depends on a click away, and what to `offer` for paths from a
    picked start."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(caption_of(scene))
        if offer:
            _offer_space(scene.recipe)
        with st.popover("Details", type="tertiary"):
            for name, text in details(scene).items():
                st.markdown(f"**{name}.** {text}")


def _offer_space(recipe: Recipe) -> None:
    """What to do with paths from a picked start: let them leave the plane, or keep them in it."""
    if not recipe.optimizers or catalog.is_function(recipe):
        return
    flat = "line" if recipe.dimension == 1 else "plane"
    label, space = (
        ("Let the paths leave the " + flat, "full")
        if recipe.space == "plane"
        else ("Keep the paths in the " + flat, "plane")
    )
    st.button(label, type="tertiary", icon=":material/moving:", key="other space",
              on_click=partial(widgets.set_setting, "space", space))  # fmt: skip


def exports(scene: Scene) -> None:
    """A menu of everything that can be taken home."""
    with st.popover("Export", icon=":material/download:", width="stretch"):
        for name, export in EXPORTS.items():
            st.download_button(
                export.title,
                data=partial(_encode, name, scene, theme()),  # the download has no theme to ask
                disabled=not export.is_available(),
                file_name=f"landscape{export.extension}",
                mime=export.mime,
                on_click="ignore",
                key=f"export {name}",
                width="stretch",
            )
        if not all(export.is_available() for export in EXPORTS.values()):
            st.caption(chrome.MISSING_BROWSER)


def _encode(name: str, scene: Scene, look: Theme) -> bytes:
    return EXPORTS[name].encode(Bundle.from_scene(scene, theme=look))
