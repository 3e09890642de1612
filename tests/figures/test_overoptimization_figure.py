"""The figure of rewards against √KL."""

import numpy as np

from landscapes import figures
from landscapes.tradeoffs.reward_against_kl import reward_curve
from tests.figures.scenes import layout, role


def test_figure_draws_truth_fit_and_learned_reward():
    distance = np.linspace(0, 2, 9)
    truth, proxy = distance * (1 - distance), distance * 2
    curves = {
        "adam": reward_curve(distance**2, truth, "policy", proxy=proxy),
        "best of n": reward_curve(distance[:2] ** 2, truth[:2], "best-of-n"),
    }
    figure = figures.overoptimization(curves)
    np.testing.assert_allclose(role(figure, "truth")[0].y, truth)
    np.testing.assert_allclose(role(figure, "proxy")[0].y, proxy)
    (fit,) = role(figure, "fit")  # two points are too few for the other
    assert fit.y[0] == 0
    assert fit.x[-1] == 2
    assert layout(figure).xaxis.title.text == "√KL(π‖π_ref)"
