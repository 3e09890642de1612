"""Section: the Hessian entry by entry, beside its Gauss–Newton part and what is left."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
import streamlit as st
from jaxtyping import Float, PyTree

from landscapes.curvature.gauss_newton import gauss_newton
from landscapes.curvature.hessian import DENSE_LIMIT, dense_hessian
from landscapes.figures.matrix import matrix, thinning
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Result, Section, bent, uncurved, within
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

# Three matrices side by side are as high as they are wide; one alone takes what the page has.
THREE = "clamp(300px, calc(22vw + 80px), calc(100vh - 330px))"
ALONE = "clamp(300px, calc(100vh - 340px), 620px)"


@dataclass(frozen=True, eq=False)
class Matrices:
    """Dense matrices at a point.

    Attributes:
        hessian: in the order of the parameters.
        gauss_newton: None while it is computed, and where there is none.
        without: why there is none, or "".
        sizes: {leaf: parameters} in that order, of those that are shown.
        dim: how many parameters the problem has.
    """

    hessian: Float[np.ndarray, "n n"]
    gauss_newton: Float[np.ndarray, "n n"] | None
    without: str
    sizes: dict[str, int]
    dim: int


def compute(recipe: Recipe, memory: MutableMapping[str, Any], progress: Report) -> Matrices:
    """Both matrices: whole, or of the last layers that fit."""
    place = place_picture(recipe, memory=memory, progress=within(progress, 0.0, 0.3, "Training"))
    here, remember = bent(place), Memory(recipe, memory)
    sizes, mask = _last_layers(here.params)
    told = within(progress, 0.3, 0.6, "Computing the Hessian")
    whole = remember("dense hessian", point_fields(recipe), lambda: dense_hessian(here, mask=mask, progress=told))
    found = Matrices(whole, None, "", sizes, here.dim)
    note = "Computing the Gauss–Newton matrix"
    progress(0.6, found, note)
    try:
        tangent = gauss_newton(here)
    except ValueError as error:
        return replace(found, without=str(error))
    further = within(progress, 0.6, 1.0, note)
    beside = remember(
        "dense gauss-newton", point_fields(recipe), lambda: dense_hessian(tangent, mask=mask, progress=further)
    )
    return replace(found, gauss_newton=beside)


def _last_layers(params: PyTree) -> tuple[dict[str, int], np.ndarray]:
    """The leaves that a dense matrix can hold, from the last one backwards, and which parameters they are."""
    leaves = [
        (jax.tree_util.keystr(path, simple=True, separator="/") or "θ", int(np.size(leaf)))
        for path, leaf in jax.tree_util.tree_leaves_with_path(params)
    ]
    kept = len(leaves) - 1
    while kept > 0 and sum(size for _, size in leaves[kept - 1 :]) <= DENSE_LIMIT:
        kept -= 1
    mask = np.arange(sum(size for _, size in leaves)) >= sum(size for _, size in leaves[:kept])
    return dict(leaves[kept:]), mask


def draw(result: Result[Matrices]) -> None:
    found = result.value
    shown = {r"Hessian $H$": found.hessian}
    if found.gauss_newton is not None:
        shown[r"Gauss–Newton $G$"] = found.gauss_newton
        shown[r"Remainder $H-G$"] = found.hessian - found.gauss_newton
    limit = float(np.max(np.abs(found.hessian), initial=0))
    look: dict[str, Any] = {"theme": instruments.theme(), "presenter": bool(widgets.setting("present", False))}
    columns = st.columns(3 if found.gauss_newton is not None else [0.66, 0.34], gap="small")
    for column, (name, values), number in zip(columns, shown.items(), range(3), strict=False):
        with column:
            st.markdown(f"**{name}**")
            figure = matrix(values, found.sizes, limit=limit, **look)
            height = THREE if len(shown) == 3 else ALONE
            stage(
                figure,
                key=f"stage matrix {number}",
                height=height,
                link="matrix",
                description=f"{name.replace('$', '')}.",
            )
    if found.gauss_newton is not None and (norm := float(np.linalg.norm(found.hessian))):
        parts = (np.linalg.norm(part) / norm for part in (found.gauss_newton, found.hessian - found.gauss_newton))
        st.caption("‖G‖ = {:.2f} ‖H‖; ‖H − G‖ = {:.2f} ‖H‖ (Frobenius norm).".format(*parts))
    if len(found.hessian) < found.dim:
        st.caption(
            f"The whole matrix of {found.dim:,} parameters would hold {found.dim**2:,} numbers; it is shown up to "
            f"{DENSE_LIMIT:,} parameters, so these are the last layers alone: choose a smaller model to see all."
        )
    every = thinning(len(found.hessian))
    thinned = f" Each pixel is the entry of the largest size of {every} × {every}." if every > 1 else ""
    st.caption(
        f"Entries of {len(found.hessian):,} × {len(found.hessian):,} matrices in one color scale, zero in the "
        f"page's own color, linear near it and logarithmic beyond {limit * 1e-3:.1g}; lines part the layers."
        f"{thinned}"
    )
    if found.without:
        st.caption(f"{found.without[:1].upper()}{found.without[1:]}.")


SECTION = Section(
    "Matrix",
    compute,
    draw,
    r"Which parameters interact? $H_{ij}=\partial^2L/\partial\theta_i\,\partial\theta_j$",
    obstacle=uncurved,
)
