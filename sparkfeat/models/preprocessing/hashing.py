"""Categories as positions by their hash: no list of categories is kept."""

from __future__ import annotations

from pyspark.ml import Transformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.errors import ConfigError
from sparkfeat.models.names import quoted
from sparkfeat.models.preprocessing.base import Step, whole
from sparkfeat.models.preprocessing.categories import position
from sparkfeat.models.preprocessing.slots import Layout, Slot, slots_of


class HashEncoder(Step, Transformer):
    """Writes an array with a 1 at the position of the category's hash; all 0 where it is missing.

    Needs no fitting and has no unseen categories; categories may share a position.

    Args:
        inputCols: columns of categories; values are compared as texts.
        outputCols: names of the arrays; by default they replace the columns.
        numFeatures: how many positions each column has. Default: 32.
        skipDropped: pass over columns that an earlier step dropped.
    """

    numFeatures = whole("numFeatures", "how many positions each column has")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        numFeatures: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(numFeatures=32)
        self._given(
            inputCols=inputCols, outputCols=outputCols, numFeatures=numFeatures, skipDropped=skipDropped
        )

    def _size(self) -> int:
        size: int = self.getOrDefault(self.numFeatures)
        if size < 1:
            raise ConfigError(f"numFeatures is {size}", where="HashEncoder", hint="Use 1 or more")
        return size

    def _transform(self, dataset: DataFrame) -> DataFrame:
        size = self._size()
        return dataset.withColumns({output: _hashed(name, size) for name, output in self._pairs(dataset)})

    def slots(self, layout: Layout) -> Layout:
        """Return the slots after it: `numFeatures` for each column."""
        made = {}
        for name, output in self._outputs():
            (slot,) = slots_of(layout, name)
            made[output] = tuple(
                Slot(
                    f"{slot.name} in bucket {place}",
                    slot.sources,
                    f"1 where {slot.name} hashes to {place}",
                    group=slot.name,
                )
                for place in range(self._size())
            )
        return {**layout, **made}


def _hashed(name: str, size: int) -> Column:
    value = quoted(name).cast("string")
    bucket = F.pmod(F.xxhash64(value), F.lit(size)).cast("int")
    # One position more, which is cut off, takes what is missing.
    return F.slice(position(F.when(value.isNull(), size).otherwise(bucket), size + 1), 1, size)
