"""What an optimizer does on a problem.

Optimizers, learning-rate schedules, steps of the players of a game, compiled runs with their trajectories, races
of several optimizers from one start, one optimizer from many starts, and paths through checkpoints of one's own.
"""

from landscapes.optimization.basins import Basins, WinRates, find_basins, win_rates
from landscapes.optimization.checkpoint_recorder import Recorder
from landscapes.optimization.checkpoints import Checkpoints, Snapshots
from landscapes.optimization.game_steps import MOVES
from landscapes.optimization.multistart import Ends, race_from
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.schedules import SCHEDULES
from landscapes.optimization.trajectory import Outcome, Trajectory, descend, race
from landscapes.registry import gather

__all__ = [
    "MOVES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Basins",
    "Checkpoints",
    "Ends",
    "Outcome",
    "Recorder",
    "Snapshots",
    "Trajectory",
    "WinRates",
    "descend",
    "find_basins",
    "race",
    "race_from",
    "win_rates",
]

# Those of other files follow.
OPTIMIZERS |= gather(__name__, __path__, "OPTIMIZERS", first=("optimizers",))
