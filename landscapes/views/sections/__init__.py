"""The sections of each page by name. The name is that of the file with the `SECTION`, and the address uses it.

No other registry may have the name of a section, because it prefixes the section's knobs in the address.
"""

from __future__ import annotations

from landscapes.registry import files
from landscapes.views.sections.section import Section

# The order in the row over the page. Sections that are not listed follow in alphabetical order.
_FIRST = (
    "race",
    "basins",
    "rates",
    "spectrum",
    "layers",
    "matrix",
    "convexity",
    "critical",
    "topology",
    "volume",
    "sharpness",
    "edge",
    "noisescale",
    "connection",
    "planes",
    "terms",
    "conflict",
    "pareto",
    "overoptimization",
)

SECTIONS: dict[str, Section] = {
    module.__name__.rpartition(".")[2]: module.SECTION
    for module in files(__name__, __path__, _FIRST)
    if hasattr(module, "SECTION")
}

PAGES: dict[str, dict[str, Section]] = {
    page: {name: section for name, section in SECTIONS.items() if section.page == page}
    for page in ("race", "curvature", "compare")
}
