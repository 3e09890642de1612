"""A widget needs anywidget, and says so."""

import pytest

from landscapes import figures
from landscapes.figures.stage_widget import StageWidget
from tests.figures.scenes import asymmetric
from tests.figures.test_results import SOLUTION


def test_widget_shows_result_and_figure():
    assert isinstance(figures.widget(asymmetric(), view="contour"), StageWidget)
    assert isinstance(figures.widget(figures.contour(asymmetric(), resolution=5)), StageWidget)


def test_absent_package_and_what_has_no_figure_get_one_sentence(monkeypatch):
    with pytest.raises(ValueError, match="a Solution has no figure; print it"):
        figures.widget(SOLUTION)
    with pytest.raises(ValueError, match="view: the figure is already drawn"):
        figures.widget(figures.contour(asymmetric(), resolution=5), view="3d")
    monkeypatch.setattr("landscapes.figures.notebook_widget.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"`pip install \"landscapes\[notebook\]\"` brings it"):
        figures.widget(asymmetric())
