"""Section: the spectrum of the Hessian at the point of the picture."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import jax
import streamlit as st

from landscapes import figures
from landscapes.place import Memory, locate, point_of
from landscapes.recipe import Recipe
from landscapes.spectrum import Spectrum, spectrum
from landscapes.views import instruments
from landscapes.views.computation import Report
from landscapes.views.sections.section import Section, within
from landscapes.views.stage import stage


def compute(recipe: Recipe, memory: MutableMapping[str, Any], progress: Report) -> Spectrum:
    """The ends of the Hessian's spectrum."""
    place = locate(recipe, memory=memory, progress=within(progress, 0.0, 0.5, "Training"))
    count = min(recipe.eigenvalues, place.problem.dim)
    key = jax.random.fold_in(place.problem.key, 3)

    def ends() -> Spectrum:
        told = within(progress, 0.5, 1.0, "Computing eigenvalues")
        return spectrum(place.problem, key, top=count, bottom=count, progress=told)

    return Memory(recipe, memory)("spectrum", (*point_of(recipe), "eigenvalues"), ends)


def draw(found: Spectrum, recipe: Recipe) -> None:
    st.markdown(found.verdict.sentence)
    stage(figures.eigenvalues(found, theme=instruments.theme()), key="stage eigenvalues", height=380)


SECTION = Section("Spectrum", compute, draw, r"How does the loss bend, in all directions: $Hv=\lambda v$")
