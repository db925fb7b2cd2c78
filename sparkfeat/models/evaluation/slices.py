"""Metrics of the rows with each value of a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sparkfeat.models.evaluation.binary import metrics_of
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.histogram import GROUP, count_scores
from sparkfeat.models.evaluation.results import Evaluation, Slice
from sparkfeat.models.names import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MISSING = "(missing)"


def binary_slices(
    scored: DataFrame, column: str, threshold: float, config: EvaluationConfig
) -> tuple[Slice, ...]:
    """Return the metrics of the most frequent values of `column`, all counted in one pass.

    Args:
        scored: columns `score`, `positive` and `column` as text.
        column: whose values.
        threshold: as for all rows.
        config: intervals, and how many values.
    """
    values = _values(scored, column, config)
    kept = scored.where(quoted(column).isin(values)).withColumn(GROUP, quoted(column))
    found = count_scores(kept.select(GROUP, "score", "positive"), threshold, groups=len(values))
    return tuple(
        Slice(column, value, found[value].rows, metrics_of(found[value], config))
        for value in values
        if value in found
    )


def other_slices(
    scored: DataFrame, column: str, measure: Callable[[DataFrame], Evaluation], config: EvaluationConfig
) -> tuple[Slice, ...]:
    """Return the metrics of the most frequent values of `column`, measured one by one."""
    found = []
    for value in _values(scored, column, config):
        judged = measure(scored.where(quoted(column) == value))
        found.append(Slice(column, value, judged.rows, judged.metrics))
    return tuple(found)


def _values(scored: DataFrame, column: str, config: EvaluationConfig) -> list[str]:
    from pyspark.sql import functions as fn

    counted = scored.groupBy(quoted(column).alias("value")).count()
    ordered = counted.orderBy(fn.desc("count"), "value").limit(config.max_slices)
    return [row["value"] for row in ordered.collect()]
