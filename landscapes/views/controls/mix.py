"""Weights of terms under which the picture is drawn, where they are not those that were trained with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls.widgets import set_setting, setting


def chosen_mix(recipe: Recipe) -> tuple[tuple[str, float], ...]:
    """The mix of a recipe's picture. It belongs to one sum of terms and is dropped for another."""
    owner, weights = setting("mix", ("", ()))
    return weights if owner == mixable(recipe) else ()


def mix(recipe: Recipe, weights: Mapping[str, float]) -> None:
    """Draw the recipe's surface with these term weights, without training on them."""
    set_setting("mix", (mixable(recipe), tuple(sorted(weights.items()))))
    st.rerun()


def offer_mix(recipe: Recipe) -> None:
    """Draw the buttons that train with the mix of the picture or drop it."""
    with st.container(horizontal=True):
        if recipe.drawn == catalog.SAME:
            st.button("Train with this mix", type="tertiary", icon=":material/model_training:",
                      on_click=partial(_train_mix, recipe))  # fmt: skip
        st.button("Back to the trained weights", type="tertiary", icon=":material/undo:",
                  on_click=partial(mix, recipe, {}))  # fmt: skip


def _train_mix(recipe: Recipe) -> None:
    for term, weight in recipe.mix:
        set_setting(f"weight.{recipe.objective.name}.{term}", weight)
    mix(recipe, {})


def mixable(recipe: Recipe) -> str:
    """A text that identifies the sum of terms that the picture shows."""
    return repr((recipe.objective.name, recipe.drawn.name, recipe.weights))
