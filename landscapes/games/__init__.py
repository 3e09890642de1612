"""What takes the place of a loss and of a Hessian in a game: the players' losses, the Jacobian of their gradient
field, the flow over a plane, and the multipliers of one step of each rule.
"""

from landscapes.games.flow import Flow, flow
from landscapes.games.jacobian import Jacobian, jacobian
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
