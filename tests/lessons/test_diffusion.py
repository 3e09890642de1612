"""Noise prediction: what its lesson says of levels, points and the memorizing denoiser."""

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_memorizing_denoiser_of_the_lesson_is_below_the_loss_it_states():
    recipe = catalog.complete(LESSONS["noise"].recipe)
    (bound,) = catalog.references(recipe).values()
    text = " ".join(LESSONS["noise"].sentences)
    assert f"and {bound:.2f} is what knowing all points gives" in text
    assert bound < 0.81
    few, _ = (catalog.complete(LESSONS["noise"].varied(each)) for each in LESSONS["noise"].next)
    assert few.objective.settings["levels"] == 4
