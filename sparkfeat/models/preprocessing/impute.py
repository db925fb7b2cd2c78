"""Missing values: filled by a statistic, marked by indicators."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from pyspark.ml import Estimator, Model
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.types import StringType

from sparkfeat.errors import ConfigError, SchemaError
from sparkfeat.models.names import quoted
from sparkfeat.models.preprocessing.base import (
    Step,
    double_sql,
    number_lists,
    numbers,
    text,
    texts,
    type_of,
)
from sparkfeat.models.preprocessing.counts import most_frequent
from sparkfeat.models.preprocessing.slots import Layout, Slot, slots_of
from sparkfeat.models.preprocessing.statistics import NOTED, NOTHING, Statistics, statistics

logger = logging.getLogger("sparkfeat")
STRATEGIES = ("mean", "median", "mode", "constant")
_TOLD = {
    "mean": "the mean",
    "median": "the median",
    "mode": "the most frequent value",
    "constant": "a constant",
}


class ImputerModel(Step, Model):
    """Fills missing values; `fills` for numbers, `textFills` for texts, in the order of the columns.

    `indicatorCol` is an array of 1 and 0 for the columns of `indicated`, which had missing values.
    """

    fills = numbers("fills", "the value for each column of numbers")
    textFills = texts("textFills", "the value for each column of texts; empty where it is numbers")
    textual = texts("textual", "the columns of texts")
    indicatorCol = text("indicatorCol", "the column of indicators; empty: none")
    indicated = texts("indicated", "the columns with an indicator")
    strategy = text("strategy", "mean, median, mode or constant")
    notes = number_lists("notes", "count, missing, mean and squares of each filled column, where known")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        pairs = self._pairs(dataset)
        fills, texts_ = self.getOrDefault(self.fills), self.getOrDefault(self.textFills)
        textual = set(self.getOrDefault(self.textual))
        notes = self.getOrDefault(self.notes)
        made = {
            output: F.coalesce(quoted(name), F.lit(texts_[place]))
            if name in textual
            else _noted(self._filled(dataset, name, fills[place]), output, notes[place])
            for place, (name, output) in enumerate(pairs)
        }
        if self.getOrDefault(self.indicatorCol):
            made[self.getOrDefault(self.indicatorCol)] = indicators(
                [f"{self._number_sql(dataset, name)} is null" for name in self.getOrDefault(self.indicated)]
            )
        return dataset.withColumns(made)

    def _filled(self, df: DataFrame, name: str, fill: float) -> Column:
        return F.expr(f"coalesce({self._number_sql(df, name)}, {double_sql(fill)})")

    def slots(self, layout: Layout) -> Layout:
        """Return the slots after it, those of the indicators among them."""
        column = self.getOrDefault(self.indicatorCol)
        marks = {column: indicator_slots(layout, self.getOrDefault(self.indicated))} if column else {}
        return {**super().slots(layout), **marks}

    def _told(self, _number: int) -> str:
        return f"missing values replaced by {_TOLD[self.getOrDefault(self.strategy)]}"


class Imputer(Step, Estimator[ImputerModel]):
    """Fills missing values by the mean, median or mode of the column, or by a constant.

    Null, NaN and infinite values are missing. Texts are filled by their mode or by a constant. A column
    without any value is filled with 0, or with an empty text, and a warning names it.

    Args:
        inputCols: columns of numbers, truth values or texts.
        outputCols: names of the filled columns; by default they replace the columns.
        strategy: `mean`, `median` (the default), `mode` (the smallest of several) or `constant`.
        fillValue: the constant, for columns of numbers. Default: 0.
        fillText: the constant, for columns of texts. Default: `missing`.
        indicatorCol: an array of 1 and 0 to write, for the columns that have missing values now.
        skipDropped: pass over columns that an earlier step dropped.
    """

    strategy = text("strategy", "mean, median, mode or constant")
    fillValue = numbers("fillValue", "the constant for numbers, a list of one")
    fillText = text("fillText", "the constant for texts")
    indicatorCol = text("indicatorCol", "the column of indicators; empty: none")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        strategy: str | None = None,
        fillValue: float | None = None,
        fillText: str | None = None,
        indicatorCol: str | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(strategy="median", fillValue=[0.0], fillText="missing", indicatorCol="")
        constant = None if fillValue is None else [float(fillValue)]
        self._given(inputCols=inputCols, outputCols=outputCols, strategy=strategy, fillValue=constant)
        self._given(fillText=fillText, indicatorCol=indicatorCol, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> ImputerModel:
        pairs = self._pairs(dataset)
        strategy = _checked(self.getOrDefault(self.strategy))
        textual = [name for name, _ in pairs if isinstance(type_of(dataset, name), StringType)]
        values = {name: self._number(dataset, name) for name, _ in pairs if name not in textual}
        if textual and strategy in {"mean", "median"}:
            raise SchemaError(
                f"'{textual[0]}' is text and has no {strategy}", where="Imputer", hint="Use mode"
            )
        asked = self.getOrDefault(self.indicatorCol)
        needed = strategy in {"mean", "median"} or asked
        found = statistics(dataset, values, ordered=strategy == "median") if needed else {}
        modes = _modes(dataset, values, textual) if strategy == "mode" else {}
        constant = self.getOrDefault(self.fillValue)[0]
        fills = [
            0.0 if name in textual else _fill(strategy, found.get(name, NOTHING), modes.get(name), constant)
            for name, _ in pairs
        ]
        spare = self.getOrDefault(self.fillText) if strategy == "constant" else ""
        _warn(strategy, found)
        model = ImputerModel()
        self._hand_over(model, pairs)
        model._given(strategy=strategy, fills=fills, textual=textual, indicatorCol=asked)
        model._given(
            textFills=[str(modes.get(name) or spare) if name in textual else "" for name, _ in pairs]
        )
        model._given(
            notes=[_note(found.get(name), fill) for (name, _), fill in zip(pairs, fills, strict=True)]
        )
        model._given(indicated=[name for name, column in found.items() if column.missing])
        return model


def _note(found: Statistics | None, fill: float) -> list[float]:
    if found is None:
        return []
    filled = found.filled(fill)
    return [float(filled.count), 0.0, filled.mean, filled.squares]


def _noted(column: Column, name: str, note: list[float]) -> Column:
    """Keep the statistics of a filled column with it, for a Scaler that is fitted on the same rows."""
    return column.alias(name, metadata={NOTED: note}) if note else column


def _checked(strategy: str) -> str:
    if strategy not in STRATEGIES:
        raise ConfigError(f"No strategy '{strategy}'", where="Imputer", hint=f"Use {', '.join(STRATEGIES)}")
    return strategy


def _modes(df: DataFrame, values: Mapping[str, Column], textual: list[str]) -> dict[str, str]:
    """Return the most frequent value of each column that has one."""
    columns = {**values, **{name: quoted(name) for name in textual}}
    return {name: found[0].value for name, found in most_frequent(df, columns, 1).items() if found}


def _fill(strategy: str, found: Statistics, mode: str | None, constant: float) -> float:
    if strategy == "constant":
        return constant
    if strategy == "mode":
        return float(mode or 0)
    return found.mean if strategy == "mean" else found.quantile(0.5)


def indicators(missing: list[str]) -> Column:
    """Return an array of 1 where a condition, as SQL, is true, else 0."""
    marks = ", ".join(f"if({condition}, 1D, 0D)" for condition in missing)
    return F.expr(f"cast(array({marks}) as array<double>)")


def indicator_slots(layout: Layout, names: list[str]) -> tuple[Slot, ...]:
    """Return the slots of the indicators of columns."""
    slots = [slot for name in names for slot in slots_of(layout, name)]
    return tuple(
        Slot(f"{slot.name} is missing", slot.sources, f"1 where {slot.name} is missing") for slot in slots
    )


def _warn(strategy: str, found: Mapping[str, Statistics]) -> None:
    empty = [name for name, column in found.items() if not column.count]
    if empty and strategy != "constant":
        logger.warning("No values in %s: filled with 0", ", ".join(empty))
