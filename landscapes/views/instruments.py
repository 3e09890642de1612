"""What stands beside the picture: curves, eigenvalues, what the picture leaves out, and the exports."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from landscapes import caption as words
from landscapes import catalog, figures
from landscapes.directions import RANDOM_WALK
from landscapes.exports import EXPORTS, Bundle, chrome
from landscapes.figures import Theme
from landscapes.recipe import Recipe
from landscapes.scene import Scene
from landscapes.views.stage import stage


def theme() -> Theme:
    """The viewer's theme, "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


def draw(scene: Scene, recipe: Recipe) -> None:
    """The column of instruments."""
    verdict(scene)
    look = theme()
    if scene.trajectories:
        # The curves are of what is trained, whatever is drawn.
        trained = replace(scene.recipe, drawn=catalog.SAME)
        sense = catalog.shown(trained).sense if not catalog.is_function(trained) else "minimize"
        figure = figures.history(
            scene.trajectories,
            value=catalog.height(replace(trained, term="")),
            theme=look,
            # A reward may have any sign and is read against the best there is, which a logarithm would hide.
            scale="linear" if sense == "maximize" else "log",
            sense=sense,
            references=catalog.references(trained),
        )
        stage(figure, key="stage history", height=270, link="camera")
    if scene.spectrum is not None:
        stage(figures.eigenvalues(scene.spectrum, theme=look), key="stage eigenvalues", height=190)
    honesty(scene)
    exports(scene, recipe)


def verdict(scene: Scene) -> None:
    """Is it convex here, or concave where more is better? One sentence, from the eigenvalues of the full space and
    never from the slice."""
    if scene.flat:
        st.markdown(scene.flat)
        return
    word = "concave" if scene.problem.sense == "maximize" else "convex"
    if scene.spectrum is None:
        st.caption(f"Is it {word} here? The eigenvalues are still being computed.")
        return
    found = scene.spectrum.verdict
    where = "trained" if scene.recipe.center == "trained" and scene.recipe.optimizers else "initial"
    st.markdown(f"**{word.capitalize()} at the {where} point?** {found.sentence}")


def honesty(scene: Scene) -> None:
    """What the plane does not show of each path."""
    if not scene.paths or scene.problem.dim <= 2:
        return
    rows = {
        name: {
            "start to end": f"{path.displacement:.1%}",
            "step by step": f"{path.share:.1%}",
            "off the plane": f"{path.distance[-1]:.3g}",
            "true value": f"{path.loss[-1]:.3g}",
            "plane's value": f"{path.plane_loss[-1]:.3g}",
        }
        for name, path in scene.paths.items()
    }
    with st.expander("What the plane leaves out"):
        st.table(rows)
        note = "How much of each path lies along the plane, and at its end its distance off it and both values."
        if scene.explained is not None:
            walk = RANDOM_WALK[scene.plane.dim - 1]
            note += (
                f" The plane holds {scene.explained:.0%} of the paths' variance; a random walk's own principal "
            )
            note += f"{'plane' if scene.plane.dim == 2 else 'line'} would hold {walk:.0%}."
        st.caption(note)


def caption(scene: Scene, recipe: Recipe) -> None:
    """One line under the picture; everything else it depends on a click away."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words.caption(scene, recipe))
        with st.popover("Details", type="tertiary"):
            for name, text in words.details(scene).items():
                st.markdown(f"**{name}.** {text}")


def exports(scene: Scene, recipe: Recipe) -> None:
    """A menu of everything that can be taken home."""
    with st.popover("Export", icon=":material/download:", width="stretch"):
        for name, export in EXPORTS.items():
            st.download_button(
                export.title,
                data=partial(_encode, name, scene, recipe, theme()),  # the download has no theme to ask
                disabled=not export.available(),
                file_name=f"landscape{export.extension}",
                mime=export.mime,
                on_click="ignore",
                key=f"export {name}",
                width="stretch",
            )
        if not all(export.available() for export in EXPORTS.values()):
            st.caption(chrome.MISSING)


def _encode(name: str, scene: Scene, recipe: Recipe, look: Theme) -> bytes:
    return EXPORTS[name].encode(Bundle.of(scene, recipe, theme=look))
