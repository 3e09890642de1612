"""Section: the true reward of policies against their distance from the reference policy."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import streamlit as st

from landscapes import figures
from landscapes.figures.overoptimization_figure import BEST_OF_N
from landscapes.objectives import log_best_of_n
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import place_picture
from landscapes.tradeoffs.reward_against_kl import FORMULAS, RewardCurve, reward_curve
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Obstacle, Result, Section, Settings, optimizers_to_add
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

TERMS = ("kl", "true-reward")
PROXIES = ("reward", "mean-reward")  # terms that are a learned reward
DRAWS = np.unique(np.round(np.geomspace(1, 4096, 40)).astype(int))  # n of best-of-n


def compute(recipe: Recipe, memory: MutableMapping[str, Any], progress: Report) -> dict[str, RewardCurve]:
    """The curve of every optimizer's path, and that of best-of-n under the learned reward."""
    if obstacle(recipe, {}) is not None:
        raise ValueError("this picture needs a KL and a true reward; choose an objective such as rlhf or dpo")
    recipe = replace(recipe, drawn=catalog.SAME)
    placement = place_picture(recipe, memory=memory, progress=progress)
    found: dict[str, RewardCurve] = {}
    for label, run in placement.runs.items():
        proxy = next((run.terms[name] for name in PROXIES if name in run.terms), None)
        found[label] = reward_curve(run.terms["kl"], run.terms["true-reward"], "policy", proxy=proxy)
    return {**found, BEST_OF_N: _best_of_n(placement.problem.data)}


def _best_of_n(data: Any) -> RewardCurve:
    reference, learned, truth = (np.asarray(data[name], np.float64) for name in ("reference", "learned", "truth"))
    with jax.enable_x64(True):
        log_q = np.asarray(
            jax.vmap(lambda n: log_best_of_n(jnp.asarray(reference), jnp.asarray(learned), n))(
                jnp.asarray(DRAWS, jnp.float64)
            )
        )
    q = np.exp(log_q)
    kl = np.sum(q * np.where(q > 0, log_q - reference, 0), axis=1)
    return reward_curve(kl, q @ truth, "best-of-n", proxy=q @ learned)


def draw(result: Result[dict[str, RewardCurve]]) -> None:
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    figure = figures.overoptimization(result.value, theme=look, presenter=presenting)
    stage(figure, key="stage overoptimization", height="clamp(320px, calc(100vh - 430px), 900px)")
    st.caption(" ".join(_describe(label, curve) for label, curve in result.value.items()))


def _describe(label: str, curve: RewardCurve) -> str:
    best = int(np.argmax(curve.truth))
    text = f"{label}: the true reward is largest, {curve.truth[best]:.3g}, at √KL = {curve.distance[best]:.3g}"
    if best < len(curve.truth) - 1:
        text += f" and ends at {curve.truth[-1]:.3g}"
    if curve.fit is None:
        return text + "."
    return text + (
        f"; fitted α = {curve.fit.alpha:.3g} and β = {curve.fit.beta:.3g} in {FORMULAS[curve.fit.form]} with "
        f"d = √KL miss it by {100 * curve.fit.misfit:.0f} % of its range (root mean square)."
    )


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if catalog.is_function(recipe) or not set(TERMS) <= {name for name, _ in recipe.weights}:
        return Obstacle("only a policy that is fitted to preferences has a true reward beside a learned one")
    if not recipe.optimizers:
        return Obstacle("the reward is drawn along a path", *optimizers_to_add(recipe, 1))
    return None


SECTION = Section(
    "Over-optimization",
    compute,
    draw,
    r"How far from the reference policy does the true reward still rise? $R(\sqrt{\mathrm{KL}})$",
    page="compare",
    obstacle=obstacle,
)
