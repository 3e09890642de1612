"""The steps of paths, and of traces that are no paths."""

import numpy as np

from landscapes import figures
from landscapes.figures.paper.path_steps import last_step, step_text, steps_of
from tests.figures.scenes import asymmetric, path, role


def test_paths_have_their_steps_and_others_are_there_from_the_first():
    figure = figures.contour(asymmetric(), {"adam": path()}, minima=[(0.5, -1.5)], resolution=9)
    (path_trace,), (mark, *_) = role(figure, "path"), role(figure, "marks")
    assert steps_of(path_trace, len(path_trace.x)).tolist() == [0, 3, 6, 9, 12]
    assert np.isneginf(steps_of(mark, 1)).all()
    assert last_step(figure) == 12
    assert last_step(figures.contour(asymmetric(), resolution=5)) == 0


def test_step_is_named_with_the_last():
    assert step_text(6, 12) == "step 6 / 12"
    assert step_text(99, 12) == "step 12 / 12"
