"""Themes and font sizes of figures."""

from typing import Any

import jax
import numpy as np
import pytest

from landscapes import spectrum
from landscapes.figures.convexity import ratio_map, state_map
from landscapes.figures.density import density
from landscapes.figures.matrix import matrix
from landscapes.figures.palette import STYLES, label_color, page_color
from landscapes.figures.tangent import tangent
from tests import problems
from tests.figures.scenes import curve, layout
from tests.figures.test_convexity import example_map


def luminance(color: str) -> float:
    """Relative luminance as in WCAG 2.2."""
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_labels_have_contrast_with_the_page(theme):
    for style in STYLES.values():
        dark, light = sorted((luminance(label_color(style.color, theme)), luminance(page_color(theme))))
        assert (light + 0.05) / (dark + 0.05) >= 4.5
    assert label_color("#56B4E9", "dark") == "#56b4e9", "a color that is readable stays as it is"


@pytest.mark.parametrize("presenter", [False, True])
def test_dark_theme_and_presenter_set_font_and_color(presenter):
    result = spectrum(problems.quadratic(), jax.random.key(0))
    look: dict[str, Any] = {"theme": "dark", "presenter": presenter}
    for figure in (
        state_map(example_map(), **look),
        ratio_map(example_map(), **look),
        density({"Hessian": result}, 0.01, **look),
        matrix(np.eye(3), **look),
        tangent(curve(), 0.0, **look),
    ):
        assert layout(figure).template.layout.font.size == (20 if presenter else 13)
        assert "49,51,63" not in str(figure.to_json())  # no text color of the light theme
