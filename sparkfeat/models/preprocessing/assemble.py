"""The vector of all features."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pyspark.ml import Transformer
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.linalg import VectorUDT
from pyspark.ml.param.shared import HasOutputCol
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.types import ArrayType

from sparkfeat.errors import ConfigError
from sparkfeat.models.names import quoted
from sparkfeat.models.preprocessing.base import Step, number_column, text, texts, type_of
from sparkfeat.models.preprocessing.slots import Layout, slots_of
from sparkfeat.models.wide import outside_whole_stage


class Assembler(Step, HasOutputCol, Transformer):
    """Writes numbers, arrays of numbers and vectors into one vector, in the order of the columns.

    Args:
        inputCols: the columns.
        outputCol: name of the vector. Default: `features`.
        dropCols: columns that are left out of the result.
        handleInvalid: what to do with a missing number: `error` (the default) fails and names the column,
            `keep` writes NaN.
        skipDropped: pass over columns that an earlier step dropped.
    """

    dropCols = texts("dropCols", "columns left out of the result")
    handleInvalid = text("handleInvalid", "error or keep")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        dropCols: list[str] | None = None,
        handleInvalid: str | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(outputCol="features", dropCols=[], handleInvalid="error")
        self._given(inputCols=inputCols, outputCol=outputCol, dropCols=dropCols, handleInvalid=handleInvalid)
        self._given(skipDropped=skipDropped)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        mode = self.getOrDefault(self.handleInvalid)
        if mode not in {"error", "keep"}:
            raise ConfigError(f"No handleInvalid '{mode}'", where="Assembler", hint="Use error or keep")
        names = [name for name, _ in self._pairs(dataset)]
        values = as_array(dataset, names, keep=mode == "keep")
        vector = array_to_vector(outside_whole_stage(values, quoted(names[0]))).alias(self.getOutputCol())
        dropped = {*self.getOrDefault(self.dropCols), self.getOutputCol()}
        return dataset.select(*[quoted(name) for name in dataset.columns if name not in dropped], vector)

    def slots(self, layout: Layout) -> Layout:
        """Return the vector's slots with the others."""
        names = [
            name for name in self.getInputCols() if name in layout or not self.getOrDefault(self.skipDropped)
        ]
        vector = tuple(slot for name in names for slot in slots_of(layout, name))
        return {**layout, self.getOutputCol(): vector}


def as_array(df: DataFrame, names: Iterable[str], *, keep: bool) -> Column:
    """Return one array of the numbers, arrays and vectors of columns.

    Args:
        df: the table.
        names: its columns.
        keep: write NaN for a missing number; else the job fails and names the column.
    """
    parts: list[Column] = []
    numbers: list[Column] = []
    for name in names:
        kind = type_of(df, name)
        if isinstance(kind, ArrayType | VectorUDT):
            parts += [F.array(*numbers)] if numbers else []
            parts.append(vector_to_array(quoted(name)) if isinstance(kind, VectorUDT) else quoted(name))
            numbers = []
        else:
            numbers.append(_present(df, name, keep=keep))
    parts += [F.array(*numbers)] if numbers else []
    return F.concat(*parts) if len(parts) > 1 else parts[0]


def _present(df: DataFrame, name: str, *, keep: bool) -> Column:
    column = number_column(df, name, "Assembler", finite_already=True)
    if not df.schema[name].nullable:
        return column
    told = f"'{name}' is missing in a row. Impute it, or let the Assembler keep it: handleInvalid='keep'."
    return F.coalesce(column, F.lit(math.nan) if keep else F.raise_error(F.lit(told)).cast("double"))
