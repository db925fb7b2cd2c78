"""What an evaluation found: plain data of bounded size, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Problem = Literal["binary", "multiclass", "regression"]
MOST_POINTS = 10_000
"""What comes to the driver of one evaluation, in rows, whatever the size of the data."""


@dataclass(frozen=True)
class Metric:
    """A value and its bootstrap interval; no bounds where none was asked for, or none can be given."""

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.4g}"
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"


@dataclass(frozen=True)
class Curve:
    """A line to draw, thinned to a thousand points; `threshold` is the score at each, where there is one."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    threshold: tuple[float, ...] = ()


@dataclass(frozen=True)
class Confusion:
    """Rows by what they are and what they were taken for: `counts[i][j]` of label i were predicted j."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Decile:
    """A tenth of the rows by score, the first with the highest; rows of equal score are shared out evenly.

    `lift` is its share of positives over that of all rows, `gain` the part of all positives up to here.
    """

    number: int
    rows: float
    positives: float
    lift: float
    gain: float


@dataclass(frozen=True)
class Calibrated:
    """A group of rows of similar score (or prediction): how they were scored and how they turned out."""

    rows: float
    predicted: float
    observed: float


@dataclass(frozen=True)
class Residuals:
    """Truth minus prediction of rows of similar prediction; the quantiles are approximate (Spark's)."""

    rows: int
    predicted: float
    mean: float
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Slice:
    """The metrics of the rows with one value of a column."""

    column: str
    value: str
    rows: int
    metrics: Mapping[str, Metric]


@dataclass(frozen=True)
class Evaluation:
    """How good predictions are.

    Attributes:
        problem: 'binary', 'multiclass' or 'regression'.
        rows: how many were judged.
        metrics: by name; see docs/evaluation.md.
        curves: 'roc', 'precision_recall', 'cost' of binary problems; 'roc <class>' of multiclass ones.
        confusion: at the chosen threshold; None for regression.
        deciles, calibration: of binary problems.
        residuals: of regressions.
        slices: metrics by column and value.
        classes: labels in the order of the model, the positive one last for binary problems.
        threshold: the score from which a row counts as positive.
        exact: whether each distinct score was counted on its own; else equal shares of rows were.
        resolution: how far binning can have moved `roc_auc` at most; 0 where exact.
        notes: what a reader should know.
    """

    problem: Problem
    rows: int
    metrics: Mapping[str, Metric]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    confusion: Confusion | None = None
    deciles: tuple[Decile, ...] = ()
    calibration: tuple[Calibrated, ...] = ()
    residuals: tuple[Residuals, ...] = ()
    slices: tuple[Slice, ...] = ()
    classes: tuple[str, ...] = ()
    threshold: float | None = None
    exact: bool = True
    resolution: float = 0.0
    notes: tuple[str, ...] = ()

    def values(self) -> dict[str, float]:
        """Return the metrics as numbers."""
        return {name: metric.value for name, metric in self.metrics.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data for JSON."""
        return asdict(self)
