"""Section: the spectra of the Hessian and of its Gauss–Newton part at the center of the picture."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.curvature.generalized_gauss_newton import gauss_newton
from landscapes.curvature.hessian_spectrum import Spectrum, spectrum
from landscapes.curvature.spectral_density import add_density
from landscapes.curvature.trace_estimate import Trace, trace
from landscapes.display import typeset
from landscapes.figures.density import density
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.equilibrium import EquilibriumAnalysis, analyze_equilibrium
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

TRACE_PROBES = 32  # random vectors of Hutchinson's estimate
HEIGHT = "clamp(340px, calc(100vh - 300px), 1000px)"
# The text of the popover that explains the two matrices.
EXPLANATION = r"""
$$H = \underbrace{J^\top\,\nabla^2\ell\;J}_{G} + \sum\nolimits_i \frac{\partial\ell}{\partial f_i}\,\nabla^2 f_i$$

**The Hessian $H$** holds the curvature of the loss in every direction. Only its negative eigenvalues show
that the loss is not convex, and they are what a slice can miss.

**The Gauss–Newton matrix $G$** treats the model $f$ as linear. It is what natural-gradient and Gauss–Newton
methods step with, and for cross-entropy the Fisher information. It is never negative where $\ell$ is convex in the
outputs, so it says **nothing about convexity**.

They agree where $\partial\ell/\partial f_i=0$, as at a perfect fit, and for linear models.
"""


@dataclass(frozen=True, eq=False)
class SpectrumResult:
    """The parts of the spectrum that have been computed so far.

    Attributes:
        hessian, gauss_newton: the extreme eigenvalues and the densities of both matrices.
        total: the trace of the Hessian.
        without: why the Gauss–Newton matrix does not exist, or "".
    """

    hessian: Spectrum
    total: Trace | None = None
    gauss_newton: Spectrum | None = None
    without: str = ""


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    probes: Annotated[int, Interval(ge=2, le=64), "number of random vectors behind the density"] = 8,
) -> SpectrumResult | EquilibriumAnalysis:
    """Extreme eigenvalues, density and trace of the Hessian, then extreme eigenvalues and density of the
    Gauss–Newton matrix. For a game: the Jacobian of its field."""
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.4, "Training"))
    remember = Memory(recipe, memory)
    if placement.problem.objective.players is not None:
        report = step_progress(progress, 0.4, 1.0, "Computing the Jacobian's eigenvalues")
        key = (*point_fields(recipe), "optimizers")
        return remember("equilibrium", key, lambda: analyze_equilibrium(recipe, placement.problem, report))
    problem = curved_problem(placement)
    count = min(recipe.eigenvalues, problem.dim)
    key = jax.random.fold_in(problem.key, 3)
    report = step_progress(progress, 0.4, 0.6, "Computing eigenvalues")
    ends = remember(
        "spectrum",
        (*point_fields(recipe), "eigenvalues"),
        lambda: spectrum(problem, key, top=count, bottom=count, progress=report),
    )
    spectra = SpectrumResult(ends)
    progress(0.6, spectra, "Computing the density")
    with_density = add_density(
        ends, problem, key, probes, progress=step_progress(progress, 0.6, 0.75, "Computing the density")
    )
    spectra = SpectrumResult(with_density)
    progress(0.75, spectra, "Computing the trace")
    spectra = replace(
        spectra,
        total=_trace(with_density, problem, key, step_progress(progress, 0.75, 0.8, "Computing the trace")),
    )
    note = "Computing the Gauss–Newton matrix"
    progress(0.8, spectra, note)
    try:
        linearized = gauss_newton(problem)
    except ValueError as error:
        return replace(spectra, without=str(error))
    report = step_progress(progress, 0.8, 1.0, note)
    second = spectrum(linearized, key, top=count, bottom=count, density=probes, progress=report)
    return replace(spectra, gauss_newton=second)


def _trace(hessian: Spectrum, problem: Any, key: Any, progress: Any) -> Trace:
    if hessian.method == "dense":
        return Trace(float(hessian.nodes.sum()), 0.0, 0)
    return trace(problem, jax.random.fold_in(key, 5), TRACE_PROBES, progress=progress)


def draw(
    result: Result[SpectrumResult | EquilibriumAnalysis],
    width: Annotated[float, Interval(gt=0, le=20), "kernel width, in per cent of the range"] = 1.0,
) -> None:
    spectra, recipe = result.value, result.recipe
    look: dict[str, Any] = {"theme": instruments.theme(), "presenter": bool(widgets.setting("present", False))}
    left, right = st.columns([0.66, 0.34], gap="medium")
    if isinstance(spectra, EquilibriumAnalysis):
        _draw_game(spectra, recipe, left, right, look)
        return
    with left:
        spectra_by_title = {"Hessian": spectra.hessian}
        if spectra.gauss_newton is not None:
            spectra_by_title["Gauss–Newton"] = spectra.gauss_newton
        if spectra.hessian.nodes.shape[1]:
            stage(density(spectra_by_title, width / 100, **look), key="stage density", height=HEIGHT)
        else:
            st.container(height=400, border=True).caption("Computing the density …")
        st.caption(_caption(spectra, recipe))
    with right:
        st.markdown(f"**{spectra.hessian.verdict.at(f'at the {_center(recipe)} point')}**")
        if spectra.hessian.note:
            st.info(spectra.hessian.note, icon=":material/info:")
        stage(figures.eigenvalues(spectra.hessian, scale="symlog", **look), key="stage ends", height=250)
        st.markdown(_trace_text(spectra))
        with st.popover("Eigenvalues, errors and convergence", width="stretch"):
            _table(spectra)
        with st.popover("What each of the two matrices shows", width="stretch"):
            st.markdown(f"{spectra.without[:1].upper()}{spectra.without[1:]}." if spectra.without else EXPLANATION)


def _draw_game(analysis: EquilibriumAnalysis, recipe: Recipe, left: Any, right: Any, look: dict[str, Any]) -> None:
    """Draw the Jacobian's eigenvalues in the complex plane, an explanation, and a table with their errors."""
    jacobian = analysis.jacobian
    with left:
        settings = {choice.name: choice.settings for choice in catalog.complete(recipe).optimizers}
        figure = figures.jacobian(jacobian, analysis.tests, settings=settings, legend=True, **look)
        stage(figure, key="stage complex plane", height=HEIGHT)
        st.caption(typeset(analysis.sentence))
    with right:
        st.markdown(
            "**A game has no Hessian**, since its players descend different losses. All of them move along one "
            "field $v$. Its Jacobian $v'$ is not symmetric: the real parts of its eigenvalues attract or repel, "
            "the imaginary parts rotate."
        )
        st.markdown(analysis.verdict)
        rows = {
            "Re λ": [f"{value.real:.6g}" for value in jacobian.eigenvalues],
            "Im λ": [f"{value.imag:.6g}" for value in jacobian.eigenvalues],
            "± error": [f"{error:.2g}" for error in jacobian.errors],
            "rotation": [f"{100 * share:.0f} %" if np.isfinite(share) else "–" for share in jacobian.rotation],
        }
        with st.popover("Eigenvalues and errors", width="stretch"):
            st.dataframe(rows, hide_index=True, height="content" if len(jacobian.errors) <= 11 else 425)


