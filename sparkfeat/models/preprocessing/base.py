"""What all steps share: columns in and out, state that saves as JSON, checks of what they are given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasInputCols, HasOutputCols
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.types import BooleanType, DataType, DoubleType, FloatType, NumericType

from sparkfeat.errors import SchemaError, did_you_mean
from sparkfeat.models.names import spark_name
from sparkfeat.models.preprocessing.slots import Layout, slots_of


def flag(name: str, doc: str) -> Param[bool]:
    """Declare a Param that is true or false."""
    return Param(Params._dummy(), name, doc, TypeConverters.toBoolean)


def text(name: str, doc: str) -> Param[str]:
    """Declare a Param of one text."""
    return Param(Params._dummy(), name, doc, TypeConverters.toString)


def number(name: str, doc: str) -> Param[float]:
    """Declare a Param of one number."""
    return Param(Params._dummy(), name, doc, TypeConverters.toFloat)


def whole(name: str, doc: str) -> Param[int]:
    """Declare a Param of one whole number."""
    return Param(Params._dummy(), name, doc, TypeConverters.toInt)


def numbers(name: str, doc: str) -> Param[Any]:
    """Declare a Param of numbers, one a column."""
    return Param(Params._dummy(), name, doc, TypeConverters.toListFloat)


def texts(name: str, doc: str) -> Param[Any]:
    """Declare a Param of texts."""
    return Param(Params._dummy(), name, doc, TypeConverters.toListString)


def text_lists(name: str, doc: str) -> Param[Any]:
    """Declare a Param of texts for each column."""
    return Param(Params._dummy(), name, doc, TypeConverters.identity)


def number_lists(name: str, doc: str) -> Param[Any]:
    """Declare a Param of numbers for each column."""
    return Param(Params._dummy(), name, doc, TypeConverters.toListListFloat)


def finite(column: Column) -> Column:
    """Turn NaN and the infinities into nulls: NaN is above everything else in Spark."""
    return F.when(F.abs(column) < F.lit(math.inf), column)


def double_sql(value: float) -> str:
    """Return a number as SQL."""
    return f"{value!r}D" if math.isfinite(value) else f"double('{value!r}')"


def require(df: DataFrame, names: Iterable[str], step: str) -> None:
    """Raise SchemaError where a column is not there."""
    there = df.columns
    known = set(there)
    for name in names:
        if name not in known:
            raise SchemaError(f"No column '{name}'", where=step, hint=did_you_mean(name, there))


def type_of(df: DataFrame, name: str) -> DataType:
    """Return the Spark type of a column; names may have dots."""
    return df.schema[name].dataType


class Step(HasInputCols, HasOutputCols, DefaultParamsReadable[Any], DefaultParamsWritable):
    """A step from columns to columns; `outputCols` are the `inputCols` where not given.

    Args of all steps:
        inputCols: columns that it reads.
        outputCols: columns that it writes, one for each; by default it replaces the columns.
        skipDropped: pass over columns that an earlier step dropped.
        assumeFinite: no value is NaN or infinite; spares a comparison for each.
    """

    skipDropped = flag("skipDropped", "pass over columns that an earlier step dropped")
    assumeFinite = flag("assumeFinite", "no value is NaN or infinite")

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(skipDropped=False, assumeFinite=False)

    def _given(self, **values: object) -> None:
        """Set the Params that have a value."""
        self._set(**{name: value for name, value in values.items() if value is not None})

    def _pairs(self, df: DataFrame) -> list[tuple[str, str]]:
        """Return the columns in and out that the table has; raise SchemaError for missing ones."""
        given = self.getInputCols()
        outputs = self.getOutputCols() if self.isSet(self.outputCols) else given
        if len(outputs) != len(given):
            raise SchemaError(
                f"{len(given)} inputCols, but {len(outputs)} outputCols",
                where=type(self).__name__,
                hint="Name one output for each input, or none",
            )
        if self.getOrDefault(self.skipDropped):
            there = set(df.columns)
            return [pair for pair in zip(given, outputs, strict=True) if pair[0] in there]
        require(df, given, type(self).__name__)
        return list(zip(given, outputs, strict=True))

    def _outputs(self) -> list[tuple[str, str]]:
        """Return the columns in and out of a fitted step."""
        given = self.getInputCols()
        return list(zip(given, self.getOutputCols() if self.isSet(self.outputCols) else given, strict=True))

    def _hand_over(self, model: Step, pairs: Sequence[tuple[str, str]]) -> None:
        """Give a fitted step its columns."""
        model._given(inputCols=[name for name, _ in pairs], outputCols=[name for _, name in pairs])
        model._given(assumeFinite=self.getOrDefault(self.assumeFinite))

    def _number(self, df: DataFrame, name: str) -> Column:
        """Return a column of numbers or truth values as doubles; null where it is null, NaN or infinite.

        Raises:
            SchemaError: its values are no numbers.
        """
        return F.expr(self._number_sql(df, name))

    def _number_sql(self, df: DataFrame, name: str) -> str:
        """Return `_number` as SQL."""
        finite_already = self.getOrDefault(self.assumeFinite)
        return number_sql(df, name, type(self).__name__, finite_already=finite_already)

    def slots(self, layout: Layout) -> Layout:
        """Return the slots of all columns after this step."""
        changed = {
            output: tuple(slot.then(self._told(number)) for slot in slots_of(layout, name))
            for number, (name, output) in enumerate(self._outputs())
        }
        return {**layout, **changed}

    def _told(self, _number: int) -> str:
        """Say what happens to the column of a number."""
        raise NotImplementedError


def number_column(df: DataFrame, name: str, step: str, *, finite_already: bool = False) -> Column:
    """Return a column of numbers or truth values as doubles; null where it is null, NaN or infinite.

    Raises:
        SchemaError: its values are no numbers.
    """
    return F.expr(number_sql(df, name, step, finite_already=finite_already))


def number_sql(df: DataFrame, name: str, step: str, *, finite_already: bool = False) -> str:
    """Return `number_column` as SQL. Of many columns, texts reach Spark sooner than functions of columns."""
    kind = type_of(df, name)
    if not isinstance(kind, NumericType | BooleanType):
        raise SchemaError(
            f"'{name}' is of type {kind.simpleString()}, not of numbers",
            where=step,
            hint="Index or encode categories first; count times from the cutoff",
        )
    column = spark_name(name)
    as_double = column if isinstance(kind, DoubleType) else f"cast({column} as double)"
    rational = isinstance(kind, DoubleType | FloatType) and not finite_already
    return f"if(abs({as_double}) < double('inf'), {as_double}, null)" if rational else as_double
