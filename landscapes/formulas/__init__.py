"""Formulas that a user writes: text → checked tree → arrays, and through SymPy → LaTeX and derivatives.

The text is read by Python's `ast` and never run: only the nodes and names that `parsing` lists become a tree.
"""

from landscapes.formulas.numerics import evaluate
from landscapes.formulas.parsing import MAX_CHARACTERS, MAX_NAMES, Formula, parse

__all__ = ["MAX_CHARACTERS", "MAX_NAMES", "Formula", "evaluate", "parse"]
