"""Synthetic rows between rows of a class and their nearest rows of it: SMOTE (Chawla et al. 2002)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.errors import ConfigError, DataError
from sparkfeat.models.blocks import blocks, chosen_rows, nearest, rough_distances
from sparkfeat.models.matrices import Matrix
from sparkfeat.models.roles import FEATURES
from sparkfeat.models.sampling.choice import KEY, choose
from sparkfeat.models.sampling.classes import Label
from sparkfeat.models.sampling.config import ImbalanceConfig
from sparkfeat.models.workers import send_by_value

TIMES, FIRST = "__times", "__first"
Keys = NDArray[np.uint64]


def check_neighbours(
    config: ImbalanceConfig, counts: Mapping[Label, int], categorical: Sequence[Sequence[int]]
) -> None:
    """Raise where a class has too few rows for its neighbours, or no category is named for SMOTE-NC."""
    if config.method == "smote_nc" and not categorical:
        raise ConfigError(
            "SMOTE-NC is told of no categories",
            where="method smote_nc",
            hint="Use smote where all positions are numbers",
        )
    for name, count in counts.items():
        if count <= config.k_neighbors:
            raise DataError(
                f"Class {name!r} has {count} rows",
                where="training rows",
                why=f"Each row needs {config.k_neighbors} neighbours of its class",
                hint=f"Set k_neighbors below {count}, or use random_over or class_weight",
            )


def shares(rows: DataFrame, added: int, count: int) -> DataFrame:
    """Return the rows of a class with how many to add for each: as many, one more for some by their hash.

    The column `FIRST` numbers the first one.
    """
    each, more = divmod(added, count)
    parts = [(rows, 0, each)] if each else []
    if more:
        parts.append((choose(rows, more).of(rows), each, 1))
    held = [
        part.withColumn(FIRST, F.lit(first)).withColumn(TIMES, F.lit(times)) for part, first, times in parts
    ]
    return held[0] if len(held) == 1 else held[0].unionAll(held[1]) if held else rows.limit(0)


def synthetic(
    rows: DataFrame, config: ImbalanceConfig, seed: int, categorical: Sequence[Sequence[int]]
) -> DataFrame:
    """Return synthetic rows, of `features` only, as many as `TIMES` says for each row of a class."""
    values = rows.select(vector_to_array(F.col(FEATURES)).alias("values"), KEY, FIRST, TIMES)
    candidates = chosen_rows(values, F.col("values"), config.max_candidates, seed)
    groups = tuple(tuple(group) for group in categorical) if config.method == "smote_nc" else ()
    maker = Maker(candidates, config.k_neighbors, seed, groups)

    def make(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from maker.of_batch(batch)

    send_by_value()
    made = values.mapInArrow(make, "values array<double>")
    return made.select(array_to_vector(F.col("values")).alias(FEATURES))


@dataclass(frozen=True)
class Maker:
    """Makes synthetic rows of one class.

    Args:
        candidates: (rows, positions): the rows that may be neighbours.
        neighbours: of how many nearest ones one is chosen.
        seed: of the choices.
        groups: the positions of each category; none for plain SMOTE.
    """

    candidates: Matrix
    neighbours: int
    seed: int
    groups: tuple[tuple[int, ...], ...] = ()
    space: Space = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "space", Space.of(self.candidates, self.groups))

    def of_batch(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Yield the synthetic rows of a batch of rows."""
        flat = batch.column("values").flatten().to_numpy(zero_copy_only=False)
        values = flat.reshape(batch.num_rows, -1) if batch.num_rows else np.empty((0, 0))
        keys = batch.column(KEY).to_numpy().view(np.uint64)
        times, first = batch.column(TIMES).to_numpy(), batch.column(FIRST).to_numpy()
        for block in blocks(len(values)):
            near = self.near(values[block])
            made = self.made(values[block], near, keys[block], first[block], times[block])
            yield pa.RecordBatch.from_arrays([pa.array([*made], pa.list_(pa.float64()))], names=["values"])

    def near(self, values: Matrix) -> NDArray[np.intp]:
        """Return the places of the nearest candidates of each row, itself left out."""
        rows, others = self.space.points(values), self.space.points(self.candidates)
        places, distances = nearest(rows, others, rough_distances(rows, others), self.neighbours + 1)
        # A row that is a candidate is its own nearest one.
        itself = distances[:, :1] == 0
        return np.where(itself, places[:, 1:], places[:, :-1])

    def made(
        self,
        values: Matrix,
        near: NDArray[np.intp],
        keys: Keys,
        first: NDArray[np.int32],
        times: NDArray[np.int32],
    ) -> Matrix:
        """Return the synthetic rows: on the way to a neighbour; categories as most neighbours have them."""
        rows = np.repeat(np.arange(len(values)), times)
        number = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times) + first[rows]
        chosen = (uniform(keys[rows], number, self.seed, 0) * near.shape[1]).astype(int)
        share = uniform(keys[rows], number, self.seed, 1)[:, None]
        start, end = values[rows], self.candidates[near[rows, chosen]]
        made: Matrix = start + share * (end - start)
        for group in self.groups:
            made[:, group] = _most_frequent(self.candidates[near][:, :, group])[rows]
        return made


