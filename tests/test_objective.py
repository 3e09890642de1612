"""The players of an objective."""

from types import SimpleNamespace
from typing import Any

import pytest

from landscapes.objective import check_player


def test_a_player_that_is_not_there_gets_the_nearest_name():
    game: Any = SimpleNamespace(players={"generator": {}, "discriminator": {}})
    check_player(game, None)
    check_player(game, "generator")
    with pytest.raises(ValueError, match="there is no player 'generatr'; did you mean generator"):
        check_player(game, "generatr")
    single: Any = SimpleNamespace(players=None)
    check_player(single, None)
    with pytest.raises(ValueError, match="leave player out, because this is no game"):
        check_player(single, "generator")
