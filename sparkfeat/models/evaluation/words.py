"""What the metrics are called and mean."""

from __future__ import annotations

TITLES = {
    "roc_auc": "AUC",
    "average_precision": "Average precision",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "ks": "KS",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "accuracy": "Accuracy",
    "lift_top_decile": "Lift, first decile",
    "calibration_error": "Calibration error",
    "f1_macro": "F1, mean of classes",
    "f1_weighted": "F1, by rows",
    "precision_macro": "Precision, mean of classes",
    "precision_weighted": "Precision, by rows",
    "recall_macro": "Recall, mean of classes",
    "recall_weighted": "Recall, by rows",
    "roc_auc_ovr_macro": "AUC, mean of classes",
    "roc_auc_ovr_weighted": "AUC, by rows",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "median_ae": "Median error",
    "mape": "MAPE",
}
IN_WORDS = {
    "roc_auc": "chance that a positive row scores above a negative one; 0.5 is guessing",
    "average_precision": "area under the precision-recall curve; guessing gives the share of positives",
    "log_loss": "how surprising the labels are to the scores; lower is better",
    "brier": "mean squared gap between score and label; lower is better",
    "ks": "largest gap between the score distributions of the two classes",
    "f1": "harmonic mean of precision and recall, at the threshold",
    "precision": "share of those predicted positive that are, at the threshold",
    "recall": "share of the positives that are found, at the threshold",
    "accuracy": "share of rows that are right",
    "lift_top_decile": "positives among the tenth with the highest scores, times the average",
    "calibration_error": "mean gap between score and outcome of rows of similar score",
    "rmse": "root of the mean squared error, in units of the label",
    "mae": "mean error, in units of the label",
    "r2": "share of the label's variance that is explained; 0 is the mean, below 0 worse",
    "median_ae": "half of the rows are closer than this, in units of the label",
    "mape": "mean error as a share of the true value",
}
_LOWER = frozenset({"log_loss", "brier", "calibration_error", "rmse", "mae", "median_ae", "mape"})


def better(metric: str) -> int:
    """Return 1 where more of a metric is better, -1 where less is."""
    return -1 if metric in _LOWER else 1
