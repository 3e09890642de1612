"""The script and the style sheet that turn, zoom and play a figure in the app, exported pages and notebooks."""

from pathlib import Path

HERE = Path(__file__).parent
# The files are joined into one module without imports, so that no build step is needed.
PARTS = (
    *("click", "frame", "camera", "turning", "sketch", "sketch_flat", "titles", "layout", "panels", "labels"),
    *("look", "play", "redraw", "mix", "step", "rule", "laser", "share", "slice"),
)
SCRIPT = "\n".join((HERE / name).read_text("utf-8") for name in ("stage.js", *(f"stage_{p}.js" for p in PARTS)))
STYLE = (HERE / "stage.css").read_text("utf-8")
HTML = '<div class="stage"></div>'
# The widget is the same stage behind another entrance.
ENTRANCE = "export default function showStage"
WIDGET_SCRIPT = SCRIPT.replace(ENTRANCE, "function showStage") + (HERE / "stage_widget.js").read_text("utf-8")
WIDGET_STYLE = STYLE + (HERE / "stage_widget.css").read_text("utf-8")
