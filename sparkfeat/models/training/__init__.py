"""From a table and its roles to a trained model."""

from sparkfeat.models.search import FoldScore
from sparkfeat.models.settings import ModelConfig
from sparkfeat.models.training.config import TrainingConfig
from sparkfeat.models.training.model import LearningPoint, PartSummary, TrainedModel
from sparkfeat.models.training.plan import check_models
from sparkfeat.models.training.progress import Progress
from sparkfeat.models.training.train import train

__all__ = [
    "FoldScore",
    "LearningPoint",
    "ModelConfig",
    "PartSummary",
    "Progress",
    "TrainedModel",
    "TrainingConfig",
    "check_models",
    "train",
]
