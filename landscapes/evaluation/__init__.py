"""How a loss is evaluated at many points of a line or plane.

Values that are affine in the coordinates are computed once, outside the loop over points (hoisting). The cost of a
point decides how many are evaluated at a time. Compiled programs are kept on disk. The free memory is checked
before work begins, and the points are divided over all devices.
"""

from landscapes.evaluation.batching import batch_size, cost, points_program
from landscapes.evaluation.compilation import jit_with_fast_compile, keep_compiled
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
    "jit_with_fast_compile",
    "keep_compiled",
    "memory_needed",
    "points_program",
]
