"""Steps that see several columns of a row at once: numpy on Arrow batches of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.pandas.functions import pandas_udf

from sparkfeat.models.matrices import Matrix, stacked
from sparkfeat.models.preprocessing.base import Step
from sparkfeat.models.workers import send_by_value

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def over_rows(column: Column, compute: Callable[[Matrix], Matrix]) -> Column:
    """Return an array column that numpy makes of another: (rows, columns) -> (rows, any number)."""

    def of_batch(values: pd.Series) -> pd.Series:
        if values.empty:
            return pd.Series([], dtype=object)
        return pd.Series(list(compute(stacked(values))))

    send_by_value()
    return pandas_udf(of_batch, "array<double>")(column)  # type: ignore[call-overload,no-any-return]


class RowStep(Step):
    """A step whose outputs depend on all of its columns together."""

    def _array(self, df: DataFrame) -> Column:
        """Return the columns as one array; missing values are null in it."""
        return F.array(*[self._number(df, name) for name, _ in self._pairs(df)])

    def _replaced(self, df: DataFrame, compute: Callable[[Matrix], Matrix]) -> DataFrame:
        """Return the table with the outputs that numpy computes for whole rows."""
        held = f"__{self.uid}"
        done = df.withColumn(held, over_rows(self._array(df), compute))
        made = {output: F.col(held)[place] for place, (_, output) in enumerate(self._pairs(df))}
        return done.withColumns(made).drop(held)