@dataclass(frozen=True)
class Space:
    """Where distances are taken: categories that differ are as far apart as a typical number's deviation.

    Args:
        numbers: positions of numbers.
        groups: positions of categories.
        distance: half the squared distance of two different categories, rooted.
    """

    numbers: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    codes: tuple[Matrix, ...]
    distance: float

    @staticmethod
    def of(candidates: Matrix, groups: tuple[tuple[int, ...], ...]) -> Space:
        """Return the space for the rows of a class.

        As SMOTE-NC has it: the median of the numbers' standard deviations, M, for each category in which two
        rows differ. imbalanced-learn marks a category by M / 2 in a position of its own, which makes a
        squared distance of M² / 2 between two; so does this.
        """
        inside = {position for group in groups for position in group}
        numbers = tuple(place for place in range(candidates.shape[1]) if place not in inside)
        codes = tuple(np.unique(candidates[:, group], axis=0) for group in groups)
        spread = float(np.median(candidates[:, numbers].std(axis=0))) if numbers else 1.0
        return Space(numbers, groups, codes, spread / 2)

    def points(self, values: Matrix) -> Matrix:
        """Return rows as points: numbers as they are, each category as a position of its own."""
        marks = [
            (values[:, None, group] == codes[None]).all(axis=2) * self.distance
            for group, codes in zip(self.groups, self.codes, strict=True)
        ]
        return np.concatenate([values[:, self.numbers], *marks], axis=1)


def _most_frequent(values: Matrix) -> Matrix:
    """Return the most frequent of (rows, neighbours, positions) of each row; the nearest one of several."""
    same = (values[:, :, None, :] == values[:, None, :, :]).all(axis=3).sum(axis=2)
    found: Matrix = np.take_along_axis(values, same.argmax(axis=1)[:, None, None], axis=1)[:, 0]
    return found


def uniform(keys: Keys, numbers: NDArray[np.int_], seed: int, draw: int) -> Matrix:
    """Return a number from 0 to below 1 for each key and number: SplitMix64 (Steele, Lea, Flood 2014)."""
    with np.errstate(over="ignore"):
        mixed = keys + np.uint64(0x9E3779B97F4A7C15) * (
            numbers.astype(np.uint64) * np.uint64(2) + np.uint64(draw + 1)
        )
        mixed = mixed + _mix(np.full(len(keys), seed % 2**64, dtype=np.uint64))
        found: Matrix = (_mix(mixed) >> np.uint64(11)).astype(float) / 2**53
    return found


def _mix(values: Keys) -> Keys:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
