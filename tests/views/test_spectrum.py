"""The words beside a spectrum that was estimated, and its table; no tiny network needs an estimate."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from landscapes import Choice
from landscapes.curvature.trace_estimate import Trace
from landscapes.recipes import catalog
from landscapes.views.sections import spectrum
from landscapes.views.sections.spectrum import SpectrumResult, _caption, _table, _trace_text
from tests.figures.test_density import example_spectrum
from tests.small_recipes import TINY

# Three probes of five steps, and 2 + 1 of 400 eigenvalues.
ESTIMATED = replace(
    example_spectrum(np.ones((3, 5)), np.ones((3, 5)) / 5, 400, eigenvalues=(-2.0, -0.5, 9.0)),
    bottom=2,
    products=1234,
    errors=np.array([0.1, 0.2, 0.3]),
    converged=np.array([True, False, True]),
)


def test_caption_states_probes_steps_and_parameters():
    recipe = catalog.complete(replace(TINY, split="test"))
    text = _caption(SpectrumResult(ESTIMATED), recipe)
    assert text.startswith("test cross-entropy on the test examples of ")
    assert "at the trained point, 400 parameters; stochastic Lanczos quadrature with 3 probes of 5 steps;" in text
    without = replace(ESTIMATED, nodes=np.zeros((3, 0)), weights=np.zeros((3, 0)))
    assert "the density is computed next" in _caption(SpectrumResult(without), recipe)
    assert "at the initial point" in _caption(SpectrumResult(ESTIMATED), replace(recipe, optimizers=()))


def test_estimated_trace_has_its_standard_error():
    assert "being computed" in _trace_text(SpectrumResult(ESTIMATED))
    text = _trace_text(SpectrumResult(ESTIMATED, Trace(12.5, 0.75, 32)))
    assert text == r"$\operatorname{tr} H = 12.5 \pm 0.75$ (Hutchinson, 32 probes, standard error)."


def test_table_has_ranks_errors_and_convergence(monkeypatch):
    shown: list[Any] = []
    fake = SimpleNamespace(markdown=shown.append, dataframe=lambda rows, **look: shown.append(rows))
    monkeypatch.setattr(spectrum, "st", fake)
    _table(SpectrumResult(ESTIMATED, gauss_newton=replace(ESTIMATED, method="dense", products=7)))
    first, rows, second, _ = cast(Any, shown)
    assert first == "**Hessian**, Lanczos, all vectors kept orthogonal, 1,234 Hessian-vector products"
    assert second == "**Gauss–Newton**, full eigendecomposition, 7 Hessian-vector products"
    assert rows == {
        "rank": [1, 2, 400],
        "λ": ["-2", "-0.5", "9"],
        "± error": ["0.1", "0.2", "0.3"],
        "converged": ["yes", "no", "yes"],
    }


def report(fraction: float, partial: Any = None, note: str = "") -> None:
    pass


class Reached(Exception):
    """The eigenvalues that the density starts from."""


def test_every_number_of_eigenvalues_is_computed_anew(monkeypatch):
    def add_density(ends, *rest, **kwargs):
        raise Reached(ends)

    monkeypatch.setattr(spectrum, "spectrum", lambda problem, key, *, top, bottom, progress: (top, bottom))
    monkeypatch.setattr(spectrum, "add_density", add_density)
    still = catalog.complete(replace(TINY, optimizers=(), center="initial", directions=Choice("gaussian")))
    memory: dict[str, Any] = {}
    for count in (1, 2, 1):
        with pytest.raises(Reached) as reached:
            spectrum.compute(replace(still, eigenvalues=count), memory, report)
        assert reached.value.args == ((count, count),)
