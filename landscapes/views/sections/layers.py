"""Section: the spectrum of every layer's block of the Hessian."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Annotated, Any, Literal

import jax
import streamlit as st

from landscapes.curvature.layer_blocks import Block, blocks
from landscapes.figures.layers import layers
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import (
    Obstacle,
    Result,
    Section,
    Settings,
    curvature_obstacle,
    curved_problem,
    step_progress,
)
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    by: Annotated[
        Literal["module", "leaf"], "what a block of the Hessian belongs to: a module, or each of its arrays"
    ] = "module",
) -> tuple[Block, ...]:
    """The diagonal blocks of the Hessian, with partial results after every block."""
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.4, "Training"))
    problem = curved_problem(placement)
    key = jax.random.fold_in(problem.key, 7)

    def report(fraction: float, partial: Any) -> None:
        progress(0.4 + 0.6 * fraction, partial or None, "Computing the layers' spectra")

    def compute_blocks() -> tuple[Block, ...]:
        return blocks(problem, key, by=by, progress=report)

    return Memory(recipe, memory)(f"blocks by {by}", point_fields(recipe), compute_blocks)


def draw(result: Result[tuple[Block, ...]]) -> None:
    layer_blocks = result.value
    height = f"clamp(300px, calc(100vh - 330px), {max(340, 70 * len(layer_blocks) + 90)}px)"
    presenting = bool(widgets.setting("present", False))
    figure = layers(layer_blocks, theme=instruments.theme(), presenter=presenting)
    stage(figure, key="stage layers", height=height)
    are_exact = all(block.is_exact for block in layer_blocks)
    method = "full eigendecomposition of each block" if are_exact else "four Lanczos chains per block"
    st.caption(
        "Points: smallest and largest eigenvalue of each block, all other parameters held, ± error; thick: the "
        f"middle nine tenths of its eigenvalues; diamond: their mean; {method}. A negative one proves that the "
        "loss is not convex; if none is negative, nothing is proven, because directions across layers are left "
        "out."
    )
    with st.popover("As a table"):
        st.dataframe([_row(block) for block in layer_blocks], hide_index=True, height="content")


def _row(block: Block) -> dict[str, Any]:
    trace, spread = block.trace
    return {
        "block": block.name,
        "parameters": block.size,
        "smallest": f"{block.ends[0]:.4g} ± {block.errors[0]:.1g}",
        "largest": f"{block.ends[1]:.4g} ± {block.errors[1]:.1g}",
        "trace": f"{trace:.4g}" + (f" ± {spread:.1g}" if spread else ""),
    }


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if catalog.is_function(recipe):
        return Obstacle("a test function has two variables and no layers")
    return curvature_obstacle(recipe, settings)


SECTION = Section(
    "Layers",
    compute,
    draw,
    obstacle=obstacle,
    question=r"How curved is the loss in each layer? Blocks $\partial^2 L/\partial\theta_\ell^2$",
)
