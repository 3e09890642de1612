"""A Plotly figure as text: what it says, and what it draws."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

DIGITS = 5  # of a drawn number
NEGLIGIBLE = 1e-6  # a smaller share of the largest number beside it is rounding
SAME_HOVER = ("start", "head", "rings")  # as the path that they belong to
ROUNDING = 1e-14  # a smaller setting, such as the lowest value of a bowl's spline, is 0
OUTLINES = ("shadow", "casing")  # of a path, with the same points
SAME_DATA: dict[str, tuple[str, ...]] = dict.fromkeys(("start", "rings"), ("customdata",))  # as the path
# What no fault would change, or follows from the rest.
LOOK = (
    *("lighting", "lightposition", "hovertemplate", "hoverlabel", "colorbar", "uid", "steps", "name", "highlight"),
    *("arrowcolor", "arrowhead", "arrowwidth", "bgcolor", "borderpad", "align", "showarrow", "outlinewidth"),
)


def said(figure: Any) -> Iterator[str]:
    """All that a figure says: titles, ticks, names, labels, and the hover text of one point of every curve."""
    layout = figure.layout.to_plotly_json()
    owners = (layout, *(layout[name] for name in sorted(layout) if name.startswith("scene")))
    yield from _line("axes", [axis for owner in owners for axis in _axes(owner)], " | ")
    yield from _line("color bar", [text for trace in figure.data for text in _colorbar(trace)])
    shown = [trace.name for trace in figure.data if trace.showlegend is not False and trace.name]
    if layout.get("showlegend") is not False and (len(figure.data) > 1 or layout.get("showlegend")):
        yield from _line("legend", dict.fromkeys(shown))
    notes = [note for owner in (layout, layout.get("scene", {})) for note in owner.get("annotations", ())]
    yield from _line("labels", [note.get("name") or note.get("text") for note in notes])
    yield from dict.fromkeys(line for trace in figure.data for line in _hover(trace))
    meta = layout.get("meta") or {}
    names, symbols = meta.get("names") or {}, meta.get("symbols") or {}
    yield from _line("terms", [f"{name}: {text}" for name, text in names.items() if len(names) > 1])
    yield from _line("symbols", [f"{name}: {text}" for name, text in symbols.items() if text != names.get(name)])
    yield from _line("bound", [meta.get("bounds")])
    yield from _line("sum", [meta.get("sum")])


def drawn(figure: Any) -> Iterator[str]:
    """All that a figure draws: of each trace, in their order, its kind, settings and numbers; then the layout."""
    for trace in figure.data:
        entries = trace.to_plotly_json()
        kind, meta = entries.pop("type", "scatter"), entries.pop("meta", None) or {}
        names = [f"{name}={_plain(value)}" for name, value in meta.items() if name not in LOOK]
        yield " ".join([kind, repr(trace.name or ""), *names])
        left_out = "xyz" if meta.get("role") in OUTLINES else SAME_DATA.get(str(meta.get("role")), "")
        entries = {name: value for name, value in entries.items() if name not in left_out}
        yield from _entries(entries)
    layout = {name: value for name, value in figure.layout.to_plotly_json().items() if name != "template"}
    yield "layout"
    yield from _entries(layout)


def plain(text: Any) -> str:
    """A text of Plotly in one line, without its markup for look."""
    text = re.sub(r"</?(span|b|i|sub|sup)\b[^>]*>", "", str(text))
    return re.sub(r"\s+", " ", text.replace("<br>", " / ")).strip()


def number(value: float, scale: float = 0.0, digits: int = DIGITS) -> str:
    """A number with so many digits; what is negligible beside `scale` is 0."""
    if abs(value) <= NEGLIGIBLE * scale:
        return "0"
    return f"{float(value):.{digits}g}"


def summary(values: Any) -> str:
    """An array in one line: [shape] first…last, lowest@place, highest@place, and mean."""
    array = np.asarray(values)
    shape = "×".join(map(str, array.shape))
    if array.dtype.kind in "OUS":
        texts = [plain(text) for text in array.ravel()]
        distinct = list(dict.fromkeys(texts))
        return f"[{shape}] {' | '.join(distinct[:8])}{f' … {len(distinct)} texts' if len(distinct) > 8 else ''}"
    array = array.astype(np.float64)
    flat = array.ravel()
    finite = flat[np.isfinite(flat)]
    if not finite.size:
        return f"[{shape}] nothing finite"
    scale = float(np.max(np.abs(finite)))
    if flat.size <= 4:
        return f"[{shape}] {' '.join(number(value, scale) for value in flat)}"
    corners = flat[[0, -1]] if array.ndim == 1 else array[np.ix_(*([0, -1] for _ in array.shape))].ravel()
    text = f"[{shape}] {'…'.join(number(value, scale) for value in corners)}"
    rounded = np.array([float(number(value, scale)) for value in flat])
    for at in (np.nanargmin(rounded), np.nanargmax(rounded)):
        place = ",".join(map(str, np.unravel_index(at, array.shape)))
        text += f" {number(flat[at], scale)}@{place}"
    holes = flat.size - finite.size
    return f"{text} mean {number(float(np.mean(finite)), scale)}{f', {holes} not finite' if holes else ''}"


def _axes(owner: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(each for each in owner if re.fullmatch(r"[xyz]axis\d*", each)):
        axis = owner[name]
        parts = [plain((axis.get("title") or {}).get("text") or ""), axis.get("type"), *_ticks(axis)]
        if any(parts):
            yield f"{name.replace('axis', '')} {', '.join(filter(None, parts))}"


def _colorbar(trace: Any) -> Iterator[str]:
    bar = trace.to_plotly_json().get("colorbar") or {}
    yield from filter(None, [plain((bar.get("title") or {}).get("text") or ""), *_ticks(bar)])


def _ticks(axis: Mapping[str, Any]) -> Iterator[str]:
    if axis.get("ticktext") is not None:
        yield f"ticks {' '.join(map(plain, axis['ticktext']))}"


def _hover(trace: Any) -> Iterator[str]:
    """The hover text of a point where the numbers of a trace differ from one another: the last of a curve, an
    inner one of a grid."""
    template, meta = getattr(trace, "hovertemplate", None), trace.meta if isinstance(trace.meta, dict) else {}
    role = meta.get("role", trace.type)
    if not template or role in SAME_HOVER:
        return
    template = str(template if isinstance(template, str) else np.ravel(template)[-1])
    grid = next(
        (np.asarray(trace[name]) for name in ("z", "value") if name in trace and trace[name] is not None), None
    )
    at: tuple[int, ...] = (-1,)
    if grid is not None and grid.ndim == 2:
        at = (grid.shape[0] // 3, 3 * grid.shape[1] // 4)

    def word(match: re.Match[str]) -> str:
        path, form = match.groups()
        name, *keys = re.findall(r"[\w.]+", path)
        if name.startswith("fullData."):
            return str(trace[name.removeprefix("fullData.")])
        row = getattr(trace, name, None)
        if row is None:
            return match.group()
        row = np.asarray(row, object) if not isinstance(row, np.ndarray) else row
        places = at if row.ndim >= len(at) else (at[-1] if name == "x" else at[0],)
        value = row[places]
        for key in keys:
            value = value[int(key)]
        if isinstance(value, str) or value is None:
            return plain(value)
        return format(int(value) if form == "d" else float(value), form or ".6g")

    body, _, extra = template.partition("<extra>")
    text = re.sub(r"%\{([^}:]+)(?::([^}]*))?\}", word, f"{body} {extra.partition('</extra>')[0]}")
    yield from _line(f"hover {role}", [text])


def _entries(entries: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Scalars in one line, each array and each mapping in lines of their own."""
    scalars, long = [], []
    for name in sorted(entries):
        value, key = entries[name], f"{prefix}{name}"
        if name in LOOK or value is None:
            continue
        if isinstance(value, Mapping):
            long += _entries(value, f"{key}.")
        elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
            long += [line for k, item in enumerate(value) for line in _entries(item, f"{key}.{k}.")]
        elif isinstance(value, np.ndarray) and name == "customdata" and value.ndim == 2:
            long += [f"  {key}.{k} {summary(column)}" for k, column in enumerate(value.T)]
        elif isinstance(value, list | tuple | np.ndarray) and name != "colorscale":
            (scalars if np.size(value) == 1 else long).append(f"  {key} {summary(_rows(value))}")
        else:
            scalars.append(f"{key}={_plain(value)}")
    return iter([f"  {' '.join(map(str.strip, scalars))}"] * bool(scalars) + long)


def _rows(values: Any) -> np.ndarray:
    if isinstance(values, np.ndarray):
        return values
    try:
        return np.asarray([[np.nan if each is None else each for each in row] if isinstance(row, list | tuple)
                           else np.nan if row is None else row for row in values])  # fmt: skip
    except ValueError:  # rows of different lengths
        return np.asarray([str(row) for row in values])


def _plain(value: Any) -> str:
    if isinstance(value, bool | str):
        return repr(value) if isinstance(value, str) and (" " in value or not value) else str(value)
    if isinstance(value, int | float | np.number):
        return number(float(value), ROUNDING / NEGLIGIBLE)
    if isinstance(value, list | tuple | np.ndarray):
        rows = [row for row in value if not isinstance(row, str)]
        if rows and isinstance(rows[0], list | tuple):  # a scale of colors
            return f"{rows[0][-1]}…{rows[len(rows) // 2][-1]}…{rows[-1][-1]}"
        return summary(_rows(value))
    return str(value)


def _line(name: str, parts: Iterable[Any], between: str = " | ") -> Iterator[str]:
    texts = [plain(part) for part in parts if part]
    if texts:
        yield f"{name}: {between.join(texts)}"
