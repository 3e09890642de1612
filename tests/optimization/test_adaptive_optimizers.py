"""The formulas of optimizers that scale coordinates name the variant that runs."""

import pytest

from landscapes.knobs import Value
from landscapes.optimization.adaptive_optimizers import ADAPTIVE
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.step_rules import rule_of


@pytest.mark.parametrize(
    ("inside", "corrected", "centered", "expected"),
    [
        (True, False, False, r"d_t = \frac{g_t}{\sqrt{n_t + \varepsilon}}"),
        (False, False, False, r"d_t = \frac{g_t}{\sqrt{n_t} + \varepsilon}"),
        (True, True, False, r"d_t = \frac{g_t}{\sqrt{\frac{n_t}{1-\rho^t} + \varepsilon}}"),
        (False, False, True, r"d_t = \frac{g_t}{\sqrt{n_t - m_t^2} + \varepsilon}"),
    ],
)
def test_rmsprop_shows_the_root_that_its_knobs_choose(inside, corrected, centered, expected):
    settings: dict[str, Value] = {"eps_in_sqrt": inside, "bias_correction": corrected, "centered": centered}
    lines = rule_of(OPTIMIZERS["rmsprop"]).lines(settings)
    assert expected in lines
    assert any(line.startswith("m_t") for line in lines) == centered


def test_decay_is_in_the_steps_of_those_that_have_it():
    for name, function in ADAPTIVE.items():
        step = next(line for line in rule_of(function).lines(dict.fromkeys(
            ("eps_in_sqrt", "bias_correction", "centered"), False)) if line.startswith("s_t"))  # fmt: skip
        assert (r"\lambda" in step) == (name in ("adamw", "lion"))
