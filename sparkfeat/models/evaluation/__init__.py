"""How good a model is: metrics, importances, baselines beside it, pictures, a report."""

from sparkfeat.models.evaluation.baselines import Baseline, baselines
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.evaluate import evaluate
from sparkfeat.models.evaluation.importances import Importance, model_importances
from sparkfeat.models.evaluation.permutation import permutation_importances
from sparkfeat.models.evaluation.report import LearningCurve, Part, Story, report
from sparkfeat.models.evaluation.results import Evaluation, Metric

__all__ = [
    "Baseline",
    "Evaluation",
    "EvaluationConfig",
    "Importance",
    "LearningCurve",
    "Metric",
    "Part",
    "Story",
    "baselines",
    "evaluate",
    "model_importances",
    "permutation_importances",
    "report",
]
