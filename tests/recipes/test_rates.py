"""Learning rates that fit the loss: those an objective opens with, under its own model and under others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.scenes.placement import run_race


def rates(recipe) -> dict[str, Any]:
    return {choice.name: choice.settings["learning_rate"] for choice in recipe.optimizers}


@pytest.mark.parametrize(("objective", "model"), [("poisson", "mlp"), ("bradley-terry", "mlp")])
def test_under_another_model_no_default_run_diverges(objective, model):
    opened = catalog.complete(catalog.opening_of(objective))
    assert opened.model.name != model
    changed = catalog.with_model(opened, Choice(model))
    assert changed == catalog.complete(catalog.from_query({"objective": objective, "model": model}))
    runs = run_race(replace(changed, steps=60), catalog.build(changed), None)
    for run in runs.values():
        assert run.outcome.kind == "finished"
        assert run.final_loss < run.loss[0]
    # Gradient descent at the rate of the objective's own model does diverge there.
    steep = tuple(choice for choice in opened.optimizers if choice.name == "sgd")
    (fast,) = run_race(replace(changed, optimizers=steep, steps=60), catalog.build(changed), None).values()
    assert fast.outcome.kind == "diverged" or max(fast.loss) > 10 * fast.loss[0]


def test_rate_follows_model_unless_viewer_set_it():
    opened = catalog.complete(catalog.opening_of("poisson"))
    changed = catalog.with_model(opened, Choice("mlp"))
    assert rates(changed)["sgd"] < rates(opened)["sgd"]
    assert rates(changed)["adam"] == rates(opened)["adam"]
    assert rates(catalog.with_model(changed, Choice("linear"))) == rates(opened)
    chosen = replace(opened, optimizers=(Choice.of("sgd", learning_rate=0.03), opened.optimizers[0]))
    assert rates(catalog.with_model(catalog.complete(chosen), Choice("mlp")))["sgd"] == 0.03


def test_rate_of_another_optimizer_is_that_of_every_model():
    recipe = catalog.read_address("objective=poisson&optimizers=nesterov&optimizers=lion")[0]
    assert rates(recipe) == {"nesterov": 0.001, "lion": catalog.knobs_of("lion")["learning_rate"].default}
