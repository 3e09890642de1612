"""Trade-offs between several terms: where their gradients conflict, the Pareto front between them, and the step
after which a proxy still improves while the true objective worsens.
"""

from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath, conflict_map, conflict_path
from landscapes.tradeoffs.overoptimization import OveroptimizationPoint, overoptimization_point
from landscapes.tradeoffs.pareto import ParetoFront, Solution, nondominated, pareto_front
from landscapes.tradeoffs.reward_against_kl import GaoFit, RewardCurve, reward_curve

__all__ = [
    "ConflictMap",
    "ConflictPath",
    "GaoFit",
    "OveroptimizationPoint",
    "ParetoFront",
    "RewardCurve",
    "Solution",
    "conflict_map",
    "conflict_path",
    "nondominated",
    "overoptimization_point",
    "pareto_front",
    "reward_curve",
]
