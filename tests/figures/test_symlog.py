"""The symmetric logarithmic scale."""

import numpy as np
import pytest

from landscapes.figures.symlog import Symlog


def test_symlog_has_both_signs_and_few_ticks():
    scale = Symlog(1e-3)
    np.testing.assert_allclose(scale([-5.0, 0.0, 5.0]), np.array([-1, 0, 1]) * np.log10(2 * 5e3), rtol=1e-6)
    np.testing.assert_allclose(scale(1e-6), 1e-3 / np.log(10), rtol=1e-5)
    ticks = scale.ticks(-0.5, 2e3, 3)
    assert [float(text) for text in ticks["ticktext"]] == [-0.1, 0, 1, 1000]
    np.testing.assert_allclose(ticks["tickvals"], scale([float(text) for text in ticks["ticktext"]]))
    assert scale.ticks(0, 1e-4)["ticktext"] == ["0"]


@pytest.mark.parametrize(("low", "high"), [(-1.2, 500), (-500, 1.2), (0, 500), (-3e-4, 2), (-50, 50)])
def test_symlog_labels_do_not_overlap(low, high):
    """A panel is about 110 pixels high and a label 9. For a VAE's eigenvalues from −1.2 to 500, known to 4e-4,
    "0" and "-0.001" overlapped."""
    scale = Symlog(4e-4)
    ticks = scale.ticks(low, high)
    assert "0" in ticks["ticktext"]
    assert len(ticks["ticktext"]) > 2
    assert np.min(np.diff(ticks["tickvals"])) * 110 / (scale(high) - scale(low)) >= 9


def test_no_label_stands_below_the_threshold():
    """h is linear there, and 0.1 would suggest that a decade of it is shown."""
    assert Symlog(0.5).ticks(0, 1)["ticktext"] == ["0", "1"]
