"""The interactive figure in the middle of every page."""

from landscapes.views.stage import shared_view
from landscapes.views.stage.component import StageResult, stage

__all__ = ["StageResult", "shared_view", "stage"]
