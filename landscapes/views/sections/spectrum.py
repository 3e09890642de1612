"""Section: the spectrum of the Hessian at the point of the picture, and of its Gauss–Newton part."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.curvature.gauss_newton import gauss_newton
from landscapes.curvature.spectrum import Spectrum, add_density, spectrum
from landscapes.curvature.trace import Trace, trace
from landscapes.figures.density import density
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.equilibrium import EquilibriumAnalysis, analyze_equilibrium
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Given, Obstacle, Result, Section, bent, uncurved, within
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

TRACE_PROBES = 32
HEIGHT = "clamp(340px, calc(100vh - 300px), 1000px)"
# What each matrix may say, in the words of a lecture.
WORDS = r"""
$$H = \underbrace{J^\top\,\nabla^2\ell\;J}_{G} + \sum\nolimits_i \frac{\partial\ell}{\partial f_i}\,\nabla^2 f_i$$

**The Hessian $H$** holds the curvature of the loss in every direction. Only its negative eigenvalues show
that the loss is not convex, and they are what a slice can miss.

**The Gauss–Newton matrix $G$** treats the model $f$ as linear. It is what natural-gradient and Gauss–Newton
methods step with, and for cross-entropy the Fisher information. It is never negative where $\ell$ is convex in the
outputs, so it says **nothing about convexity**.

They agree where $\partial\ell/\partial f_i=0$, as at a perfect fit, and for linear models.
"""


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known of the spectrum so far.

    Attributes:
        hessian, gauss_newton: their ends and densities.
        total: the trace of the Hessian.
        without: why there is no Gauss–Newton matrix, or "".
    """

    hessian: Spectrum
    total: Trace | None = None
    gauss_newton: Spectrum | None = None
    without: str = ""


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    probes: Annotated[int, Interval(ge=2, le=64), "random vectors behind the density"] = 8,
) -> Findings | EquilibriumAnalysis:
    """Ends, density and trace of the Hessian, then ends and density of the Gauss–Newton matrix; of a game, which
    has neither, the Jacobian of its field."""
    place = place_picture(recipe, memory=memory, progress=within(progress, 0.0, 0.4, "Training"))
    remember = Memory(recipe, memory)
    if place.problem.objective.players is not None:
        turning = within(progress, 0.4, 1.0, "Computing the Jacobian's eigenvalues")
        key = (*point_fields(recipe), "optimizers")
        return remember("equilibrium", key, lambda: analyze_equilibrium(recipe, place.problem, turning))
    here = bent(place)
    count = min(recipe.eigenvalues, here.dim)
    key = jax.random.fold_in(here.key, 3)
    told = within(progress, 0.4, 0.6, "Computing eigenvalues")
    ends = remember(
        "spectrum",
        (*point_fields(recipe), "eigenvalues"),
        lambda: spectrum(here, key, top=count, bottom=count, progress=told),
    )
    found = Findings(ends)
    progress(0.6, found, "Computing the density")
    whole = add_density(ends, here, key, probes, progress=within(progress, 0.6, 0.75, "Computing the density"))
    found = Findings(whole)
    progress(0.75, found, "Computing the trace")
    found = replace(found, total=_trace(whole, here, key, within(progress, 0.75, 0.8, "Computing the trace")))
    note = "Computing the Gauss–Newton matrix"
    progress(0.8, found, note)
    try:
        tangent = gauss_newton(here)
    except ValueError as error:
        return replace(found, without=str(error))
    further = within(progress, 0.8, 1.0, note)
    beside = spectrum(tangent, key, top=count, bottom=count, density=probes, progress=further)
    return replace(found, gauss_newton=beside)


def _trace(found: Spectrum, problem: Any, key: Any, progress: Any) -> Trace:
    if found.method == "dense":
        return Trace(float(found.nodes.sum()), 0.0, 0)
    return trace(problem, jax.random.fold_in(key, 5), TRACE_PROBES, progress=progress)


