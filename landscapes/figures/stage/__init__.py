"""The stage as script and style sheet: one way to turn, zoom and play a figure, in the app and in exports."""

from pathlib import Path

HERE = Path(__file__).parent
# One module without imports, so that the browser needs no build; several files, so that each is short.
PARTS = ("click", "frame", "camera", "layout", "look", "play", "mix")
SCRIPT = "\n".join((HERE / name).read_text("utf-8") for name in ("stage.js", *(f"stage_{p}.js" for p in PARTS)))
STYLE = (HERE / "stage.css").read_text("utf-8")
HTML = '<div class="stage"></div>'
