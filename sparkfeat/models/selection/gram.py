"""X'X of all features in one pass over the rows: correlations and linear models need nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sparkfeat.models.names import quoted
from sparkfeat.models.selection.counts import Summary
from sparkfeat.models.selection.long import Subject, number, row_key, target
from sparkfeat.models.workers import send_by_value

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Floats = npt.NDArray[np.float64]
BLOCK = 128
"""Rows of X'X that travel together: 1 MB with a thousand columns."""
LEARN, HELD = 0, 1
"""The two parts of the rows: three in four to learn from, the others held back."""


@dataclass(frozen=True)
class Gram:
    """X'X of two parts of the rows. X is: a column of ones, the features' slots, the label's columns.

    Args:
        parts: X'X of the rows learned from, and of those held back.
        slots: feature's name -> positions of its slots.
        targets: positions of the label's columns.
    """

    parts: tuple[Floats, Floats]
    slots: dict[str, tuple[int, ...]]
    targets: tuple[int, ...]

    @property
    def whole(self) -> Floats:
        """X'X of all rows."""
        return self.parts[LEARN] + self.parts[HELD]


def gram(subject: Subject, names: Sequence[str], summary: dict[int, Summary], seed: int) -> Gram:
    """Return X'X, summed up where the rows are, block by block.

    A number is standardised, with 0 (its mean) where there is none, and a second slot says so; a category
    has a slot for each of its most frequent values.

    Args:
        subject: the rows.
        names: the features.
        summary: of all features, by number.
        seed: decides which rows are held back, with their key.
    """
    from pyspark.sql import functions as fn

    values, places = slots_of(subject, names, summary)
    columns = [fn.lit(1.0), *values]
    slots = {name: tuple(place + 1 for place in own) for name, own in places.items()}
    labels = _labels(subject)
    targets = tuple(range(len(columns), len(columns) + len(labels)))
    held = fn.when(fn.pmod(fn.xxhash64(fn.lit(seed), row_key(subject)), fn.lit(4)) == 0, HELD).otherwise(
        LEARN
    )
    vectors = subject.table.select(held.alias("part"), fn.array(*columns, *labels).alias("row"))
    return Gram(_summed(vectors, len(columns) + len(labels)), slots, targets)


def slots_of(
    subject: Subject, names: Sequence[str], summary: dict[int, Summary]
) -> tuple[list[Column], dict[str, tuple[int, ...]]]:
    """Return features as numbers, none missing, and where each feature's are; see `gram`."""
    columns: list[Column] = []
    places = {}
    for name in names:
        own = _slots(subject, name, summary[subject.names.index(name)])
        places[name] = tuple(range(len(columns), len(columns) + len(own)))
        columns += own
    return columns, places


def correlations(found: Gram, names: Sequence[str]) -> Floats:
    """Return the correlations of numeric features, by the first slot of each."""
    whole = found.whole
    places = [found.slots[name][0] for name in names]
    rows, sums = whole[0, 0], whole[0, places]
    products = whole[np.ix_(places, places)] - np.outer(sums, sums) / rows
    spread = np.sqrt(np.maximum(np.diag(products), 0))
    scale = np.outer(spread, spread)
    return np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)


def held_back_r2(found: Gram, names: Sequence[str], ridge: float = 1e-6) -> float:
    """Return R2 on the rows held back of a linear model learned on the others; for classes the mean R2."""
    places = [0, *(place for name in names for place in found.slots[name])]
    learn, held = found.parts
    penalty = ridge * learn[0, 0] * np.eye(len(places))
    penalty[0, 0] = 0.0
    targets = list(found.targets)
    weights = np.linalg.solve(learn[np.ix_(places, places)] + penalty, learn[np.ix_(places, targets)])
    cross = held[np.ix_(places, targets)]
    squares = np.diag(held)[targets]
    error = squares - 2 * (weights * cross).sum(axis=0)
    error += (weights * (held[np.ix_(places, places)] @ weights)).sum(axis=0)
    total = squares - held[0, targets] ** 2 / held[0, 0]
    some = total > 0
    return float(np.mean(1 - error[some] / total[some])) if some.any() else 0.0


def _slots(subject: Subject, name: str, summary: Summary) -> list[Column]:
    from pyspark.sql import functions as fn

    if name in subject.roles.categorical:
        value = quoted(name).cast("string")
        return [fn.coalesce((value == fn.lit(one)).cast("double"), fn.lit(0.0)) for one in summary.frequent]
    value, spread = number(subject, name), (summary.variance or 0.0) ** 0.5 or 1.0
    scaled = [fn.coalesce((value - (summary.mean or 0.0)) / spread, fn.lit(0.0))]
    if 0 < summary.known < summary.rows:
        scaled.append(fn.when(value.isNull(), 1.0).otherwise(0.0))
    return scaled


def _labels(subject: Subject) -> list[Column]:
    from pyspark.sql import functions as fn

    label = target(subject)
    if not subject.classes:
        mean = subject.table.agg(fn.avg(label)).collect()[0][0]
        return [label - mean]
    several = range(len(subject.classes)) if len(subject.classes) > 2 else (1,)
    return [fn.when(label == n, 1.0).otherwise(0.0) for n in several]


def _summed(vectors: DataFrame, width: int) -> tuple[Floats, Floats]:
    schema = "part int, block int, sums binary"

    def partial(batches: Iterable[pd.DataFrame]) -> Iterable[pd.DataFrame]:
        sums: dict[int, Floats] = {}
        for batch in batches:
            for part in (LEARN, HELD):
                rows = batch[batch["part"] == part]
                values = np.array(rows["row"].tolist()).reshape(-1, width)
                sums[part] = sums.get(part, np.zeros((width, width))) + values.T @ values
        found = [
            (part, start, whole[start : start + BLOCK].tobytes())
            for part, whole in sums.items()
            for start in range(0, width, BLOCK)
        ]
        yield pd.DataFrame(found, columns=["part", "block", "sums"])

    def added(key: tuple[int, int], rows: pd.DataFrame) -> pd.DataFrame:
        total = sum(np.frombuffer(one) for one in rows["sums"])
        return pd.DataFrame({"part": [key[0]], "block": [key[1]], "sums": [np.asarray(total).tobytes()]})

    send_by_value()
    blocks = vectors.mapInPandas(partial, schema).groupBy("part", "block").applyInPandas(added, schema)
    whole = np.zeros((2, width, width))
    for row in blocks.collect():
        values = np.frombuffer(row["sums"]).reshape(-1, width)
        whole[row["part"], row["block"] : row["block"] + len(values)] = values
    return whole[LEARN], whole[HELD]
