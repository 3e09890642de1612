"""Themes and font sizes of figures."""

from typing import Any

import jax
import numpy as np
import pytest

from landscapes import spectrum
from landscapes.figures.convexity import ratio_map, state_map
from landscapes.figures.density import density
from landscapes.figures.matrix import matrix
from landscapes.figures.tangent import tangent
from tests import problems
from tests.figures.scenes import curve, layout
from tests.figures.test_convexity import example_map


@pytest.mark.parametrize("presenter", [False, True])
def test_dark_theme_and_presenter_set_font_and_color(presenter):
    found = spectrum(problems.quadratic(), jax.random.key(0))
    look: dict[str, Any] = {"theme": "dark", "presenter": presenter}
    for figure in (
        state_map(example_map(), **look),
        ratio_map(example_map(), **look),
        density({"Hessian": found}, 0.01, **look),
        matrix(np.eye(3), **look),
        tangent(curve(), 0.0, **look),
    ):
        assert layout(figure).template.layout.font.size == (20 if presenter else 13)
        assert "49,51,63" not in str(figure.to_json())  # no text color of the light theme
