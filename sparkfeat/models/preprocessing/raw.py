"""The first step of a pipeline: working columns that later steps change; the table's own stay as they are."""

from __future__ import annotations

from pyspark.ml import Transformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.types import DateType, TimestampNTZType, TimestampType

from sparkfeat.errors import SchemaError
from sparkfeat.models.names import quoted
from sparkfeat.models.preprocessing.base import Step, number_column, require, text, texts, type_of
from sparkfeat.models.preprocessing.slots import Layout, Slot

NUMBER, BOOLEAN, CATEGORY, TIME = "number", "boolean", "category", "time"
_MICROSECONDS_OF_DAY = 86_400e6
_MEANINGS = {BOOLEAN: "1 where it is true", TIME: "days before the cutoff time"}


class WorkingColumns(Step, Transformer):
    """Writes each column as a double or as a text, beside the table's own columns.

    Numbers and truth values become doubles; null, NaN and the infinities are null. Times become days from the
    time to the cutoff time, negative after it. Everything else becomes a text.

    Args:
        inputCols: the table's columns.
        outputCols: names of the working columns, other than all names in the table.
        kinds: `number`, `boolean`, `category` or `time` for each.
        cutoffCol: the column of cutoff times, for times.
    """

    kinds = texts("kinds", "number, boolean, category or time for each column")
    cutoffCol = text("cutoffCol", "the column of cutoff times")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        kinds: list[str] | None = None,
        cutoffCol: str | None = None,
    ) -> None:
        super().__init__()
        self._given(inputCols=inputCols, outputCols=outputCols, kinds=kinds, cutoffCol=cutoffCol)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        pairs = self._pairs(dataset)
        taken = sorted({output for _, output in pairs} & set(dataset.columns))
        if taken:
            raise SchemaError(
                f"The table has a column '{taken[0]}' already",
                where="WorkingColumns",
                hint="Rename it; the name is needed while features are prepared",
            )
        made = [
            self._column(dataset, name, kind).alias(output)
            for (name, output), kind in zip(pairs, self.getOrDefault(self.kinds), strict=True)
        ]
        return dataset.select("*", *made)

    def _column(self, df: DataFrame, name: str, kind: str) -> Column:
        if kind == CATEGORY:
            return quoted(name).cast("string")
        return self._days(df, name) if kind == TIME else number_column(df, name, "WorkingColumns")

    def _days(self, df: DataFrame, name: str) -> Column:
        if not self.isSet(self.cutoffCol):
            raise SchemaError(f"Time '{name}' has no cutoff time to count from", where="WorkingColumns")
        return days_between(df, name, self.getOrDefault(self.cutoffCol))

    def slots(self, layout: Layout) -> Layout:
        """Return the working columns' slots."""
        kinds = self.getOrDefault(self.kinds)
        made = {
            output: (Slot(name, (name,), name).then(_MEANINGS.get(kind, "")),)
            for (name, output), kind in zip(self._outputs(), kinds, strict=True)
        }
        return {**layout, **made}


def days_between(df: DataFrame, earlier: str, later: str) -> Column:
    """Return the days from one column of times to another, with fractions; null where either is.

    Two columns without a zone differ by their clocks; one without a zone beside one that has one is taken in
    the zone of the session.

    Raises:
        SchemaError: a column is missing, or no time.
    """
    where = "days before the cutoff time"
    require(df, (earlier, later), where)
    for name in (earlier, later):
        if not isinstance(type_of(df, name), TimestampType | TimestampNTZType | DateType):
            raise SchemaError(
                f"'{name}' is of type {type_of(df, name).simpleString()}, not a time", where=where
            )
    clocks = not any(isinstance(type_of(df, name), TimestampType) for name in (earlier, later))
    passed = _microseconds(later, clock=clocks) - _microseconds(earlier, clock=clocks)
    return passed / F.lit(_MICROSECONDS_OF_DAY)


def _microseconds(name: str, *, clock: bool) -> Column:
    instant = quoted(name).cast("timestamp")
    return F.unix_micros(F.from_utc_timestamp(instant, F.expr("current_timezone()")) if clock else instant)
