"""The columns of published predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sparkfeat.pipelines.label_table import TIME

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def predicted_columns(columns: Sequence[str]) -> Iterator[Column]:
    """Yield the columns of predictions: classes with their probabilities, else numbers."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as fn

    if "predicted_label" not in columns:
        yield fn.col("prediction")
        return
    yield fn.col("predicted_label")
    if "score" in columns:
        yield fn.col("score")
    yield vector_to_array(fn.col("probability")).alias("probabilities")


def first_and_last_time(written: DataFrame) -> tuple[str | None, str | None]:
    """Return the earliest and the latest cutoff time, None where rows have none."""
    from pyspark.sql import functions as fn

    if TIME not in written.columns:
        return None, None
    found = written.agg(*(f(TIME).cast("string") for f in (fn.min, fn.max))).collect()[0]
    return found[0], found[1]
