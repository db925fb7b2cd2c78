"""Scores of two classes, counted: all that calibration and the choice of a threshold need of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame, Row

POINTS = 10_000
"""No more distinct scores than this come to the driver; more are counted in as many equal intervals."""


@dataclass(frozen=True, eq=False)
class ScoreCounts:
    """How many rows of each class have each score; scores ascend.

    Args:
        scores: the distinct scores, or the lowest score of each interval.
        positives, negatives: rows of either class with the score.
        exact: whether each distinct score is counted by itself.
    """

    scores: NDArray[np.float64]
    positives: NDArray[np.float64]
    negatives: NDArray[np.float64]
    exact: bool = True


def count_scores(rows: DataFrame, score: Column, positive: Column, points: int = POINTS) -> ScoreCounts:
    """Return the counts of scores.

    Args:
        score: a number for each row.
        positive: whether the row is of the positive class.
        points: at most so many scores; where there are more, intervals of equal width are counted.

    Raises:
        DataError: there are no rows, or a score is null or no finite number.
    """
    from pyspark.sql import functions

    scored = rows.select(score.cast("double").alias("score"), positive.cast("int").alias("positive"))
    found = _counted(scored, functions.col("score")).limit(points + 1).collect()
    exact = len(found) <= points
    if not exact:
        found = _counted(scored, _interval(scored, points)).collect()
    counts = _in_order(found, exact)
    if not len(counts.scores) or not np.isfinite(counts.scores).all():
        what = "no number for some rows" if len(counts.scores) else "no rows to score"
        hint = "Look for features without a finite value, and at the sizes of the parts"
        raise DataError(f"The model gives {what}", where="the validation rows", hint=hint)
    return counts


def _interval(scored: DataFrame, points: int) -> Column:
    """Return the number of each score's interval; that of its log-odds where scores are probabilities."""
    from pyspark.sql import functions

    from sparkfeat.models.stages import log_odds

    score = functions.col("score")
    low, high = scored.agg(functions.min(score), functions.max(score)).collect()[0]
    if low >= 0 and high <= 1:  # most probabilities may be near 0
        score = log_odds(score)
        low, high = scored.agg(functions.min(score), functions.max(score)).collect()[0]
    width = (high - low) / (points - 1) or 1.0
    return functions.floor((score - functions.lit(low)) / functions.lit(width))


def _counted(scored: DataFrame, place: Column) -> DataFrame:
    from pyspark.sql import functions

    rows, lowest = functions.count(functions.lit(1)), functions.min("score")
    return scored.groupBy(place.alias("place")).agg(
        lowest.alias("score"), functions.sum("positive").alias("positives"), rows.alias("rows")
    )


def _in_order(found: Sequence[Row], exact: bool) -> ScoreCounts:
    values = [
        (np.nan if one["score"] is None else one["score"], one["positives"], one["rows"]) for one in found
    ]
    table = np.array(sorted(values), dtype=np.float64).reshape(-1, 3)
    return ScoreCounts(table[:, 0], table[:, 1], table[:, 2] - table[:, 1], exact)
