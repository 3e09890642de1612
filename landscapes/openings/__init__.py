"""Scenes that travel with the program: those of the pictures that it opens with, computed beforehand.

`read` returns the scene of a recipe from its file, or None. `make openings` writes the files and
`make openings-check` compares them with the computation, number by number.
"""

from landscapes.openings.files import read

__all__ = ["read"]
