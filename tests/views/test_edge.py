"""The caption of a run at the edge of stability."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from landscapes import Choice
from landscapes.optimization.trajectory import Outcome
from landscapes.recipes import catalog
from landscapes.views.sections import edge
from landscapes.views.sections.edge import _describe, _run_alone
from landscapes.views.sections.section import Result
from tests.figures.test_hover import STABLE
from tests.small_recipes import TINY
from tests.views.recorded import record

RECIPE = catalog.complete(replace(TINY, optimizers=(Choice.of("sgd", learning_rate=0.6),)))


def test_caption_states_end_limit_and_number_of_unstable_snapshots():
    result = replace(STABLE, eigenvalues=np.array([3.0, 6.0, 7.5]), errors=np.array([0.1, 0.2, 0.3]))
    text = _describe(result, RECIPE, 3.0)
    assert text.startswith("sgd, η = 0.6 = 3 × its own 0.2: $\\lambda_{\\max}(H)$ ends at 7.5 ± 0.3; ")
    assert "a quadratic is stable up to 2/η = 7. Above the limit in 2 of 3 snapshots. Play" in text
    assert _describe(result, RECIPE, 1.0).startswith("sgd, η = 0.6: ")


def test_caption_names_the_preconditioner_and_the_divergence():
    outcome = Outcome("diverged", 4, "diverged at step 4: too far")
    adam = catalog.complete(replace(TINY, optimizers=(Choice("adam"),)))
    text = _describe(replace(STABLE, is_preconditioned=True, outcome=outcome), adam, 3.0)
    assert "$\\lambda_{\\max}(P^{-1/2}HP^{-1/2})$" in text
    assert "is Adam's own. Diverged at step 4: too far" in text


def test_run_alone_scales_the_rate_and_leaves_a_plane_of_solutions():
    pair = (Choice.of("momentum", learning_rate=0.1, beta=0.5), Choice.of("sgd", learning_rate=0.2))
    shown = replace(TINY, optimizers=pair, directions=Choice("solutions"), start="picked")
    single = _run_alone(shown, "momentum", 2.5)
    (choice,) = single.optimizers
    assert (choice.name, choice.settings["learning_rate"], choice.settings["beta"]) == ("momentum", 0.25, 0.5)
    assert (single.start, single.directions.name) == ("initial", "principal")
    assert _run_alone(replace(shown, directions=Choice("gaussian")), "sgd", 2.0).directions.name == "gaussian"


def test_view_scale_and_words_are_those_of_the_run(monkeypatch):
    shown: list[Any] = []
    monkeypatch.setattr(edge, "with_view", lambda scene, recipe: shown.append(recipe) or "viewed")
    monkeypatch.setattr(edge, "picture", lambda scene, **look: (scene, look))
    monkeypatch.setattr(edge.instruments, "caption", shown.append)
    monkeypatch.setattr(edge.figures, "stability", lambda result, **options: options)
    run = edge.EdgeResult(RECIPE, 3.0, STABLE)
    solutions = replace(RECIPE, directions=Choice("solutions"))
    drawn = record(monkeypatch, edge, {"present": True})
    edge.draw(Result(run, solutions))
    assert drawn.of("caption") == [_describe(STABLE, RECIPE, 3.0), "Computing the surface …"], drawn.texts
    figure, options = drawn.stages["stage stability"]
    assert figure == {"value": catalog.height(RECIPE), "theme": "light", "presenter": True}
    assert "425px" in options["height"]
    scene: Any = SimpleNamespace(recipe=replace(RECIPE, scale="log"))
    for page, count in ((solutions, 2), (replace(RECIPE, directions=Choice("gaussian")), 1)):
        drawn = record(monkeypatch, edge)
        edge.draw(Result(replace(run, scene=scene), page), view="3d", scale="linear")
        assert (shown[-2].view, shown[-2].scale, shown[-1]) == ("3d", "linear", "viewed")
        assert len(drawn.of("caption")) == count
        figure, options = drawn.stages["stage edge surface"]
        assert figure == ("viewed", {"theme": "light", "presenter": False})
        assert (options["mix"], options["link"]) == (False, "edge")
        assert drawn.stages["stage stability"][1]["link"] == "edge"


def test_minibatches_are_refused_with_the_remedy():
    """What is drawn does not matter, since the curvature is that of what is trained."""
    assert edge.obstacle(RECIPE, {}) is None
    assert edge.obstacle(replace(RECIPE, drawn=Choice("error-rate")), {}) is None
    refused = edge.obstacle(replace(RECIPE, batch_size=4), {})
    assert refused is not None
    assert (refused.remedy, refused.settings) == ("Train on all examples", {"batch_size": 0})
