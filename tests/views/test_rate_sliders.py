"""The edge of stability on the sliders of a race."""

import pytest

from landscapes.curvature.edge_of_stability import STABILITY_LIMITS, stability_limit
from landscapes.recipes.recipe import Choice
from landscapes.scenes.comparison import Comparison, Curvature
from landscapes.views.controls.rate_sliders import RATES, _curvature_of, _explanation, _mark, stable_rate
from tests.scenes.test_comparison import SCENE

SGD = Choice.of("sgd", learning_rate=0.1)
AT_MINIMUM, AT_START = Curvature("the minimum (0, 0)", 1.0, 8.0, 1e-9), Curvature("the start", 1.0, 40.0, 1e-9)


def test_rates_have_twenty_values_a_decade():
    assert len(RATES) == 161
    assert RATES[20] / RATES[0] == pytest.approx(10)


def test_the_bar_begins_at_the_edge():
    options = [0.1, 0.2, 0.3, 0.4, 0.5]
    assert "left:50.00%" in _mark(0.3, options, SGD)
    assert "left:100.00%" in _mark(7.0, options, SGD)
    assert "= 0.3<" in _mark(0.3, options, SGD)


def test_both_places_of_the_curvature_are_named():
    comparison = Comparison(SCENE, at_start=AT_START, at_target=AT_MINIMUM)
    text = _explanation([SGD], comparison)
    assert "λmax = 8 ± 1e-09, measured at the minimum (0, 0)" in text
    assert "At the start λmax = 40: edges SGD 0.05" in text
    assert _explanation([Choice("adam")], comparison) == ""


def test_adam_is_limited_by_its_preconditioned_curvature():
    adam = Choice.of("adam", learning_rate=0.1, b1=0.9)
    own = Curvature("the end of its run", float("nan"), 76.0, 1e-9)
    comparison = Comparison(SCENE, at_target=AT_MINIMUM, preconditioned={"adam": own})
    assert _curvature_of(adam, comparison) is own
    assert _curvature_of(SGD, comparison) is AT_MINIMUM
    assert stable_rate(adam, own) == pytest.approx(0.5)
    assert "edge (2+2β₁)/((1−β₁)λmax(P⁻¹H)) = 0.5" in _mark(0.5, [0.1, 1.0], adam)
    text = _explanation([adam], comparison)
    assert text.startswith("Adam: unstable with its preconditioner")
    assert r"$P = \mathrm{diag}(\sqrt{\hat v}+\varepsilon)$ frozen" in text
    assert "λmax(P⁻¹H) > (2+2β₁)/((1−β₁)η); λmax(P⁻¹H) = 76 ± 1e-09" in text
    assert "8 ± 1e-09, measured at the minimum" in _explanation([SGD, adam], comparison)


@pytest.mark.parametrize("name", ["rmsprop", "adamw", "lion"])
def test_edges_of_other_preconditioned_optimizers_are_their_limits(name):
    decays = {} if name == "rmsprop" else {"weight_decay": 0.5}
    own = Curvature("the end of its run", float("nan"), 76.0, 1e-9)
    choice = Choice.of(name, learning_rate=0.1, **decays)
    edge = stable_rate(choice, own)
    assert edge is not None
    at_edge = Choice.of(name, learning_rate=edge, **decays)
    assert stability_limit(name, at_edge.settings) == pytest.approx(edge * 76)  # also with the rate in the limit
    assert stable_rate(at_edge, own) == pytest.approx(edge)
    assert ("edge with P frozen = " in _mark(edge, [0.01, 10.0], choice)) == bool(decays)
    comparison = Comparison(SCENE, preconditioned={name: own})
    assert STABILITY_LIMITS[name].preconditioner in _explanation([choice], comparison)


def test_no_edge_where_the_curvature_is_not_positive():
    assert stable_rate(SGD, None) is None
    assert stable_rate(SGD, Curvature("the start", -2.0, -1.0, 0.0)) is None
    assert stable_rate(SGD, AT_MINIMUM) == pytest.approx(0.25)


def test_the_start_is_named_once_where_no_target_is_known():
    text = _explanation([SGD], Comparison(SCENE, at_start=AT_START))
    assert text == "Orange: unstable on a quadratic with λmax = 40 ± 1e-09, measured at the start."
    assert _explanation([SGD], Comparison(SCENE)) == ""
    two = [SGD, Choice.of("momentum", learning_rate=0.1, beta=0.5), Choice("lion")]
    both = _explanation(two, Comparison(SCENE, at_start=AT_START, at_target=AT_MINIMUM))
    assert both.endswith("At the start λmax = 40: edges SGD 0.05, Momentum 0.075.")
