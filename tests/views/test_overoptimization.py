"""The section on the true reward of policies against √KL."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from landscapes.recipes import catalog
from landscapes.views.sections.overoptimization import _describe, compute, obstacle
from tests.small_recipes import BOWL, TINY
from tests.views.pages import stages, warnings
from tests.views.test_compare import section

SMALL = (
    "objective=rlhf&model=score-table&preferences.length=3&preferences.examples=60&seed=2&optimizers=adam"
    "&adam.learning_rate=0.2&steps=60&tolerance=0.1&directions=coordinates&extent=2"
)


def ignore(fraction, partial=None, note=""):
    """A report of progress that nobody reads."""


def test_section_draws_paths_and_best_of_n_and_says_where_the_truth_is_largest():
    page = section("overoptimization", tiny=SMALL)
    assert not warnings(page)
    assert len(stages(page)) == 1
    (text,) = (each.value for each in page.caption if "true reward is largest" in each.value)
    assert "adam:" in text
    assert "best of n:" in text


def test_best_of_one_draw_is_the_reference_and_of_many_the_largest_learned_reward():
    recipe = catalog.complete(catalog.read_address(SMALL)[0])
    curves = compute(recipe, {}, ignore)
    best = curves["best of n"]
    data = catalog.build(recipe).data
    assert best.proxy is not None
    np.testing.assert_allclose([best.distance[0], best.truth[0], best.proxy[0]], 0, atol=1e-4)
    assert np.all(np.diff(best.distance) > 0)
    assert best.proxy[-1] == pytest.approx(float(data["learned"].max()), rel=1e-5)
    path = curves["adam"]
    assert path.proxy is not None
    assert path.proxy[-1] > path.proxy[0]
    assert f"at √KL = {path.distance[np.argmax(path.truth)]:.3g}" in _describe("adam", path)


def test_other_objectives_get_a_sentence():
    with pytest.raises(ValueError, match="needs a KL and a true reward; choose an objective such as rlhf"):
        compute(catalog.complete(TINY), {}, ignore)


def test_the_end_is_stated_only_of_a_reward_that_fell_again():
    distance, rising = np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.5, 0.75])
    shown = {}
    for name, truth in (("rises", rising), ("falls", np.array([0.0, 0.75, 0.25]))):
        shown[name] = _describe("adam", SimpleNamespace(distance=distance, truth=truth, fit=None))  # type: ignore[arg-type]
    assert shown["rises"] == "adam: the true reward is largest, 0.75, at √KL = 2."
    assert shown["falls"] == "adam: the true reward is largest, 0.75, at √KL = 1 and ends at 0.25."


def test_what_has_no_true_reward_or_no_path_is_refused():
    recipe = catalog.complete(catalog.read_address(SMALL)[0])
    assert obstacle(recipe, {}) is None
    still = obstacle(replace(recipe, optimizers=()), {})
    assert still is not None
    assert still.reason == "the reward is drawn along a path"
    for other in (TINY, BOWL):
        refused = obstacle(catalog.complete(other), {})
        assert refused is not None
        assert refused.reason.startswith("only a policy that is fitted to preferences")
