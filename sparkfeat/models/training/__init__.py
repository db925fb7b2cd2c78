"""From a table and its roles to a trained model."""

from sparkfeat.models.training.config import TrainingConfig
from sparkfeat.models.training.model import FoldScore, PartSummary, TrainedModel
from sparkfeat.models.training.train import Progress, train

__all__ = ["FoldScore", "PartSummary", "Progress", "TrainedModel", "TrainingConfig", "train"]
