"""Training rows with rare classes weighted, repeated or added to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial, reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.models.names import quoted
from sparkfeat.models.roles import WEIGHT
from sparkfeat.models.sampling.choice import KEY, choose, keyed
from sparkfeat.models.sampling.classes import Label, class_counts, grown, shrunk
from sparkfeat.models.sampling.config import ImbalanceConfig
from sparkfeat.models.sampling.smote import TIMES, check_neighbours, shares, synthetic


def resample(
    train: DataFrame,
    config: ImbalanceConfig,
    label: str,
    seed: int,
    *,
    categorical: Sequence[Sequence[int]] = (),
) -> DataFrame:
    """Return training rows in which rare classes count for more.

    The result does not depend on how rows are partitioned: what is random comes from a hash of a row's values
    and the seed. Rows that are equal in all columns are treated alike.

    Args:
        train: rows with the vector `features` and the label; never validation or test rows.
        config: what to do.
        label: the column of classes.
        seed: other seeds choose other rows.
        categorical: for `smote_nc`: the positions of each category in the vector; one position for an index,
            several for one-hot, as `categorical_positions` finds them.

    Returns:
        The rows with their columns; with `class_weight` a column `weight`. In synthetic rows all columns but
        `features` and the label are null.

    Raises:
        SchemaError: a column is missing.
        DataError: a label is null, there is one class only, or a class has no more than `k_neighbors` rows.
        ConfigError: `smote_nc` without categories.
    """
    if config.method == "none":
        return train
    counts = class_counts(train, label)
    if config.method == "class_weight":
        return train.withColumn(WEIGHT, _weights(counts, label))
    rows = keyed(train, seed)
    if config.method == "random_under":
        return _left_out(rows, label, shrunk(counts, config.ratio)).drop(KEY)
    added = grown(counts, config.ratio)
    if config.method == "random_over":
        more = [_repeated(rows.where(_is(label, name)), count, counts[name]) for name, count in added.items()]
        return reduce(DataFrame.unionAll, more, rows).drop(KEY)
    check_neighbours(config, {name: counts[name] for name in added}, categorical)
    made = [
        synthetic(
            shares(rows.where(_is(label, name)), count, counts[name]), config, seed, categorical
        ).withColumn(label, F.lit(name).cast(train.schema[label].dataType))
        for name, count in added.items()
    ]
    return reduce(partial(DataFrame.unionByName, allowMissingColumns=True), made, train)


def _weights(counts: Mapping[Label, int], label: str) -> Column:
    """Return rows / (classes x rows of the class), as scikit-learn's `balanced`."""
    rows = sum(counts.values())
    weight = F.lit(None)
    for name, count in counts.items():
        weight = F.when(_is(label, name), rows / (len(counts) * count)).otherwise(weight)
    return weight


def _left_out(rows: DataFrame, label: str, kept: Mapping[Label, int]) -> DataFrame:
    """Keep so many rows of some classes, and all of the others."""
    whole = rows.where(~quoted(label).isin(list(kept)))
    classes = {name: rows.where(_is(label, name)) for name in kept}
    return reduce(
        DataFrame.unionAll, [choose(classes[name], kept[name]).of(classes[name]) for name in kept], whole
    )


def _repeated(rows: DataFrame, added: int, count: int) -> DataFrame:
    """Return copies of the rows of a class, so many in all."""
    times = F.expr(f"explode(array_repeat(0, {TIMES}))").alias(TIMES)
    held = shares(rows, added, count)
    return held.select(*[quoted(name) for name in rows.columns], times).drop(TIMES)


def _is(label: str, name: Label) -> Column:
    return quoted(label) == F.lit(name)
