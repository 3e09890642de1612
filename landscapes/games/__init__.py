"""Games of several players: the loss of each player, the Jacobian of their joint gradient field, the flow over a
plane, and the stability of one step of each optimizer.
"""

from landscapes.games.game_flow import Flow, flow
from landscapes.games.game_jacobian import Jacobian, jacobian
from landscapes.games.player_losses import player_path, player_surface, player_weights
from landscapes.games.step_stability import UnitCircle, unit_circle

__all__ = [
    "Flow",
    "Jacobian",
    "UnitCircle",
    "flow",
    "jacobian",
    "player_path",
    "player_surface",
    "player_weights",
    "unit_circle",
]
