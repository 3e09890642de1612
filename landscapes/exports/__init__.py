"""Export formats: pure functions from a picture and its data to the bytes of a file.

`EXPORTS` gathers the dict of that name at the foot of each file.
"""

from landscapes.exports.bundle import Bundle, Export
from landscapes.registry import gather

__all__ = ["EXPORTS", "Bundle", "Export"]

# As the pages offer them; other files follow by their names.
EXPORTS: dict[str, Export] = gather(
    __name__, __path__, "EXPORTS", first=("page", "image", "tables", "archive", "bundle")
)
