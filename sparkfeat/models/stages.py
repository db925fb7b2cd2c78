"""The last stages of a trained pipeline: from the scores of MLlib's models to a decision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pyspark.ml import Transformer
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
from pyspark.sql import Column, DataFrame, functions

PROBABILITY = "probability"
PREDICTION = "prediction"
PREDICTED_LABEL = "predicted_label"
SCORE = "score"
CERTAIN = 1e-6
"""Probabilities are kept this far from 0 and 1 before their logarithm is taken."""

Source = tuple[str, int]
"""A column of vectors and the position in it; -1: a column of numbers."""


def read(source: Source) -> Column:
    """Return the number that a source names."""
    name, position = source
    column = functions.col(name)
    return column if position < 0 else vector_to_array(column).getItem(position)


def log_odds(probability: Column) -> Column:
    """Return the logarithm of the odds, within those of one in a million."""
    inside = functions.least(
        functions.greatest(probability, functions.lit(CERTAIN)), functions.lit(1 - CERTAIN)
    )
    return functions.log(inside / (1 - inside))


class Stage(Transformer, DefaultParamsReadable[Any], DefaultParamsWritable):
    """A Transformer whose state is one JSON text, so that it saves and loads with the pipeline."""

    state = Param(Params._dummy(), "state", "what was learned, as JSON", TypeConverters.toString)

    def _put(self, **state: object) -> None:
        self._set(state=json.dumps(state))

    def _got(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.getOrDefault(self.state))
        return found


class SigmoidCalibration(Stage):
    """Turn scores into probabilities by logistic curves (Platt): one for each class.

    Args:
        sources: where the score of each class is.
        outputs: columns of the probabilities.
        curves: slope and offset for each class.
        of_probabilities: whether scores are probabilities; their log-odds are taken then.
    """

    def __init__(
        self,
        sources: Sequence[Source] = (),
        outputs: Sequence[str] = (),
        curves: Sequence[tuple[float, float]] = (),
        *,
        of_probabilities: bool = True,
    ) -> None:
        super().__init__()
        self._put(sources=sources, outputs=outputs, curves=curves, of_probabilities=of_probabilities)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        state = self._got()
        columns = {}
        for source, output, (slope, offset) in zip(
            state["sources"], state["outputs"], state["curves"], strict=True
        ):
            score = log_odds(read(source)) if state["of_probabilities"] else read(source)
            columns[output] = 1 / (1 + functions.exp(-(score * slope + offset)))
        return dataset.withColumns(columns)


class ClassDecision(Stage):
    """Write `probability`, `prediction`, `predicted_label`, and `score` where there are two classes.

    Args:
        sources: where the probability of each class is; for two classes only that of the second.
        classes: the labels by index, the positive one last of two.
        label_type: Spark's type of the label column.
        threshold: two classes: from which score on the second one is predicted.
        drop: columns of earlier stages that nobody needs any more.
    """

    def __init__(
        self,
        sources: Sequence[Source] = (),
        classes: Sequence[object] = (),
        label_type: str = "string",
        threshold: float = 0.5,
        drop: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._put(sources=sources, classes=classes, label_type=label_type, threshold=threshold, drop=drop)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        state = self._got()
        probabilities = [read(source) for source in state["sources"]]
        if len(probabilities) == 1:
            found = self._of_two(probabilities[0], state["threshold"])
        else:
            found = self._of_several(probabilities)
        labels = functions.array(
            *(functions.lit(label).cast(state["label_type"]) for label in state["classes"])
        )
        decided = dataset.withColumns(found)
        label = functions.element_at(labels, functions.col(PREDICTION).cast("int") + 1)
        return decided.withColumn(PREDICTED_LABEL, label).drop(*state["drop"])

    @staticmethod
    def _of_two(score: Column, threshold: float) -> dict[str, Column]:
        return {
            SCORE: score,
            PROBABILITY: array_to_vector(functions.array(1 - score, score)),
            PREDICTION: (score >= functions.lit(threshold)).cast("double"),
        }

    @staticmethod
    def _of_several(probabilities: Sequence[Column]) -> dict[str, Column]:
        """Return probabilities that add up to 1, and the first class of the highest."""
        total = sum(probabilities[1:], probabilities[0])
        even = functions.lit(1 / len(probabilities))
        shares = functions.array(
            *(functions.when(total > 0, one / total).otherwise(even) for one in probabilities)
        )
        best = functions.call_function("array_position", shares, functions.array_max(shares)) - 1
        return {PROBABILITY: array_to_vector(shares), PREDICTION: best.cast("double")}


class FilledPrediction(Stage):
    """Put the mean of the training rows where a recommender knows nothing of the user or the item.

    Args:
        mean: mean label of the training rows.
        drop: columns of earlier stages that nobody needs any more.
    """

    def __init__(self, mean: float = 0.0, drop: Sequence[str] = ()) -> None:
        super().__init__()
        self._put(mean=mean, drop=drop)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        state = self._got()
        found = functions.nanvl(functions.col(PREDICTION).cast("double"), functions.lit(state["mean"]))
        return dataset.withColumn(PREDICTION, found).drop(*state["drop"])
