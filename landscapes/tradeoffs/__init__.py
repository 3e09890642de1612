"""Several terms at once: where their gradients conflict, the Pareto front between them, and the step from which a
proxy improves while the true objective worsens.
"""

from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath, conflict_map, conflict_path
from landscapes.tradeoffs.overoptimization import Parting, parting
from landscapes.tradeoffs.pareto import Front, nondominated, pareto

__all__ = [
    "ConflictMap",
    "ConflictPath",
    "Front",
    "Parting",
    "conflict_map",
    "conflict_path",
    "nondominated",
    "pareto",
    "parting",
]
