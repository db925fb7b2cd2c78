"""Categories as the mean label of earlier rows with the same category, as known at the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from pyspark.ml import Estimator, Model
from pyspark.ml.param.shared import HasLabelCol
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.types import DateType, TimestampNTZType, TimestampType

from sparkfeat.errors import ConfigError, SchemaError
from sparkfeat.models.matrices import Matrix
from sparkfeat.models.names import quoted
from sparkfeat.models.preprocessing.base import (
    number,
    number_column,
    number_lists,
    numbers,
    require,
    text,
    type_of,
    whole,
)
from sparkfeat.models.preprocessing.categories import CategoryEstimator, CategoryModel, looked_up

_UNITS = tuple(
    unit // timedelta(microseconds=1)
    for unit in (
        timedelta(microseconds=1),
        timedelta(milliseconds=1),
        timedelta(seconds=1),
        timedelta(minutes=1),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=7),
        timedelta(days=28),
        timedelta(days=364),
        timedelta(days=3640),
    )
)
"""How far times are told apart, in microseconds: the finest that makes few enough periods."""


@dataclass(frozen=True)
class Periods:
    """Equal stretches of time: `count` of them, of `width` microseconds, from `start` on."""

    start: int
    width: int
    count: int

    def of(self, time: Column) -> Column:
        """Return the period of a time in microseconds; the nearest beyond the ends, the first of null."""
        period = F.floor((time - F.lit(self.start)) / F.lit(self.width))
        inside = F.greatest(F.lit(0), F.least(F.lit(self.count), period)).cast("int")
        return F.when(time.isNull(), 0).otherwise(inside)


class TargetEncoderModel(CategoryModel, Model):
    """Writes the smoothed mean label of a category, of labels known before the period of the cutoff."""

    cutoffCol = text("cutoffCol", "the column of cutoff times")
    periods = numbers("periods", "start and width in microseconds, and number of the periods")
    means = number_lists("means", "of each column: for each period, then each category, the mean so far")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        cutoff = self.getOrDefault(self.cutoffCol)
        require(dataset, [cutoff], "TargetEncoder")
        periods = Periods(*(int(value) for value in self.getOrDefault(self.periods)))
        held = f"__{self.uid}_period"
        return super()._transform(dataset.withColumn(held, periods.of(microseconds(dataset, cutoff))))

    def _made(self, place: int, index: Column) -> Column:
        kinds = len(self._labels()[place]) + 2
        period = F.col(f"__{self.uid}_period")
        return looked_up(self.getOrDefault(self.means)[place], period * kinds + index)

    def _told(self, _number: int) -> str:
        return "as the mean label of earlier rows with this value, as known before the cutoff time"


class TargetEncoder(CategoryEstimator, HasLabelCol, Estimator[TargetEncoderModel]):
    """Writes the mean label of rows with the same category, of labels known before the row's cutoff.

    The label of a row is known `horizon` after the row's cutoff. Of n labels of a category with the mean m it
    writes (n m + smoothing p) / (n + smoothing), where p is the mean of all labels known by then; `initial`
    where none is. So neither the row's own label nor a later one has any part in it, in training rows too.

    Times are told apart by periods, the finest of microseconds, seconds, minutes, hours, days, weeks, ... of
    which there are at most `maxPeriods`: labels count from the beginning of the period after the one in which
    they were known. It is exact where cutoffs and horizon are whole periods, and else leaves some labels out.
    Values after the last label see all labels.

    Args:
        inputCols: columns of categories; values are compared as texts, missing ones are a category too.
        outputCols: names of the means; by default they replace the columns.
        labelCol: numbers or truth values. Default: `label`.
        cutoffCol: the column of cutoff times.
        horizon: seconds from a row's cutoff until its label is known. Default: 0.
        smoothing: how many labels the mean of all counts for. Default: 10.
        initial: the value where no label was known yet. Default: 0.
        maxCategories: how many categories of a column are kept; the others count together. Default: 1,000.
        maxPeriods: how many periods there may be. Default: 100.
        skipDropped: pass over columns that an earlier step dropped.
    """

    cutoffCol = text("cutoffCol", "the column of cutoff times")
    horizon = number("horizon", "seconds from a row's cutoff until its label is known")
    smoothing = number("smoothing", "how many labels the mean of all counts for")
    initial = number("initial", "the value where no label was known yet")
    maxPeriods = whole("maxPeriods", "how many periods there may be")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        labelCol: str | None = None,
        cutoffCol: str | None = None,
        horizon: float | None = None,
        smoothing: float | None = None,
        initial: float | None = None,
        maxCategories: int | None = None,
        maxPeriods: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(horizon=0.0, smoothing=10.0, initial=0.0, maxPeriods=100)
        self._given(inputCols=inputCols, outputCols=outputCols, labelCol=labelCol, cutoffCol=cutoffCol)
        self._given(horizon=horizon, smoothing=smoothing, initial=initial, maxCategories=maxCategories)
        self._given(maxPeriods=maxPeriods, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> TargetEncoderModel:
        cutoff, horizon = self._checked(dataset)
        model = TargetEncoderModel()
        self._with_categories(dataset, model)
        known = microseconds(dataset, cutoff) + F.lit(int(horizon * 1e6))
        label = number_column(dataset, self.getLabelCol(), "TargetEncoder")
        labelled = dataset.withColumn("__known", known).withColumn("__label", label)
        labelled = labelled.where("__known IS NOT NULL AND __label IS NOT NULL")
        periods = self._periods(labelled)
        stretches = [float(periods.start), float(periods.width), float(periods.count)]
        model._given(cutoffCol=cutoff, periods=stretches)
        model._given(means=self._means(labelled, model, periods))
        return model

    def _checked(self, df: DataFrame) -> tuple[str, float]:
        """Return the column of cutoff times and the horizon."""
        if not self.isSet(self.cutoffCol):
            raise ConfigError(
                "Target encoding has no cutoff times",
                where="TargetEncoder",
                why="Without them a row would see its own label",
                hint="Name the column of cutoff times, or use frequency or one_hot",
            )
        cutoff, horizon = self.getOrDefault(self.cutoffCol), self.getOrDefault(self.horizon)
        if horizon < 0 or self.getOrDefault(self.smoothing) < 0:
            raise ConfigError("horizon and smoothing are 0 or more", where="TargetEncoder")
        require(df, [cutoff, self.getLabelCol()], "TargetEncoder")
        return cutoff, horizon

    def _periods(self, labelled: DataFrame) -> Periods:
        first, last = labelled.agg(F.min("__known"), F.max("__known")).collect()[0]
        if first is None:
            return Periods(0, 1, 0)
        most = self.getOrDefault(self.maxPeriods)
        fits = [unit for unit in _UNITS if last // unit - first // unit + 2 <= most]
        width = min(fits, default=_UNITS[-1])
        # Mondays begin weeks: 1970-01-05 was one.
        start = first - (first - 4 * _UNITS[5]) % width
        return Periods(start, width, (last - start) // width + 1)

    def _means(self, labelled: DataFrame, model: TargetEncoderModel, periods: Periods) -> list[list[float]]:
        """Return the means of each column, period by period and category by category."""
        df, indexes = model._indexes(labelled)
        items = [
            F.struct(F.lit(place).alias("place"), index.alias("kind")) for place, index in enumerate(indexes)
        ]
        period = periods.of(F.col("__known")).alias("period")
        stacked = df.select(period, "__label", F.explode(F.array(*items)).alias("item"))
        groups = stacked.groupBy("period", "item.place", "item.kind")
        sums = groups.agg(F.sum("__label").alias("sum"), F.count("*").alias("n"))
        shape = [(periods.count + 1, len(labels) + 2) for labels in model._labels()]
        totals = [np.zeros((2, *size)) for size in shape]
        for row in sums.collect():
            totals[row["place"]][:, row["period"], row["kind"]] = row["sum"], row["n"]
        return [self._smoothed(*total).ravel().tolist() for total in totals]

    def _smoothed(self, sums: Matrix, counts: Matrix) -> Matrix:
        """Return (periods, categories): the mean of what was known before each period."""
        sums, counts = (np.cumsum(part, axis=0) - part for part in (sums, counts))
        smoothing = self.getOrDefault(self.smoothing)
        known = counts.sum(axis=1, keepdims=True)
        prior = sums.sum(axis=1, keepdims=True) / np.maximum(known, 1)
        weight = counts + smoothing
        mean = np.where(weight > 0, (sums + smoothing * prior) / np.where(weight > 0, weight, 1), prior)
        found: Matrix = np.where(known > 0, mean, self.getOrDefault(self.initial))
        return found


def microseconds(df: DataFrame, name: str) -> Column:
    """Return a time as microseconds; one without a zone by its clock."""
    kind = type_of(df, name)
    if not isinstance(kind, TimestampType | TimestampNTZType | DateType):
        raise SchemaError(f"'{name}' is of type {kind.simpleString()}, not a time", where="TargetEncoder")
    instant = quoted(name).cast("timestamp")
    clock = F.from_utc_timestamp(instant, F.expr("current_timezone()"))
    return F.unix_micros(instant if isinstance(kind, TimestampType) else clock)
