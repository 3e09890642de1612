"""Fields of results that do not fit one another are named."""

from copy import copy

import numpy as np
import pytest

from landscapes.storage.shape_checks import check_result
from tests.storage.test_saved_results import FLOW, JACOBIAN, PATH, RUN, SPECTRUM, SURFACE


@pytest.mark.parametrize(
    "result", [SURFACE, PATH, RUN, SPECTRUM, JACOBIAN, FLOW], ids=lambda each: type(each).__name__
)
def test_every_result_fits(result):
    assert check_result(result) is None


@pytest.mark.parametrize(
    ("result", "changes", "field"),
    [
        (SURFACE, {"axes": (np.array([0.0, 1.0]),) * 4}, "axes"),
        (SURFACE, {"evaluated": np.ones((2, 3), bool)}, "evaluated"),
        (SURFACE, {"terms": {"loss": np.ones((2, 3))}}, "terms"),
        (SURFACE, {"weights": {"loss": np.nan}}, "weights"),
        (SURFACE, {"errors": {"loss": 0.1}}, "errors"),
        (SURFACE, {"sense": "maximise"}, "sense"),
        (SURFACE, {"evaluations": True}, "evaluations"),
        (PATH, {"distance": PATH.distance[:2]}, "distance"),
        (PATH, {"coordinates": np.ones((3, 4))}, "coordinates"),
        (RUN, {"params": {"w": np.ones((4, 2))}}, "params"),
        (RUN, {"gradient_norm": np.ones(5)}, "gradient_norm"),
        (SPECTRUM, {"errors": np.ones(3)}, "errors"),
        (SPECTRUM, {"bottom": 3}, "eigenvalues"),
        (JACOBIAN, {"owners": np.arange(3)}, "owners"),
        (FLOW, {"motion": np.ones((*FLOW.share.shape, 3))}, "motion"),
        (FLOW, {"share": np.ones((2, 3))}, "share"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_field_that_does_not_fit_is_named(result, changes, field):
    changed = copy(result)  # as decoded, before its own checks of types
    for name, value in changes.items():
        object.__setattr__(changed, name, value)
    with pytest.raises(ValueError, match=f"^{field}$"):
        check_result(changed)
