"""Results that travel with the program: the scenes of the pictures that it opens with, computed beforehand."""

from landscapes.openings.files import read

__all__ = ["read"]
