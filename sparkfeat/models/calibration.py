"""Scores as probabilities that can be taken at their word: learned on validation rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from sparkfeat.configuration import Section
from sparkfeat.entityset.sources import spark_name
from sparkfeat.models.scores import ScoreCounts, count_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

    from sparkfeat.models.stages import Source

ROUNDS = 100
"""Newton's method needs about ten."""


class CalibrationConfig(Section):
    """Whether scores are turned into probabilities that can be taken at their word."""

    method: Literal["auto", "none", "sigmoid", "isotonic"] = Field(
        "auto", description="auto: sigmoid (Platt) where the algorithm gives no probabilities, else none"
    )


@dataclass(frozen=True)
class Scores:
    """Where the scores of the classes are.

    Args:
        sources: for each class; of two classes only the second's.
        are_probabilities: False: any number, the higher the likelier.
        temporary: columns that the decision drops.
    """

    sources: tuple[Source, ...]
    are_probabilities: bool
    temporary: tuple[str, ...] = ()


def find_method(given: str, *, probabilities: bool) -> str:
    """Return the method that `auto` stands for."""
    if given != "auto":
        return given
    return "none" if probabilities else "sigmoid"


def calibrate(rows: DataFrame, label: str, scores: Scores, method: str) -> tuple[list[Transformer], Scores]:
    """Return stages that turn scores into probabilities, and where those are.

    Args:
        rows: validation rows with the scores.
        label: the column of class indexes.
        method: none, sigmoid or isotonic.

    Raises:
        DataError: a score is no finite number.
    """
    if method == "none":
        return [], scores
    from sparkfeat.models.stages import read

    first = 1 if len(scores.sources) == 1 else 0
    counts = [
        count_scores(rows, read(source), rows[label] == float(number + first))
        for number, source in enumerate(scores.sources)
    ]
    outputs = [f"__calibrated_{number}" for number in range(len(counts))]
    make = _sigmoid if method == "sigmoid" else _isotonic
    stages = make(rows, scores, counts, outputs)
    sources = tuple((output, -1) for output in outputs)
    return stages, Scores(sources, are_probabilities=True, temporary=(*scores.temporary, *outputs))


def _sigmoid(
    _rows: DataFrame, scores: Scores, counts: Sequence[ScoreCounts], outputs: Sequence[str]
) -> list[Transformer]:
    from sparkfeat.models.stages import SigmoidCalibration

    curves = [fit_sigmoid(found, of_probabilities=scores.are_probabilities) for found in counts]
    return [SigmoidCalibration(scores.sources, outputs, curves, of_probabilities=scores.are_probabilities)]


def _isotonic(
    rows: DataFrame, scores: Scores, counts: Sequence[ScoreCounts], outputs: Sequence[str]
) -> list[Transformer]:
    """Return MLlib's isotonic models, fitted on counted scores in one partition: always the same."""
    from pyspark.ml.regression import IsotonicRegression

    stages: list[Transformer] = []
    for (name, position), found, output in zip(scores.sources, counts, outputs, strict=True):
        points = _points(rows, found, name)
        isotonic = IsotonicRegression(
            featuresCol=name,
            labelCol="rate",
            weightCol="rows",
            predictionCol=output,
            featureIndex=max(0, position),
        )
        stages.append(isotonic.fit(points))
    return stages


def fit_sigmoid(counts: ScoreCounts, *, of_probabilities: bool) -> tuple[float, float]:
    """Return slope and offset of the logistic curve of the highest likelihood, with Platt's targets.

    Source: Platt (1999), Probabilistic outputs for support vector machines; Newton's method as in Lin, Lin
    and Weng (2007). Targets are a little inside 0 and 1: perfectly separated classes have a finite curve.
    """
    scores = _log_odds(counts.scores) if of_probabilities else counts.scores
    center, spread = float(scores.mean()), float(scores.std()) or 1.0
    weights = counts.positives + counts.negatives
    high = (counts.positives.sum() + 1) / (counts.positives.sum() + 2)
    low = 1 / (counts.negatives.sum() + 2)
    targets = (counts.positives * high + counts.negatives * low) / weights
    design = np.column_stack([(scores - center) / spread, np.ones_like(scores)])
    slope, offset = _newton(design, targets, weights)
    return slope / spread, offset - slope * center / spread


def _newton(
    design: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the two coefficients that minimise the weighted cross-entropy."""
    found = np.zeros(2)
    for _ in range(ROUNDS):
        rates = 1 / (1 + np.exp(-np.clip(design @ found, -500, 500)))
        gradient = design.T @ (weights * (rates - targets))
        if np.abs(gradient).max() < 1e-9 * weights.sum():
            break
        hessian = design.T @ (design * (weights * rates * (1 - rates))[:, None])
        step = np.linalg.solve(hessian + 1e-12 * np.eye(2), gradient)
        found = _shortened(found, step, design, targets, weights)
    return float(found[0]), float(found[1])


def _shortened(
    found: NDArray[np.float64],
    step: NDArray[np.float64],
    design: NDArray[np.float64],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Take as much of a step as lowers the loss."""

    def loss(given: NDArray[np.float64]) -> float:
        margin = design @ given
        return float(weights @ (np.logaddexp(0, margin) - targets * margin))

    before, part = loss(found), 1.0
    while loss(found - part * step) > before and part > 1e-10:
        part /= 2
    return found - part * step


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    from sparkfeat.models.stages import CERTAIN

    inside = np.clip(probabilities, CERTAIN, 1 - CERTAIN)
    return np.asarray(np.log(inside / (1 - inside)))


def _points(rows: DataFrame, counts: ScoreCounts, name: str) -> DataFrame:
    """Return the share of positive rows at each score; never more than `scores.POINTS` of them."""
    weights = counts.positives + counts.negatives
    found = zip(counts.scores.tolist(), (counts.positives / weights).tolist(), weights.tolist(), strict=True)
    return rows.sparkSession.createDataFrame(
        list(found), f"{spark_name(name)} double, rate double, rows double"
    ).coalesce(1)
