"""LaTeX: a figure with its caption, and the data and code of the same picture in pgfplots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from landscapes.exports.bundle import Bundle, Export
from landscapes.exports.latex_text import escape_latex
from landscapes.exports.paper_figure import caption_of_print
from landscapes.figures.palette import styles


def caption(bundle: Bundle) -> bytes:
    """The caption with every choice that matters, one detail to a line."""
    details = "\n".join(f"{name}: {text}" for name, text in bundle.details.items())
    return f"{caption_of_print(bundle)}\n{details}".strip().encode() + b"\n"


def figure(bundle: Bundle) -> bytes:
    """A figure environment with the paper figure and its caption."""
    return f"""% Needs \\usepackage{{graphicx}} and the file {bundle.stem}.pdf.
\\begin{{figure}}
  \\centering
  \\includegraphics{{{bundle.stem}.pdf}}
  \\caption{{{escape_latex(caption_of_print(bundle))}}}
  \\label{{fig:{bundle.stem}}}
\\end{{figure}}
""".encode()


def table(bundle: Bundle) -> bytes:
    """The evaluated surface as a table for pgfplots: x, y and the drawn value, with a blank line after each x.

    The value of a game of which no player's loss is drawn is its first term. Points that are not finite are nan.
    """
    surface = bundle.drawn_surface or bundle.surface
    values = next(iter(surface.terms.values())) if surface.game else surface.loss
    values = np.where(surface.evaluated & np.isfinite(values), values, np.nan)
    if len(surface.axes) == 1:
        return _rows(["x", "value"], [np.column_stack([surface.axes[0], values])])
    x, y = np.meshgrid(*surface.axes, indexing="ij")
    return _rows(["x", "y", "value"], list(np.stack([x, y, values], axis=-1)))


def plot(bundle: Bundle) -> bytes:
    """The picture in pgfplots: the table as a surface seen from above or as a curve, and the paths."""
    surface, name = bundle.drawn_surface or bundle.surface, f"{bundle.stem}.dat"
    is_plane = len(surface.axes) == 2
    labels = [escape_latex(label) for label in bundle.labels] or ["x", "y"]
    options = [
        f"xlabel={{{labels[0]}}}",
        f"ylabel={{{labels[1] if is_plane else escape_latex(bundle.value or 'loss')}}}",
    ]
    options += [f"xmin={surface.axes[0][0]:.9g}", f"xmax={surface.axes[0][-1]:.9g}", "width=0.82\\columnwidth"]
    if is_plane:
        options += [f"ymin={surface.axes[1][0]:.9g}", f"ymax={surface.axes[1][-1]:.9g}"]
        options += ["view={0}{90}", "colormap/viridis", "colorbar", "unbounded coords=jump", "axis on top"]
        plot_lines = [f"\\addplot3[surf, shader=interp, forget plot] table[x=x, y=y, z=value] {{{name}}};"]
    else:
        plot_lines = [f"\\addplot[thick, forget plot] table[x=x, y=value] {{{name}}};"]
    options.append("legend style={at={(0.5,1.04)}, anchor=south, legend columns=-1, draw=none, font=\\small}")
    path_styles = styles(bundle.paths)
    colors = ["\\begin{tikzpicture}"]  # an axis does not know colors of its options
    for k, (label, path) in enumerate((bundle.drawn_paths or bundle.paths).items()):
        points = np.asarray(path.coordinates, float)
        points = points if is_plane else np.column_stack([points, path.loss])
        points = points[np.isfinite(points).all(axis=1)]
        code = f"landscapes{'abcdefghijklmnopqrstuvwxyz'[k % 26]}"
        colors.append(f"\\definecolor{{{code}}}{{HTML}}{{{path_styles[label].color[1:].upper()}}}")
        coordinates = " ".join("(" + ",".join(f"{value:.9g}" for value in point) + ")" for point in points)
        command = "\\addplot3" if is_plane else "\\addplot"
        if is_plane:  # above the surface, which is drawn in depth
            coordinates = coordinates.replace(")", f",{np.nanmax(surface.loss) if not surface.game else 0:.9g})")
        plot_lines.append(f"{command}[{code}, very thick] coordinates {{{coordinates}}};")
        plot_lines.append(f"\\addlegendentry{{{escape_latex(label)}}}")
    lines = "\n    ".join(f"{option}," for option in options)
    body, begin = "\n  ".join(plot_lines), "\n  ".join(colors)
    return f"""% Needs \\usepackage{{pgfplots}}, \\pgfplotsset{{compat=1.18}} and the file {name}.
{begin}
  \\begin{{axis}}[
    {lines}
  ]
  {body}
  \\end{{axis}}
\\end{{tikzpicture}}
""".encode()


def _rows(header: Sequence[str], blocks: Sequence[Any]) -> bytes:
    lines = [" ".join(header)]
    for block in blocks:
        lines += [" ".join(repr(float(value)) for value in row) for row in block]
        if len(blocks) > 1:
            lines.append("")
    return ("\n".join(lines).rstrip() + "\n").encode()


EXPORTS = {
    "caption": Export("Caption (TXT)", ".caption.txt", "text/plain", caption),
    "latex": Export("Figure in LaTeX (TEX)", ".tex", "application/x-tex", figure),
    "pgfplots": Export("Plot in pgfplots (TEX)", ".pgfplots.tex", "application/x-tex", plot),
    "pgfplots-data": Export("Data for pgfplots (DAT)", ".dat", "text/plain", table),
}
