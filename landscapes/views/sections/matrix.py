"""Section: the entries of the Hessian, of its Gauss–Newton part and of their difference."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
import streamlit as st
from jaxtyping import Float, PyTree

from landscapes.curvature.generalized_gauss_newton import gauss_newton
from landscapes.curvature.hessian import MAX_DENSE_PARAMETERS, dense_hessian
from landscapes.figures.matrix import matrix, thinning
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Result, Section, curvature_obstacle, curved_problem, step_progress
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

# CSS heights: three matrices side by side are square; a single one fills the page.
HEIGHT_OF_THREE = "clamp(300px, calc(22vw + 80px), calc(100vh - 330px))"
HEIGHT_OF_ONE = "clamp(300px, calc(100vh - 340px), 620px)"


@dataclass(frozen=True, eq=False)
class Matrices:
    """Dense matrices at a point.

    Attributes:
        hessian: in the order of the parameters.
        gauss_newton: None while it is computed, or if it does not exist.
        without: why the Gauss–Newton matrix does not exist, or "".
        sizes: {leaf: number of parameters} of the shown leaves, in that order.
        dim: the number of parameters of the problem.
    """

    hessian: Float[np.ndarray, "n n"]
    gauss_newton: Float[np.ndarray, "n n"] | None
    without: str
    sizes: dict[str, int]
    dim: int


def compute(recipe: Recipe, memory: MutableMapping[str, Any], progress: Report) -> Matrices:
    """Both matrices in full, or only of the last layers if the full ones are too large."""
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.3, "Training"))
    problem, remember = curved_problem(placement), Memory(recipe, memory)
    sizes, mask = _last_layers(problem.params)
    report = step_progress(progress, 0.3, 0.6, "Computing the Hessian")
    hessian = remember(
        "dense hessian", point_fields(recipe), lambda: dense_hessian(problem, mask=mask, progress=report)
    )
    matrices = Matrices(hessian, None, "", sizes, problem.dim)
    note = "Computing the Gauss–Newton matrix"
    progress(0.6, matrices, note)
    try:
        linearized = gauss_newton(problem)
    except ValueError as error:
        return replace(matrices, without=str(error))
    report = step_progress(progress, 0.6, 1.0, note)
    gauss_newton_matrix = remember(
        "dense gauss-newton", point_fields(recipe), lambda: dense_hessian(linearized, mask=mask, progress=report)
    )
    return replace(matrices, gauss_newton=gauss_newton_matrix)


def _last_layers(params: PyTree) -> tuple[dict[str, int], np.ndarray]:
    """The last leaves that fit into a dense matrix, and a mask of their parameters."""
    leaves = [
        (jax.tree_util.keystr(path, simple=True, separator="/") or "θ", int(np.size(leaf)))
        for path, leaf in jax.tree_util.tree_leaves_with_path(params)
    ]
    first = len(leaves) - 1
    while first > 0 and sum(size for _, size in leaves[first - 1 :]) <= MAX_DENSE_PARAMETERS:
        first -= 1
    mask = np.arange(sum(size for _, size in leaves)) >= sum(size for _, size in leaves[:first])
    return dict(leaves[first:]), mask


def draw(result: Result[Matrices]) -> None:
    matrices = result.value
    matrices_by_title = {r"Hessian $H$": matrices.hessian}
    if matrices.gauss_newton is not None:
        matrices_by_title[r"Gauss–Newton $G$"] = matrices.gauss_newton
        matrices_by_title[r"Remainder $H-G$"] = matrices.hessian - matrices.gauss_newton
    limit = float(np.max(np.abs(matrices.hessian), initial=0))
    look: dict[str, Any] = {"theme": instruments.theme(), "presenter": bool(widgets.setting("present", False))}
    columns = st.columns(3 if matrices.gauss_newton is not None else [0.66, 0.34], gap="small")
    for column, (name, values), number in zip(columns, matrices_by_title.items(), range(3), strict=False):
        with column:
            st.markdown(f"**{name}**")
            figure = matrix(values, matrices.sizes, limit=limit, **look)
            height = HEIGHT_OF_THREE if len(matrices_by_title) == 3 else HEIGHT_OF_ONE
            stage(
                figure,
                key=f"stage matrix {number}",
                height=height,
                link="matrix",
                description=f"{name.replace('$', '')}.",
            )
    if matrices.gauss_newton is not None and (norm := float(np.linalg.norm(matrices.hessian))):
        shares = (
            np.linalg.norm(part) / norm
            for part in (matrices.gauss_newton, matrices.hessian - matrices.gauss_newton)
        )
        st.caption("‖G‖ = {:.2f} ‖H‖; ‖H − G‖ = {:.2f} ‖H‖ (Frobenius norm).".format(*shares))
    if len(matrices.hessian) < matrices.dim:
        st.caption(
            f"The whole matrix of {matrices.dim:,} parameters would hold {matrices.dim**2:,} numbers; it is shown "
            f"up to {MAX_DENSE_PARAMETERS:,} parameters, so these are the last layers alone: choose a smaller "
            "model to see all."
        )
    pixel_size = thinning(len(matrices.hessian))
    thinned = (
        f" Each pixel is the entry of the largest size of {pixel_size} × {pixel_size}." if pixel_size > 1 else ""
    )
    st.caption(
        f"Entries of {len(matrices.hessian):,} × {len(matrices.hessian):,} matrices in one color scale, "
        f"zero in the page's own color, linear near it and logarithmic beyond {limit * 1e-3:.1g}; lines part the "
        f"layers.{thinned}"
    )
    if matrices.without:
        st.caption(f"{matrices.without[:1].upper()}{matrices.without[1:]}.")


SECTION = Section(
    "Matrix",
    compute,
    draw,
    r"Which parameters interact? $H_{ij}=\partial^2L/\partial\theta_i\,\partial\theta_j$",
    obstacle=curvature_obstacle,
)
