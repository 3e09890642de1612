"""A snippet of HTML with the stage: one <div> to paste into a web page or to show in a notebook."""

from __future__ import annotations

import gzip
import html
from base64 import b64encode
from collections.abc import Mapping
from functools import cache

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from landscapes.figures.palette import page_color, theme_of
from landscapes.figures.stage.page import Panel, details_html, stage_page

HEIGHT_PX = 560  # of the picture in a page
BYTES_PER_MB = 1e6
COMPRESSION_LEVEL = 6  # level 9 takes three times as long for 1 % less
# Where the page gets plotly.js once both are unpacked; its texts have no "<" before it.
PLACE = "/* plotly.js */"
# The page lies in a frame of its own, so that no style, script or name of one page reaches the other, whatever the
# page is and however often the snippet is in it. The script finds its frame by its own place and needs no names.
SNIPPET = """<div class="landscapes">
<!-- {title}. {size} MB with plotly.js; it loads and uploads nothing. -->
<figure style="margin: 0">
<iframe title="{title}" style="{look}" loading="lazy"></iframe>
<figcaption style="padding: 4px 8px">{caption}</figcaption>
{details}</figure>
<script>
(async (frame, ...parts) => {{
  const unpacked = (text) => new Response(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]).stream()
    .pipeThrough(new DecompressionStream("gzip"))).text();
  const [page, plotly] = await Promise.all(parts.map(unpacked));
  frame.srcdoc = page.replace("<script>{place}", () => `<script>${{plotly}}`);
}})(document.currentScript.parentElement.querySelector("iframe"), "{page}", "{plotly}");
</script>
</div>
"""


def snippet(
    figure: go.Figure,
    *,
    title: str,
    caption: str,
    details: Mapping[str, str] | None = None,
    filename: str = "landscape",
    panel: Panel | None = None,
    height: int = HEIGHT_PX,
) -> str:
    """The figure on the stage, above its caption, as one <div>. Its comment states its size.

    It works without a network, several times in one page. The page must allow inline scripts.

    Args:
        title, caption, details, filename, panel: as in `stage_page`.
        height: of the picture in pixels, without the caption; its width is that of the page.
    """
    page = stage_page(
        figure, title=title, caption=caption, with_caption=False, filename=filename, panel=panel, plotly=PLACE
    )
    background = page_color(theme_of(figure))
    parts = {"page": b64encode(packed(page)).decode(), "plotly": b64encode(packed_plotly()).decode()}
    return SNIPPET.format(
        title=html.escape(title),
        size=f"{(sum(map(len, parts.values())) + len(SNIPPET)) / BYTES_PER_MB:.1f}",
        look=f"display: block; width: 100%; height: {height}px; border: 0; background: {background}",
        caption=html.escape(caption),
        details=details_html(details or {}),
        place=PLACE,
        **parts,
    )


def packed(text: str) -> bytes:
    """The text as gzip, which browsers unpack by `DecompressionStream`; the same bytes each time."""
    return gzip.compress(text.encode(), COMPRESSION_LEVEL, mtime=0)


@cache
def packed_plotly() -> bytes:
    """plotly.js, 4.8 MB, as gzip of 1.5 MB."""
    return packed(get_plotlyjs())
