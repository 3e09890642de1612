"""The sections of each page, by the name that the address calls them: that of the file which holds the `SECTION`.

A name is that of one section only, and no other registry has it: it owns its knobs in the address.
"""

from __future__ import annotations

from landscapes.registry import files
from landscapes.views.sections.section import Section

# As they stand in the row over the page; sections of other files follow by their names.
_FIRST = (
    "spectrum",
    "layers",
    "matrix",
    "convexity",
    "critical",
    "sharpness",
    "edge",
    "connection",
    "planes",
    "terms",
    "conflict",
    "pareto",
)

SECTIONS: dict[str, Section] = {
    module.__name__.rpartition(".")[2]: module.SECTION
    for module in files(__name__, __path__, _FIRST)
    if hasattr(module, "SECTION")
}

PAGES: dict[str, dict[str, Section]] = {
    page: {name: section for name, section in SECTIONS.items() if section.page == page}
    for page in ("curvature", "compare")
}
