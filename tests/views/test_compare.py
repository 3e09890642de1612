"""The page Compare on a tiny network: terms, gradient conflict and Pareto-optimal runs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.sections.conflict import compute
from landscapes.views.sections.pair import pair
from tests.views.pages import open_page, settle, stages, warnings
from tests.views.test_sectioned import turn_to

TINY = (
    "objective=linear-elbo&gaussian-cloud.examples=20&optimizers=sgd&sgd.learning_rate=0.05&steps=6&tolerance=0.1"
    "&directions=coordinates&linear-vae.spread=0.5&extent=2"
)


def section(name: str, query: str = "", *, tiny: str = TINY):
    page = open_page(f"{tiny}&section={name}&{query}", complete=False)
    return settle(turn_to(page, "compare"))


def figures(page) -> list[dict]:
    return [json.loads(drawn.partition("\n")[2]) for drawn in stages(page)]


def options(page) -> list[dict]:
    return [json.loads(drawn.partition("\n")[0]) for drawn in stages(page)]


def test_terms_and_total_share_one_camera():
    page = section("terms")
    assert not warnings(page)
    values = [figure["layout"]["meta"]["value"] for figure in figures(page)]
    terms = ("−ELBO, nats per example", "reconstruction", "KL", "−log-likelihood", "gap")
    assert values == [f"training {term}" for term in terms]
    assert {each["link"] for each in options(page)} == {"terms"}
    assert [each["mix"] and len(drawn["layout"]["meta"]["terms"]) for each, drawn in
            zip(options(page), figures(page), strict=True)] == [4, 0, 0, 0, 0]  # fmt: skip
    assert any("**gap** · not optimized" in text.value for text in page.markdown)
    assert any("** = reconstruction + KL" in text.value for text in page.markdown)


def test_conflict_is_drawn_as_map_and_curve():
    page = section("conflict", "conflict.cells=5")
    assert not warnings(page)
    kinds = [figure["layout"]["meta"]["kind"] for figure in figures(page)]
    assert kinds == ["conflict", "conflict path"]
    assert any("of 25 points" in text.value for text in page.caption)
    first, second = (box for box in page.main.selectbox if "term" in box.label)
    assert (first.value, second.value) == ("reconstruction", "kl")
    first.set_value("nll")
    settle(page.run())
    assert page.query_params["conflict.first"] == "nll"
    assert figures(page)[0]["layout"]["meta"]["value"] == "cos(∇ −log-likelihood, ∇ KL)"


def no_progress(fraction: float, partial: Any = None, note: str = "") -> None: ...


def test_conflict_of_other_examples_is_computed_anew():
    memory = {}
    first, second = (
        compute(catalog.read_address(f"{TINY}&split={split}")[0], memory, no_progress, cells=5)
        for split in ("train", "test")
    )
    assert not np.array_equal(first.paths["sgd"].cosines.cosine, second.paths["sgd"].cosines.cosine)
    assert first.map is not None
    assert second.map is not None
    assert not np.array_equal(first.map.cosines.cosine, second.map.cosines.cosine)


def test_pareto_says_that_it_is_no_front():
    page = section("pareto", "pareto.weightings=3&pareto.second=gap")
    assert not warnings(page)
    (figure,) = figures(page)
    assert figure["layout"]["xaxis"]["title"]["text"] == "reconstruction"
    assert figure["layout"]["yaxis"]["title"]["text"] == "gap"
    assert any("of 31 points are filled" in text.value for text in page.caption)
    assert any("What it is not" in text.value for text in page.markdown)


def test_incomparable_terms_get_a_sentence():
    page = section("pareto", "pareto.first=klick")
    sentence = "There is no term 'klick'; linear-elbo has reconstruction, kl, nll, gap"
    assert any(sentence in text for text in warnings(page))
    page = section("pareto", tiny=TINY.replace("optimizers=sgd", "optimizers="))
    assert any("A front is made of solutions, and they need an optimizer" in text.value for text in page.markdown)


def test_a_pair_of_another_objective_is_replaced():
    recipe = catalog.complete(catalog.opening_of("classify-reconstruct"))
    assert pair(recipe, "", "") == ("cross-entropy", "reconstruction")
    assert pair(recipe, "kl", "l2") == ("cross-entropy", "l2")
    assert pair(recipe, "reconstruction", "reconstruction") == ("reconstruction", "cross-entropy")
    assert pair(recipe, "", "cross-entropy") == ("reconstruction", "cross-entropy")
    plain = catalog.complete(Recipe())
    assert pair(plain, "", "")[0] == "cross-entropy"
    for name, sentence in (("bowl", "has one term"), ("minimax-gan", "player"), ("bradley-terry", "has one term")):
        other = catalog.complete(catalog.opening_of(name))
        with pytest.raises(ValueError, match=sentence):
            pair(other, "", "")
