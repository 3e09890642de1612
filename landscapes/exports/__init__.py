"""Export formats: pure functions from a picture and its data to the bytes of a file.

`EXPORTS` collects the dict of that name at the end of each file.
"""

from landscapes.exports.bundle import Bundle, Export
from landscapes.registry import gather

__all__ = ["EXPORTS", "Bundle", "Export"]

# Order of the menu on the pages; other files follow by name.
EXPORTS: dict[str, Export] = gather(
    __name__,
    __path__,
    "EXPORTS",
    first=(
        "page",
        "folder",
        "image",
        "paper_figure",
        "animation",
        "meshes",
        "volume_grid",
        "latex",
        "tables",
        "archive",
        "bundle",
    ),
)
