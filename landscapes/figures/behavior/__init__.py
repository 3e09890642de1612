"""The script and the style sheet that draw what the model does, beside a stage and at its step."""

from pathlib import Path

HERE = Path(__file__).parent
# The files are joined into one module without imports, so that no build step is needed.
PARTS = ("canvas", "predictions", "generation", "tokens", "actions", "solutions")
SCRIPT = "\n".join(
    (HERE / name).read_text("utf-8") for name in ("behavior.js", *(f"behavior_{p}.js" for p in PARTS))
)
STYLE = (HERE / "behavior.css").read_text("utf-8")
HTML = '<section class="behavior" aria-label="What the model does"></section>'
