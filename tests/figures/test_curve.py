"""The training of a curve between two solutions."""

import numpy as np

from landscapes import figures
from landscapes.connectivity.curve import Curve
from tests.figures.scenes import hover_text, layout, role


def test_objective_is_drawn_by_training_step():
    figure = figures.training_curve(Curve("polygon", {}, np.array([4.0, 2.0, 1.5])), value="error")
    (drawn,) = role(figure, "curve")
    np.testing.assert_array_equal(drawn.x, [0, 1, 2])
    np.testing.assert_array_equal(drawn.y, [4, 2, 1.5])
    assert (drawn.name, hover_text(drawn, 1)) == ("polygon", "step 1<br>mean error 2")
    assert layout(figure).yaxis.title.text == "mean error along the curve"
