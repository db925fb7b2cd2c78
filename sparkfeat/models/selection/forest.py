"""What a forest uses, beside columns of random numbers that it should not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.selection.counts import Summary
from sparkfeat.models.selection.gram import slots_of
from sparkfeat.models.selection.long import Subject, row_key, target

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PROBES = 5
TREES, DEPTH = 30, 6


def forest_importances(
    subject: Subject, names: Sequence[str], summary: dict[int, Summary], seed: int
) -> tuple[dict[str, float], float]:
    """Return the share of each feature in a random forest, and the largest share of a random column.

    Five columns of random numbers, the same for the same rows, are features like the others.
    """
    from pyspark.ml.classification import RandomForestClassifier
    from pyspark.ml.regression import RandomForestRegressor

    rows, places = _vectors(subject, names, summary, seed)
    kind = RandomForestClassifier if subject.classes else RandomForestRegressor
    rows = rows.persist()
    try:
        model = kind(numTrees=TREES, maxDepth=DEPTH, seed=seed).fit(rows)
    finally:
        rows.unpersist()
    importance = np.asarray(model.featureImportances.toArray())
    found = {name: float(importance[list(own)].sum()) for name, own in places.items()}
    return found, float(importance[-PROBES:].max())


def _vectors(
    subject: Subject, names: Sequence[str], summary: dict[int, Summary], seed: int
) -> tuple[DataFrame, dict[str, tuple[int, ...]]]:
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions as fn

    columns, places = slots_of(subject, names, summary)
    noise = [
        fn.pmod(fn.xxhash64(fn.lit(seed + n), row_key(subject)), fn.lit(1_000_003)).cast("double") / 1_000_003
        for n in range(PROBES)
    ]
    vector = array_to_vector(fn.array(*columns, *noise)).alias("features")
    return subject.table.select(vector, target(subject).alias("label")), places
