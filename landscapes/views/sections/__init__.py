"""The sections of each page, by the name that the address calls them: one file and one line each.

A name is that of one section only, and no other registry has it: it owns its knobs in the address.
"""

from __future__ import annotations

from landscapes.views.sections import (
    conflict,
    connection,
    convexity,
    critical,
    layers,
    matrix,
    pareto,
    planes,
    sharpness,
    spectrum,
    stability,
    terms,
)
from landscapes.views.sections.section import Section

PAGES: dict[str, dict[str, Section]] = {
    "curvature": {
        "spectrum": spectrum.SECTION,
        "layers": layers.SECTION,
        "matrix": matrix.SECTION,
        "convexity": convexity.SECTION,
        "critical": critical.SECTION,
        "sharpness": sharpness.SECTION,
        "edge": stability.SECTION,
        "connection": connection.SECTION,
        "planes": planes.SECTION,
    },
    "compare": {
        "terms": terms.SECTION,
        "conflict": conflict.SECTION,
        "pareto": pareto.SECTION,
    },
}

SECTIONS: dict[str, Section] = {name: section for page in PAGES.values() for name, section in page.items()}
