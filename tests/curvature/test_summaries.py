"""Results of the curvature package in one line."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from landscapes.curvature.summaries import map_summary, rescaling_summary, sharpness_summary, spectrum_summary
from tests.figures.test_density import example_spectrum


def test_spectrum_has_its_ends_with_their_errors():
    result = replace(
        example_spectrum(np.zeros((1, 0)), np.zeros((1, 0)), 1200, eigenvalues=(-2.0, 0.5, 9.0)),
        errors=np.array([0.1, 0.2, 0.3]),
        converged=np.array([True, False, True]),
        products=4321,
    )
    assert spectrum_summary(result) == (
        "3 of 1,200 eigenvalues from -2 ± 0.1 to 9 ± 0.3, 1 not converged, lanczos, 4,321 products"
    )
    assert "not converged" not in spectrum_summary(replace(result, converged=np.full(3, True)))
    none = np.zeros(0)
    empty = replace(result, eigenvalues=none, errors=none, rounding=none, converged=np.zeros(0, bool))
    assert spectrum_summary(empty) == "0 of 1,200 eigenvalues, lanczos"


def test_map_has_its_shares_and_extreme_eigenvalues():
    shares = {"convex": 0.5, "non-convex": 0.3, "undetermined": 0.2}
    result: Any = SimpleNamespace(
        axes=(np.zeros(3), np.zeros(5)),
        sense="maximize",
        share=shares.__getitem__,
        smallest=np.array([[np.nan, 4.0, -1.0]]),
        smallest_error=np.array([[0.1, 0.2, 0.3]]),
        largest=np.array([[7.0, 9.0, np.nan]]),
        largest_error=np.array([[0.4, 0.5, 0.6]]),
    )
    assert map_summary(result) == (
        "3 × 5 cells: 50% concave, 30% not, 20% undetermined; eigenvalues from -1 ± 0.3 to 9 ± 0.5"
    )
    result.smallest = np.full((1, 3), np.nan)
    assert map_summary(result).endswith("eigenvalues from nan to 9 ± 0.5")


def test_sharpness_has_each_measure_and_a_rescaling_the_first():
    measure = SimpleNamespace(value=2.5, error=0.25)
    result: Any = SimpleNamespace(measures={"trace": measure, "largest": SimpleNamespace(value=9.0, error=np.nan)})
    assert sharpness_summary(result) == "trace 2.5 ± 0.2, largest 9, error unknown"
    original = SimpleNamespace(summary="trace 2.5 ± 0.2")
    rescaling: Any = SimpleNamespace(results=[None, result, None], alphas=[0.1, 1.0, 10.0], original=original)
    assert rescaling_summary(rescaling) == "1 of 3 values of α from 0.1 to 10, at α = 1: trace 2.5 ± 0.2"
