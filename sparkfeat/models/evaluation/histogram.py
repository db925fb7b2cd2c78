"""Scores counted in Spark: each distinct one where there are few, else in bins of equal shares of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.evaluation.points import Points
from sparkfeat.models.evaluation.results import MOST_POINTS

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

TINY = 2.220446049250313e-16
"""Scores are kept this far from 0 and 1 in the log loss: the spacing of doubles at 1, as in scikit-learn."""
GROUP, SCORE, POSITIVE, ABOVE = "group", "score", "positive", "above"
_STEP = 1e-4
_BIN = "bin"


def count_scores(
    scored: DataFrame, threshold: float = 0.5, most: int = MOST_POINTS, groups: int = 1
) -> dict[object, Points]:
    """Return the counted scores of each group of rows.

    Args:
        scored: columns `group`, `score` (0 to 1, no nulls) and `positive` (boolean).
        threshold: the score from which a row counts as positive; no bin holds scores on both sides of it.
        most: points of all groups together.
        groups: how many groups there are.

    Scores are binned where there are more distinct ones than `most`: first by their log odds in steps of
    0.0001, then neighbours together until each bin holds its share of the rows.
    """
    from pyspark.sql import functions as fn

    rows = scored.withColumn(ABOVE, fn.col(SCORE) >= threshold)
    counted = rows.groupBy(GROUP, SCORE, ABOVE).agg(*_sums()).limit(most + 1).collect()
    exact = len(counted) <= most
    if not exact:
        counted = _binned(rows, max(1, most // groups - 1)).collect()
    return _by_group(counted, exact)


def _sums() -> list[Column]:
    from pyspark.sql import functions as fn

    score, positive = fn.col(SCORE), fn.col(POSITIVE)
    inside = fn.least(fn.greatest(score, fn.lit(TINY)), fn.lit(1 - TINY))

    def total(kept: Column, value: Column) -> Column:
        return fn.sum(fn.when(kept, value).otherwise(fn.lit(0.0)))

    return [
        fn.sum(score).alias("scores"),
        total(positive, fn.lit(1.0)).alias("ones"),
        total(~positive, fn.lit(1.0)).alias("zeros"),
        total(positive, -fn.log(inside)).alias("ones_loss"),
        total(~positive, -fn.log1p(-inside)).alias("zeros_loss"),
        total(positive, (1 - score) * (1 - score)).alias("ones_square"),
        total(~positive, score * score).alias("zeros_square"),
    ]


def _binned(rows: DataFrame, bins: int) -> DataFrame:
    """Return the sums of bins, each of one group and on one side of the threshold."""
    from pyspark.sql import Window
    from pyspark.sql import functions as fn

    inside = fn.least(fn.greatest(fn.col(SCORE), fn.lit(TINY)), fn.lit(1 - TINY))
    odds = fn.round((fn.log(inside) - fn.log1p(-inside)) / _STEP)
    fine = rows.withColumn(_BIN, odds).groupBy(GROUP, _BIN, ABOVE).agg(*_sums())
    size = fn.col("ones") + fn.col("zeros")
    ordered = Window.partitionBy(GROUP).orderBy(_BIN, ABOVE)
    before = fn.sum(size).over(ordered.rowsBetween(Window.unboundedPreceding, -1))
    share = fn.coalesce(before, fn.lit(0.0)) / fn.sum(size).over(Window.partitionBy(GROUP))
    coarse = fine.withColumn("coarse", fn.floor(share * bins))
    names = ("scores", "ones", "zeros", "ones_loss", "zeros_loss", "ones_square", "zeros_square")
    return coarse.groupBy(GROUP, "coarse", ABOVE).agg(*(fn.sum(name).alias(name) for name in names))


def _by_group(counted: list[Row], exact: bool) -> dict[object, Points]:
    groups: dict[object, list[Row]] = {}
    for row in counted:
        groups.setdefault(row[GROUP], []).append(row)
    return {group: _points(rows, exact) for group, rows in groups.items()}


def _points(rows: list[Row], exact: bool) -> Points:
    names = ("scores", "ones", "zeros", "ones_loss", "zeros_loss", "ones_square", "zeros_square")
    found = {name: np.array([row[name] for row in rows], dtype=float) for name in names}
    score = found["scores"] / (found["ones"] + found["zeros"])
    order = np.argsort(-score, kind="stable")
    ones, zeros = np.maximum(found["ones"], 1), np.maximum(found["zeros"], 1)
    return Points(
        score[order],
        found["ones"][order],
        found["zeros"][order],
        (found["ones_loss"] / ones)[order],
        (found["zeros_loss"] / zeros)[order],
        (found["ones_square"] / ones)[order],
        (found["zeros_square"] / zeros)[order],
        np.array([bool(row[ABOVE]) for row in rows], dtype=bool)[order],
        exact,
    )
