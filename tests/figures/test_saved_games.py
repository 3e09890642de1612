"""Figures of saved games show each player's loss, and leave out paths that were saved without their terms."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes.figures.saved_figure import drawn_paths, saved_heights, saved_history, saved_picture
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.storage import SavedResults
from tests.figures.scenes import asymmetric, layout, path, role

PAYS = {"buyer": {"square": 2.0, "slope": 0.5}, "seller": {"slope": 1.0}}
RUN = Trajectory(
    np.arange(3),
    {},
    np.full(3, np.nan),
    np.array([3.0, 2.0, 1.0]),
    Outcome("finished", 2, ""),
    {"square": np.array([4.0, 2.0, 1.0]), "slope": np.array([1.0, 3.0, 5.0])},
    player_weights=PAYS,
)
PATH = replace(path(), terms={"square": np.arange(5.0), "slope": np.ones(5)},
               plane_terms={"square": np.ones(5), "slope": np.arange(5.0)})  # fmt: skip
GAME = SavedResults(surface=asymmetric(game=True), paths={"adam": PATH}, trajectories={"adam": RUN})


def test_history_of_a_saved_game_has_the_loss_of_each_player():
    figure = saved_history({"adam": RUN})
    assert [each.text for each in layout(figure).annotations] == [
        "buyer's loss",
        "seller's loss",
        "norm of the field",
    ]
    buyer, seller, norm = role(figure, "curve")
    np.testing.assert_allclose(buyer.y, [8.5, 5.5, 4.5])
    np.testing.assert_allclose(seller.y, [1, 3, 5])
    np.testing.assert_allclose(norm.y, [3, 2, 1])


def test_surface_of_a_saved_game_shows_the_loss_of_each_player():
    assert saved_heights(GAME) == ["buyer", "seller", "square"]
    figure = saved_picture(GAME, term="buyer")
    meta = layout(figure).meta
    assert (meta["value"], meta["terms"]) == ("buyer's loss", {})
    surface = asymmetric(game=True)
    lowest = np.min(2 * surface.terms["square"] + 0.5 * surface.terms["slope"])
    assert meta["low"] == pytest.approx(lowest)
    np.testing.assert_allclose(drawn_paths(GAME, "buyer")["adam"].loss, 2 * np.arange(5.0) + 0.5)
    assert layout(saved_picture(GAME)).meta["value"] == "buyer's loss"
    assert layout(saved_picture(GAME, term="square")).meta["value"] == "square"


def test_without_runs_a_saved_game_shows_its_terms():
    assert saved_heights(replace(GAME, trajectories={})) == ["square", "slope"]


def test_paths_without_the_terms_of_a_picture_are_left_out():
    results = SavedResults(surface=asymmetric(), paths={"bare": path(), "whole": PATH})
    assert list(drawn_paths(results)) == ["bare", "whole"]
    assert list(drawn_paths(results, "slope")) == list(drawn_paths(results, weights={"slope": 3.0})) == ["whole"]
