"""A new model beside the champion, on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from sparkfeat.errors import SchemaError, UnsupportedError
from sparkfeat.models.evaluation import EvaluationConfig
from sparkfeat.models.names import quoted
from sparkfeat.models.settings import Label
from sparkfeat.models.training import TrainedModel
from sparkfeat.pipelines.judge_model import JUDGED, row_key

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MOST_ROWS = 10_000
"""Rows that are compared on: with more the interval would be narrower, and the driver fuller."""

Floats = npt.NDArray[np.float64]
Measure = Callable[[pd.DataFrame, str, Floats], float]
"""Rows, the prefix of a model's columns, weights -> the metric."""


class Judged(Protocol):
    """What is read of a model to compare its predictions; a `TrainedModel` is one."""

    @property
    def problem(self) -> str:
        """What it predicts."""
        ...

    @property
    def metric(self) -> str:
        """What it is compared by."""
        ...

    @property
    def classes(self) -> tuple[Label, ...]:
        """The label's values, in the order of probabilities."""
        ...

    @property
    def positive(self) -> Label | None:
        """The class that scores are the probability of."""
        ...


@dataclass(frozen=True)
class Comparison:
    """A metric of two models on the same rows, and by how much the new one is better.

    Attributes:
        gain: how much better the challenger is, in the direction in which the metric improves.
        low, high: an interval for the gain, from a paired bootstrap of the rows.
    """

    metric: str
    rows: int
    challenger: float
    champion: float
    gain: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """Whether the challenger is better, and not by chance alone."""
        return self.low > 0

    def __str__(self) -> str:
        return (
            f"{self.metric} {self.challenger:.4f}, the champion's {self.champion:.4f}: "
            f"gain {self.gain:+.4f} ({self.low:+.4f} to {self.high:+.4f}) on {self.rows:,} test rows"
        )


def compared(
    challenger: TrainedModel, champion: TrainedModel, rows: DataFrame, config: EvaluationConfig
) -> Comparison:
    """Compare two models by the challenger's metric on rows with labels.

    Both score the same rows, at most 10,000 that a hash of their key chooses. The interval is that of the
    difference, so that rows which are hard for both widen it for neither.

    Args:
        challenger, champion: trained for the same problem and the same classes.
        rows: that the challenger did not learn from.
        config: replicates, confidence and seed of the bootstrap.

    Raises:
        SchemaError: the rows lack a column that the champion reads.
        UnsupportedError: the models cannot be compared.
    """
    _check_same(challenger, champion)
    missing = [name for name in champion.roles.features if name not in rows.columns]
    if missing:
        raise SchemaError(
            f"The matrix lacks {len(missing)} features of the champion",
            where=", ".join(missing[:3]),
            hint="Compute them too, or promote by hand: `promote: always`",
        )
    return compare_scores(challenger, _scored(challenger, champion, rows), config)


def compare_scores(challenger: Judged, both: pd.DataFrame, config: EvaluationConfig) -> Comparison:
    """Compare what two models gave for the same rows.

    Args:
        challenger: says which problem, classes and metric it is.
        both: `truth`, and what each model predicted: `new_prediction`, `old_prediction`, and for classes
            `new_probability`, `new_score` and so on.
        config: replicates, confidence and seed of the bootstrap.

    Raises:
        UnsupportedError: models are not compared by that metric.
    """
    measure, sign = _measure(challenger)
    ones = np.ones(len(both))
    new, old = measure(both, "new_", ones), measure(both, "old_", ones)
    gains = _gains(both, measure, sign, config)
    low, high = np.quantile(gains, [(1 - config.confidence) / 2, (1 + config.confidence) / 2])
    return Comparison(challenger.metric, len(both), new, old, sign * (new - old), float(low), float(high))


