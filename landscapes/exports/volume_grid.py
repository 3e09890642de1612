"""VTR: the loss and its terms over a volume as a grid, for ParaView."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import numpy as np

from landscapes.exports.bundle import Bundle, Export
from landscapes.exports.meshes import data_array


def vtr(bundle: Bundle) -> bytes:
    """VTK RectilinearGrid as XML: at each node of a volume the `loss` and, unweighted, `term/NAME`. A game has no
    `loss`. Values that are not evaluated are NaN.

    Raises:
        ValueError: for a picture of a line or a plane.
    """
    surface = bundle.surface
    if len(surface.axes) != 3:
        raise ValueError("a grid for ParaView is of a volume; export a plane as VTP and a line as CSV")
    grids = {} if surface.game else {"loss": surface.loss}
    grids |= {f"term/{name}": grid for name, grid in surface.terms.items()}
    extent = " ".join(f"0 {len(axis) - 1}" for axis in surface.axes)
    # The first axis varies fastest.
    arrays = "".join(
        data_array(escape(name, {'"': "&quot;"}), np.ravel(grid, order="F")) for name, grid in grids.items()
    )
    axes = "".join(data_array(name, axis) for name, axis in zip("xyz", surface.axes, strict=True))
    return f"""<?xml version="1.0"?>
<!-- {escape(bundle.description).replace("--", "- -")} -->
<VTKFile type="RectilinearGrid" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<RectilinearGrid WholeExtent={quoteattr(extent)}>
<Piece Extent={quoteattr(extent)}>
<PointData Scalars={quoteattr(next(iter(grids)))}>{arrays}</PointData>
<Coordinates>{axes}</Coordinates>
</Piece>
</RectilinearGrid>
</VTKFile>
""".encode()


EXPORTS = {"vtr": Export("Grid of the volume (VTR)", ".vtr", "application/xml", vtr, dimension=3)}
