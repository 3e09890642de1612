"""The caption of a run at the edge of stability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes import Choice
from landscapes.optimization.trajectory import Outcome
from landscapes.recipes import catalog
from landscapes.views.sections.edge import _describe, _run_alone
from tests.figures.test_hover import STABLE
from tests.small_recipes import TINY

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
