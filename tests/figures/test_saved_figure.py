"""Figures of results from a file, without a model."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes.figures.saved_figure import draw_surface, height_name, saved_history, saved_picture
from landscapes.storage import SavedResults
from tests.figures.scenes import traces
from tests.storage.test_saved_results import PATH, RUN, SURFACE


def test_the_sum_is_drawn_with_other_weights():
    plain = replace(SURFACE, terms={"loss": np.arange(6.0).reshape(3, 2), "l2": np.ones((3, 2))},
                    weights={"loss": 1.0, "l2": 0.5}, errors={"loss": 0.0, "l2": 0.0}, sense="minimize",
                    evaluated=np.ones((3, 2), bool))  # fmt: skip
    results = SavedResults(surface=plain)
    heights = np.asarray(traces(saved_picture(results, weights={"l2": 3.0}))[0].z)
    assert np.nanmin(heights) == pytest.approx(3.0)
    assert np.nanmax(heights) == pytest.approx(8.0)
    assert saved_picture(results, term="l2").to_dict()["layout"]["meta"]["value"] == "L2"


def test_paths_without_the_terms_of_a_sum_are_left_out():
    results = SavedResults(
        surface=SURFACE, paths={"with": PATH, "without": replace(PATH, terms={}, plane_terms={})}
    )

    def names(**options):
        return {trace.get("name") for trace in saved_picture(results, **options).to_dict()["data"]}

    assert {"with", "without"} <= names()
    assert "without" not in names(term="a/b %")


def test_a_history_of_positive_losses_is_logarithmic():
    run = replace(RUN, loss=np.array([3.0, 2.0, 1.0, 0.5]))
    assert saved_history({"sgd": run}).to_dict()["layout"]["yaxis"]["type"] == "log"
    assert (
        saved_history({"sgd": replace(run, loss=run.loss - 1)}).to_dict()["layout"]["yaxis"].get("type") != "log"
    )


def test_heights_are_named_by_what_is_known():
    one = replace(SURFACE, terms={"hinge": SURFACE.terms["loss"]}, errors={"hinge": 0.0}, weights={"hinge": 1.0})
    assert (height_name(one), height_name(SURFACE)) == ("hinge loss", "objective")
    assert height_name(replace(SURFACE, sense="minimize")) == "loss"


def test_what_cannot_be_drawn_gets_one_sentence():
    with pytest.raises(ValueError, match="these results have no surface; save one with"):
        saved_picture(SavedResults(paths={"a": PATH}))
    with pytest.raises(ValueError, match="view = 'line' is neither '3d' nor 'contour'"):
        draw_surface(SURFACE, view="line")  # type: ignore[arg-type]


def test_sliders_are_centred_at_the_saved_weights_and_not_at_those_that_are_drawn():
    terms = {"loss": np.arange(6.0).reshape(3, 2), "l2": np.ones((3, 2))}
    saved = replace(SURFACE, terms=terms, weights={"loss": 1.0, "l2": 0.5}, errors={"loss": 0.0, "l2": 0.0})
    meta = saved_picture(SavedResults(surface=saved), weights={"l2": 3.0}).to_dict()["layout"]["meta"]
    assert meta["trained"] == {"loss": 1.0, "l2": 0.5}
    assert meta["weights"] == {"loss": 1.0, "l2": 3.0}
