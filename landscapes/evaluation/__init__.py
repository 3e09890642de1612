"""How a loss is evaluated at many points of a line or plane.

Values that stay affine in the coordinates are computed once, outside the loop over points (hoisting); points are
batched by what they cost; compiled programs are kept; memory and devices are asked before work begins.
"""

from landscapes.evaluation.batching import batch_size, cost, points_program
from landscapes.evaluation.compilation import keep_compiled, quickly
from landscapes.evaluation.devices import device_mesh
from landscapes.evaluation.hoisting import Hoisted, hoist
from landscapes.evaluation.memory import available_memory, memory_needed

__all__ = [
    "Hoisted",
    "available_memory",
    "batch_size",
    "cost",
    "device_mesh",
    "hoist",
    "keep_compiled",
    "memory_needed",
    "points_program",
    "quickly",
]
