"""Which pictures an evaluation has, and their files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sparkfeat.models.evaluation.importances import Importance
from sparkfeat.models.evaluation.plots import bars, lines
from sparkfeat.models.evaluation.plots.style import write
from sparkfeat.models.evaluation.results import Evaluation

_OF_TWO_CLASSES: dict[str, Callable[[Evaluation], Figure]] = {
    "roc": lines.roc,
    "precision_recall": lines.precision_recall,
    "calibration": lines.calibration,
    "lift": bars.lift,
    "threshold_cost": lines.cost,
}
_OF: dict[str, dict[str, Callable[[Evaluation], Figure]]] = {
    "binary": _OF_TWO_CLASSES,
    "multiclass": {"roc": lines.roc},
    "regression": {"residuals": bars.residuals},
}


def draw_evaluation(found: Evaluation, folder: Path) -> dict[str, Path]:
    """Draw the pictures of an evaluation into a folder that exists; returns name -> PNG file.

    Raises:
        StorageError: a file cannot be written.
    """
    files = {name: write(draw(found), folder / f"{name}.png") for name, draw in _OF[found.problem].items()}
    if found.confusion is not None:
        files["confusion"] = write(bars.confusion(found.confusion), folder / "confusion.png")
    return files


def draw_importances(found: Sequence[Importance], title: str, subtitle: str, file: Path) -> Path:
    """Draw importances as bars into a PNG file; the most important 25."""
    return write(bars.importances(found, title, subtitle), file)


def draw_learning_curve(
    shares: Sequence[float], train: Sequence[float], validation: Sequence[float], metric: str, file: Path
) -> Path:
    """Draw a metric by the share of the rows learned from into a PNG file."""
    return write(lines.learning(shares, train, validation, metric), file)