def _trace_text(spectra: SpectrumResult) -> str:
    if spectra.total is None:
        return r"$\operatorname{tr} H$ is being computed."
    value, error, probes = spectra.total[:3]
    if not probes:
        return rf"$\operatorname{{tr}} H = {value:.4g}$, the sum of all eigenvalues."
    return rf"$\operatorname{{tr}} H = {value:.4g} \pm {error:.2g}$ (Hutchinson, {probes} probes, standard error)."


def _table(spectra: SpectrumResult) -> None:
    for name, each in (("Hessian", spectra.hessian), ("Gauss–Newton", spectra.gauss_newton)):
        if each is None:
            continue
        count = len(each.eigenvalues)
        rows = {
            "rank": [i + 1 if i < each.bottom else each.dim - count + i + 1 for i in range(count)],
            "λ": [f"{value:.6g}" for value in each.eigenvalues],
            "± error": [f"{error:.2g}" for error in each.errors],
            "converged": ["yes" if done else "no" for done in each.converged],
        }
        method = "full eigendecomposition" if each.method == "dense" else "Lanczos, all vectors kept orthogonal"
        st.markdown(f"**{name}**, {method}, {each.products:,} Hessian-vector products")
        st.dataframe(rows, hide_index=True, height="content")


def _center(recipe: Recipe) -> str:
    return recipe.center if recipe.optimizers else "initial"


def _caption(spectra: SpectrumResult, recipe: Recipe) -> str:
    each = spectra.hessian
    method = (
        "all eigenvalues, each under a Gaussian"
        if each.method == "dense"
        else "the density is computed next"
        if not each.nodes.shape[1]
        else f"stochastic Lanczos quadrature with {len(each.nodes)} probes of {each.nodes.shape[1]} steps"
    )
    examples = "" if catalog.is_function(recipe) else f" on the {catalog.examples_of(recipe)}"
    return (
        f"{catalog.height(recipe)}{examples} at the {_center(recipe)} point, {each.dim:,} parameters; {method}; "
        f"ticks: eigenvalues computed one by one; seed {recipe.seed}, {recipe.precision}."
    )


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    # For a game the section shows the Jacobian instead.
    return None if catalog.is_game(recipe.objective.name) else curvature_obstacle(recipe, settings)


SECTION = Section(
    "Spectrum",
    compute,
    draw,
    r"How curved is the loss in all directions? $Hv=\lambda v$",
    obstacle=obstacle,
)
