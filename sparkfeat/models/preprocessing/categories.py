"""Categories as numbers: indexes, one-hot positions, frequencies."""

from __future__ import annotations

from typing import ClassVar

from pyspark.ml import Estimator, Model
from pyspark.ml.feature import StringIndexerModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.models.names import quoted
from sparkfeat.models.preprocessing.base import Step, number_lists, require, text_lists, whole
from sparkfeat.models.preprocessing.counts import Counted, most_frequent
from sparkfeat.models.preprocessing.slots import Layout, Slot, slots_of

_MARK = "="
"""Stands before every category, since Spark's indexer has a category `__unknown` of its own."""


class CategoryModel(Step):
    """Has the categories of each column, the most frequent first."""

    categories = text_lists("categories", "the categories of each column, the most frequent first")

    def _indexes(self, df: DataFrame) -> tuple[DataFrame, list[Column]]:
        """Return the table with columns of indexes, which are temporary, and these columns.

        The index of a value that is no category is the number of categories; of a missing value one more.
        """
        require(df, self.getInputCols(), type(self).__name__)
        found = []
        for place, (name, labels) in enumerate(zip(self.getInputCols(), self._labels(), strict=True)):
            given, index = f"__{self.uid}_{place}_value", f"__{self.uid}_{place}"
            df = df.withColumn(given, F.concat(F.lit(_MARK), quoted(name).cast("string")))
            marked = [_MARK + label for label in labels]
            indexer = StringIndexerModel.from_labels(marked, given, index, handleInvalid="keep")
            df = indexer.transform(df)
            missing = F.col(given).isNull()
            found.append(F.when(missing, len(labels) + 1).otherwise(F.col(index).cast("int")))
        return df, found

    def _temporary(self, df: DataFrame) -> list[str]:
        return [name for name in df.columns if name.startswith(f"__{self.uid}_")]

    def _labels(self) -> list[list[str]]:
        return self.getOrDefault(self.categories)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        df, indexes = self._indexes(dataset)
        outputs = [output for _, output in self._outputs()]
        made = {
            output: self._made(place, index)
            for place, (output, index) in enumerate(zip(outputs, indexes, strict=True))
        }
        return df.withColumns(made).drop(*self._temporary(df))

    def _made(self, place: int, index: Column) -> Column:
        """Return the column written for the column of a place."""
        raise NotImplementedError


class CategoryEstimator(Step):
    """Counts the categories of all columns in one pass."""

    maxCategories = whole("maxCategories", "how many categories of a column are kept")
    KEPT: ClassVar[int] = 1_000
    """How many that is by default."""

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        maxCategories: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(maxCategories=self.KEPT)
        self._given(
            inputCols=inputCols, outputCols=outputCols, maxCategories=maxCategories, skipDropped=skipDropped
        )

    def _counted(self, df: DataFrame, names: list[str]) -> list[list[Counted]]:
        columns = {name: quoted(name).cast("string") for name in names}
        found = most_frequent(df, columns, self.getOrDefault(self.maxCategories))
        return [found[name] for name in names]

    def _with_categories(self, df: DataFrame, model: CategoryModel) -> list[list[Counted]]:
        """Give the model its columns and categories; return them with their counts."""
        pairs = self._pairs(df)
        counted = self._counted(df, [name for name, _ in pairs])
        self._hand_over(model, pairs)
        model._given(categories=[[item.value for item in items] for items in counted])
        return counted


class OneHotEncoderModel(CategoryModel, Model):
    """Writes an array of a 1 and zeros: a position for each category, for any other one, and for missing."""

    def _made(self, place: int, index: Column) -> Column:
        return position(index, len(self._labels()[place]) + 2)

    def slots(self, layout: Layout) -> Layout:
        """Return the slots after it: a position for each category."""
        made = {}
        for (name, output), labels in zip(self._outputs(), self._labels(), strict=True):
            (slot,) = slots_of(layout, name)
            made[output] = _one_hot_slots(slot, labels)
        return {**layout, **made}


