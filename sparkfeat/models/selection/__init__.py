"""Which features are worth computing at full size."""

from sparkfeat.models.selection.config import SelectionConfig
from sparkfeat.models.selection.cost import Costs
from sparkfeat.models.selection.long import MOST_CLASSES
from sparkfeat.models.selection.results import Decision, Measured, Selection
from sparkfeat.models.selection.select import Origins, find_suspicious, select

__all__ = [
    "MOST_CLASSES",
    "Costs",
    "Decision",
    "Measured",
    "Origins",
    "Selection",
    "SelectionConfig",
    "find_suspicious",
    "select",
]
