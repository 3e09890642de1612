"""The two terms of an objective that a section compares, and the lists that choose them."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import widgets
from landscapes.views.sections.section import Obstacle, Settings

NO_TERMS = Obstacle("a test function has one term", "Back to training objectives", {"kind": widgets.NETWORK})


def pair(recipe: Recipe, first: str, second: str) -> tuple[str, str]:
    """Two different terms of a complete recipe's objective.

    An empty name, or that of another objective's term (the knob keeps it when the objective changes), is replaced
    by the first free term; terms with a nonzero weight come first.

    Raises:
        ValueError: for a name that no objective has as a term, and for an objective without two terms in one loss.
    """
    if catalog.is_function(recipe):
        raise ValueError("a test function has one term; choose an objective with two, such as elbo")
    if OBJECTIVES[recipe.objective.name].players is not None:
        raise ValueError(
            "each player of a game has a loss of its own; choose an objective that is one sum of terms"
        )
    all_terms = {term for entry in OBJECTIVES.values() for term in entry.weights}
    terms = ordered(recipe)
    for name in (first, second):
        if name and name not in all_terms:
            raise ValueError(f"there is no term {name!r}; {recipe.objective.name} has {', '.join(terms)}")
    if len(terms) < 2:
        raise ValueError(f"{recipe.objective.name} has one term; choose an objective with two, such as elbo")
    return _two_of(terms, first, second)


def _two_of(terms: list[str], first: str, second: str) -> tuple[str, str]:
    first_term = first if first in terms else next(term for term in terms if term != second)
    others = [term for term in terms if term != first_term]
    return first_term, second if second in others else others[0]


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    """Why the recipe has no two terms of one sum, or None."""
    if catalog.is_function(recipe):
        return NO_TERMS
    if catalog.is_game(recipe.objective.name):
        return Obstacle("each player of a game has a loss of its own, and here two terms of one sum are compared")
    if len(recipe.weights) < 2:
        return Obstacle(
            f"{catalog.drawn_entry(replace(recipe, drawn=catalog.SAME)).title} has one term, not two to compare"
        )
    return None


def ordered(recipe: Recipe) -> list[str]:
    """The terms, those with a nonzero weight first."""
    return sorted(dict(recipe.weights), key=lambda term: dict(recipe.weights)[term] == 0)


def choose(section: str, recipe: Recipe, first: str, second: str) -> None:
    """Draw two lists of the objective's terms, which set the section's knobs "first" and "second". Draw nothing if
    there are no two terms."""
    if catalog.is_function(recipe) or catalog.is_game(recipe.objective.name) or len(ordered(recipe)) < 2:
        return
    term_pair = _two_of(ordered(recipe), first, second)
    keys = [f"{section} term {k}" for k in range(2)]

    def change() -> None:
        for name, key in zip(("first", "second"), keys, strict=True):
            widgets.set_setting(f"{section}.{name}", st.session_state[key])
        st.rerun()  # of the whole page, which submits another computation

    with st.container(horizontal=True, vertical_alignment="center"):
        for key, term, label in zip(keys, term_pair, ("First term", "Second term"), strict=True):
            st.session_state[key] = term
            st.selectbox(label, ordered(recipe), key=key, on_change=change, width=220)
