"""Pictures of an evaluation, as PNG files."""

from sparkfeat.models.evaluation.plots.draw import draw_evaluation, draw_importances, draw_learning_curve

__all__ = ["draw_evaluation", "draw_importances", "draw_learning_curve"]