def draw(
    result: Result[Findings | EquilibriumAnalysis],
    width: Annotated[float, Interval(gt=0, le=20), "kernel width, in per cent of the range"] = 1.0,
) -> None:
    found, recipe = result.value, result.recipe
    look: dict[str, Any] = {"theme": instruments.theme(), "presenter": bool(widgets.setting("present", False))}
    left, right = st.columns([0.66, 0.34], gap="medium")
    if isinstance(found, EquilibriumAnalysis):
        _draw_game(found, recipe, left, right, look)
        return
    with left:
        spectra = {"Hessian": found.hessian}
        if found.gauss_newton is not None:
            spectra["Gauss–Newton"] = found.gauss_newton
        if found.hessian.nodes.shape[1]:
            stage(density(spectra, width / 100, **look), key="stage density", height=HEIGHT)
        else:
            st.container(height=400, border=True).caption("Computing the density …")
        st.caption(_caption(found, recipe))
    with right:
        st.markdown(f"**{found.hessian.verdict.at(f'at the {_center(recipe)} point')}**")
        if found.hessian.note:
            st.info(found.hessian.note, icon=":material/info:")
        stage(figures.eigenvalues(found.hessian, scale="symlog", **look), key="stage ends", height=250)
        st.markdown(_traced(found))
        with st.popover("Eigenvalues, errors and convergence", width="stretch"):
            _table(found)
        with st.popover("What each of the two matrices shows", width="stretch"):
            st.markdown(f"{found.without[:1].upper()}{found.without[1:]}." if found.without else WORDS)


def _draw_game(found: EquilibriumAnalysis, recipe: Recipe, left: Any, right: Any, look: dict[str, Any]) -> None:
    """The eigenvalues in the complex plane; why they stand here; and each with its error."""
    jacobian = found.jacobian
    with left:
        settings = {choice.name: choice.settings for choice in catalog.complete(recipe).optimizers}
        figure = figures.jacobian(jacobian, found.tests, settings=settings, legend=True, **look)
        stage(figure, key="stage complex plane", height=HEIGHT)
        st.caption(found.sentence)
    with right:
        st.markdown(
            "**A game has no Hessian**, since its players descend different losses. All of them move along one "
            "field $v$. Its Jacobian $v'$ is not symmetric: the real parts of its eigenvalues attract or repel, "
            "the imaginary parts rotate."
        )
        st.markdown(found.verdict)
        rows = {
            "Re λ": [f"{value.real:.6g}" for value in jacobian.eigenvalues],
            "Im λ": [f"{value.imag:.6g}" for value in jacobian.eigenvalues],
            "± error": [f"{error:.2g}" for error in jacobian.errors],
            "rotation": [f"{share:.0%}" if np.isfinite(share) else "–" for share in jacobian.rotation],
        }
        with st.popover("Eigenvalues and errors", width="stretch"):
            st.dataframe(rows, hide_index=True, height="content" if len(jacobian.errors) <= 11 else 425)


def _traced(found: Findings) -> str:
    if found.total is None:
        return r"$\operatorname{tr} H$ is being computed."
    value, error, probes = found.total
    if not probes:
        return rf"$\operatorname{{tr}} H = {value:.4g}$, the sum of all eigenvalues."
    return rf"$\operatorname{{tr}} H = {value:.4g} \pm {error:.2g}$ (Hutchinson, {probes} probes, standard error)."


def _table(found: Findings) -> None:
    for name, each in (("Hessian", found.hessian), ("Gauss–Newton", found.gauss_newton)):
        if each is None:
            continue
        count = len(each.eigenvalues)
        rows = {
            "rank": [i + 1 if i < each.bottom else each.dim - count + i + 1 for i in range(count)],
            "λ": [f"{value:.6g}" for value in each.eigenvalues],
            "± error": [f"{error:.2g}" for error in each.errors],
            "converged": ["yes" if done else "no" for done in each.converged],
        }
        how = "full eigendecomposition" if each.method == "dense" else "Lanczos, all vectors kept orthogonal"
        st.markdown(f"**{name}**, {how}, {each.products:,} Hessian-vector products")
        st.dataframe(rows, hide_index=True, height="content")


def _center(recipe: Recipe) -> str:
    return recipe.center if recipe.optimizers else "initial"


def _caption(found: Findings, recipe: Recipe) -> str:
    each = found.hessian
    how = (
        "all eigenvalues, each under a Gaussian"
        if each.method == "dense"
        else "the density is computed next"
        if not each.nodes.shape[1]
        else f"stochastic Lanczos quadrature with {len(each.nodes)} probes of {each.nodes.shape[1]} steps"
    )
    examples = "" if catalog.is_function(recipe) else f" on the {catalog.examples_of(recipe)}"
    return (
        f"{catalog.height(recipe)}{examples} at the {_center(recipe)} point, {each.dim:,} parameters; {how}; "
        f"ticks: eigenvalues computed one by one; seed {recipe.seed}, {recipe.precision}."
    )


def obstacle(recipe: Recipe, given: Given) -> Obstacle | None:
    # Of a game the section shows the Jacobian.
    return None if catalog.is_game(recipe.objective.name) else uncurved(recipe, given)


SECTION = Section(
    "Spectrum",
    compute,
    draw,
    r"How curved is the loss in all directions? $Hv=\lambda v$",
    obstacle=obstacle,
)
