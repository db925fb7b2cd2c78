"""Rows to learn from, to choose by and to judge by: by time, by group or at random, always the same."""

from sparkfeat.models.splits.config import SplitConfig
from sparkfeat.models.splits.folds import Fold, folds
from sparkfeat.models.splits.parts import Split, split

__all__ = ["Fold", "Split", "SplitConfig", "folds", "split"]