def _check_same(challenger: TrainedModel, champion: TrainedModel) -> None:
    if challenger.problem not in JUDGED:
        raise UnsupportedError(f"Models of a {challenger.problem} problem are not compared")
    same = (challenger.problem, challenger.classes) == (champion.problem, champion.classes)
    if not same:
        raise UnsupportedError(
            "The champion predicts something else",
            why=f"Its problem is {champion.problem} with classes {list(champion.classes)}, here it is "
            f"{challenger.problem} with {list(challenger.classes)}",
            hint="Register the model under another name",
        )


def _scored(challenger: TrainedModel, champion: TrainedModel, rows: DataFrame) -> pd.DataFrame:
    """Return labels and both models' scores of the chosen rows."""
    from pyspark.sql import functions as fn

    key = row_key(challenger.roles) or [*challenger.roles.features]
    hashed = fn.xxhash64(*(quoted(name) for name in key))
    chosen = rows.withColumn("__key", hashed).orderBy("__key").limit(MOST_ROWS).persist()
    try:
        label = quoted(str(challenger.roles.label)).alias("truth")
        new = challenger.predict(chosen).select("__key", label, *_columns(challenger, "new_"))
        old = champion.predict(chosen).select("__key", *_columns(champion, "old_"))
        return new.join(old, "__key").orderBy("__key").toPandas()
    finally:
        chosen.unpersist()


def _columns(model: TrainedModel, prefix: str) -> list[Any]:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as fn

    if model.problem == "regression":
        return [fn.col("prediction").alias(f"{prefix}prediction")]
    probabilities = vector_to_array(fn.col("probability")).alias(f"{prefix}probability")
    scores = [fn.col("score").alias(f"{prefix}score")] if model.problem == "binary" else []
    return [fn.col("predicted_label").alias(f"{prefix}prediction"), probabilities, *scores]


def _gains(both: pd.DataFrame, measure: Measure, sign: int, config: EvaluationConfig) -> Floats:
    """Return the gain in samples of the rows; every sample weighs both models' rows alike."""
    rng = np.random.default_rng(config.seed)
    gains = []
    for _ in range(max(config.replicates, 1)):
        weights = rng.poisson(1.0, len(both)).astype(float)
        gains.append(sign * (measure(both, "new_", weights) - measure(both, "old_", weights)))
    return np.asarray(gains)


def _measure(model: Judged) -> tuple[Measure, int]:
    """Return the challenger's metric as a function of weighted rows, and 1 if more of it is better."""
    from sklearn import metrics

    positive = model.positive

    def of_scores(score: Callable[..., float]) -> Measure:
        return lambda rows, prefix, weights: float(
            score(rows["truth"] == positive, rows[f"{prefix}score"], sample_weight=weights)
        )

    def of_predictions(score: Callable[..., float], **more: Any) -> Measure:
        return lambda rows, prefix, weights: float(
            score(rows["truth"], rows[f"{prefix}prediction"], sample_weight=weights, **more)
        )

    def log_loss(rows: pd.DataFrame, prefix: str, weights: Floats) -> float:
        places = {label: place for place, label in enumerate(model.classes)}
        truth = rows["truth"].map(places).to_numpy()
        chances = np.stack(rows[f"{prefix}probability"].tolist())[np.arange(len(rows)), truth]
        return float(np.average(-np.log(np.clip(chances, 1e-15, 1.0)), weights=weights))

    f1 = {"average": "macro"} if positive is None else {"pos_label": positive}
    known: dict[str, tuple[Measure, int]] = {
        "roc_auc": (of_scores(metrics.roc_auc_score), 1),
        "average_precision": (of_scores(metrics.average_precision_score), 1),
        "log_loss": (log_loss, -1),
        "f1": (of_predictions(metrics.f1_score, **f1), 1),
        "accuracy": (of_predictions(metrics.accuracy_score), 1),
        "rmse": (of_predictions(metrics.root_mean_squared_error), -1),
        "mae": (of_predictions(metrics.mean_absolute_error), -1),
        "r2": (of_predictions(metrics.r2_score), 1),
    }
    if model.metric not in known:
        raise UnsupportedError(f"Models are not compared by {model.metric}")
    return known[model.metric]
