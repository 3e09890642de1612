"""Eigenvalues of a game in the complex plane, with the stability boundaries of optimizers."""

import re

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures.jacobian_figure import stability_boundary
from landscapes.games.game_jacobian import Jacobian
from landscapes.games.step_stability import MULTIPLIERS, unit_circle
from tests.figures.scenes import layout, role


def found(values, dim=None) -> Jacobian:
    values = np.asarray(values, complex)
    dim = dim or len(values)
    return Jacobian(values, np.full(len(values), 1e-9), 1e-15, dim, 0.0, "dense", None, np.zeros(dim, int))


def test_simultaneous_boundary_is_the_unit_circle():
    edge = np.asarray(stability_boundary("simultaneous", {"learning_rate": 0.25}))
    np.testing.assert_allclose(np.abs(1 - 0.25 * edge), 1, atol=1e-9)
    np.testing.assert_allclose([np.real(edge).min(), np.real(edge).max()], [0, 8], atol=1e-6)


@pytest.mark.parametrize("name", MULTIPLIERS)
def test_multipliers_inside_boundary_are_below_one(name):
    knobs = {"learning_rate": 0.5, "beta": 0.4}
    edge, rule = np.asarray(stability_boundary(name, knobs)), MULTIPLIERS[name]
    np.testing.assert_allclose(np.abs(rule(edge, 0.5, knobs)), 1, atol=1e-6)
    centre = edge.mean()
    for share in (0.2, 0.5, 0.9, 0.99):
        assert np.all(np.abs(rule(centre + share * (edge - centre), 0.5, knobs)) < 1)
    assert np.all(np.abs(rule(centre + 1.02 * (edge - centre), 0.5, knobs)) > 1 - 1e-9)


def test_jacobian_shows_eigenvalues_and_stability_boundaries():
    jacobian = found([0.5j, -0.5j, 2.0])
    settings = {name: {"learning_rate": 0.5} for name in ("simultaneous", "extragradient", "alternating", "adam")}
    tests = {name: unit_circle(jacobian, name, knobs) for name, knobs in settings.items()}
    figure = figures.jacobian(jacobian, tests, settings=settings)
    (dots,) = role(figure, "eigenvalues")
    np.testing.assert_allclose(dots.x, [0, 0, 2], atol=1e-15)
    np.testing.assert_allclose(dots.y, [0.5, -0.5, 0])
    assert [trace.name for trace in role(figure, "border")] == ["simultaneous", "extragradient"]
    np.testing.assert_allclose(dots.customdata[:, 3], [1, 1, 0])
    np.testing.assert_allclose(dots.customdata[0, 4], np.sqrt(1 + 0.25 / 4))
    columns = dict(re.findall(r"<br>(\w+): \|μ\| = %\{customdata\[(\d+)\]", dots.hovertemplate))
    assert list(columns) == ["simultaneous", "extragradient"]
    moduli = {name: np.abs(tests[name].multipliers) for name in columns}
    assert not np.allclose(moduli["simultaneous"], moduli["extragradient"])
    for name, column in columns.items():
        np.testing.assert_allclose(dots.customdata[:, int(column)], moduli[name])
    shown = [dots.x, dots.y, jacobian.errors, jacobian.rotation]
    for k, values in enumerate(shown):
        np.testing.assert_allclose(dots.customdata[:, k], values, atol=1e-15)
    assert re.findall(r"customdata\[(\d)\]", dots.hovertemplate) == ["0", "1", "2", "3", "4", "5"]
    assert layout(figure).xaxis.scaleanchor == "y"
    (low, high) = layout(figure).xaxis.range
    assert low < 0 < 2 < high
    empty = figures.jacobian(found([], 9))
    assert len(role(empty, "eigenvalues")[0].x) == 0