def _one_hot_slots(slot: Slot, labels: list[str]) -> tuple[Slot, ...]:
    said = [(f"{slot.name} = {label}", f"1 where {slot.name} is {label!r}") for label in labels]
    said.append((f"{slot.name} is another", f"1 where {slot.name} is none of the {len(labels)} categories"))
    said.append((f"{slot.name} is missing", f"1 where {slot.name} is missing"))
    return tuple(Slot(name, slot.sources, meaning, group=slot.name) for name, meaning in said)


class OneHotEncoder(CategoryEstimator, Estimator[OneHotEncoderModel]):
    """Writes an array with a position for each of the most frequent categories, for all others, for missing.

    A category that was not there while fitting is one of the others.

    Args:
        inputCols: columns of categories; values are compared as texts.
        outputCols: names of the arrays; by default they replace the columns.
        maxCategories: how many categories of a column have a position. Default: 20.
        skipDropped: pass over columns that an earlier step dropped.
    """

    KEPT = 20

    def _fit(self, dataset: DataFrame) -> OneHotEncoderModel:
        model = OneHotEncoderModel()
        self._with_categories(dataset, model)
        return model


class CategoryIndexerModel(CategoryModel, Model):
    """Writes the index of the category, as a double."""

    def _made(self, _place: int, index: Column) -> Column:
        return index.cast("double")

    def _told(self, _number: int) -> str:
        count = len(self._labels()[_number])
        return f"as the index of the category by frequency; {count} for any other, {count + 1} for missing"


class CategoryIndexer(CategoryEstimator, Estimator[CategoryIndexerModel]):
    """Writes the index of each category: 0 for the most frequent, by text among equally frequent ones.

    With n categories kept, n stands for any other one and n + 1 for a missing value.

    Args:
        inputCols: columns of categories; values are compared as texts.
        outputCols: names of the indexes; by default they replace the columns.
        maxCategories: how many categories of a column are kept. Default: 1,000.
        skipDropped: pass over columns that an earlier step dropped.
    """

    def _fit(self, dataset: DataFrame) -> CategoryIndexerModel:
        model = CategoryIndexerModel()
        self._with_categories(dataset, model)
        return model


class FrequencyEncoderModel(CategoryModel, Model):
    """Writes the share of training rows with the category."""

    shares = number_lists("shares", "the share of rows of each category of each column")

    def _made(self, place: int, index: Column) -> Column:
        return looked_up([*self.getOrDefault(self.shares)[place]], index)

    def _told(self, _number: int) -> str:
        return "as the share of training rows with this value"


class FrequencyEncoder(CategoryEstimator, Estimator[FrequencyEncoderModel]):
    """Writes the share of the training rows that have the same category; missing is a category too.

    A category that was not there, or is not among those kept, has the share 0.

    Args:
        inputCols: columns of categories; values are compared as texts.
        outputCols: names of the shares; by default they replace the columns.
        maxCategories: how many categories of a column are kept. Default: 10,000.
        skipDropped: pass over columns that an earlier step dropped.
    """

    KEPT = 10_000

    def _fit(self, dataset: DataFrame) -> FrequencyEncoderModel:
        model = FrequencyEncoderModel()
        counted = self._with_categories(dataset, model)
        names = model.getInputCols()
        totals = dataset.agg(
            F.count("*").alias("rows"),
            *[F.count(quoted(name)).alias(f"known{place}") for place, name in enumerate(names)],
        ).collect()[0]
        rows = max(1, totals["rows"])
        missing = [totals["rows"] - totals[f"known{place}"] for place in range(len(names))]
        model._given(
            shares=[
                [*(item.count / rows for item in items), 0.0, empty / rows]
                for items, empty in zip(counted, missing, strict=True)
            ]
        )
        return model


def position(index: Column, size: int) -> Column:
    """Return an array of zeros with a 1 at an index."""
    zeros = ["0"] * (size - 1)
    # A window over zeros with a 1 in the middle: one copy, however many categories.
    return F.slice(_constant([*zeros, "1", *zeros]), F.lit(size) - index, size)


def _constant(numbers: list[str]) -> Column:
    """Return an array that Spark computes once, when it plans."""
    return F.split(F.lit(",".join(numbers)), ",").cast("array<double>")


def looked_up(values: list[float], index: Column) -> Column:
    """Return the value at an index, from a list that Spark keeps as one constant."""
    return _constant([repr(float(value)) for value in values])[index]
