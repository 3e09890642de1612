"""The interactive figure in the middle of every page."""

from landscapes.views.stage.component import StageResult, stage

__all__ = ["StageResult", "stage"]
