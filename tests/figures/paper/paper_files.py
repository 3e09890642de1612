"""Reading of paper figures: pages, fonts and images of a PDF, and elements of an SVG."""

import io
import xml.etree.ElementTree as ElementTree
from typing import Any

from pypdf import PdfReader

SPACE = "{http://www.w3.org/2000/svg}"
MM_PER_POINT = 25.4 / 72


def pdf_page(data: bytes) -> Any:
    (page,) = PdfReader(io.BytesIO(data)).pages
    return page


def pdf_metadata(data: bytes) -> dict[str, str]:
    result: Any = PdfReader(io.BytesIO(data)).metadata
    return {name: str(value) for name, value in result.items()}


def size_mm(data: bytes) -> tuple[float, float]:
    box = pdf_page(data).mediabox
    return float(box.width) * MM_PER_POINT, float(box.height) * MM_PER_POINT


def embedded_fonts(data: bytes) -> dict[str, bool]:
    """The fonts of a page by name, and whether each lies in the file as TrueType."""
    result = {}
    for font in pdf_page(data)["/Resources"]["/Font"].values():
        outer = font.get_object()
        inner = outer["/DescendantFonts"][0].get_object() if "/DescendantFonts" in outer else outer
        result[str(outer["/BaseFont"])] = "/FontFile2" in inner["/FontDescriptor"].get_object()
    return result


def count_images(data: bytes) -> int:
    resources = pdf_page(data)["/Resources"].get("/XObject", {})
    return sum(each.get_object()["/Subtype"] == "/Image" for each in resources.values())


def drawing_operators(data: bytes) -> dict[str, int]:
    """How often each operator of PDF occurs on the page."""
    counts: dict[str, int] = {}
    for _, operator in pdf_page(data).get_contents().operations:
        name = operator.decode()
        counts[name] = counts.get(name, 0) + 1
    return counts


def svg_elements(data: bytes, name: str) -> list[Any]:
    return list(ElementTree.fromstring(data).iter(f"{SPACE}{name}"))


def svg_texts(data: bytes) -> list[str]:
    return ["".join(text.itertext()) for text in svg_elements(data, "text")]
