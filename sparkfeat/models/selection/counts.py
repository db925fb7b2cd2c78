"""What a few passes over the long table tell of every feature."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sparkfeat.models.selection.long import FEATURE, KEY, NUMBER, TARGET, TEXT, Subject

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Floats = npt.NDArray[np.float64]
LABEL_BINS = 8
"""Parts of the label of a regression, of equal numbers of rows."""


@dataclass(frozen=True)
class Summary:
    """One feature's values: rows, those with a value, their spread, and a hash of which row has which."""

    rows: int
    known: int
    low: float | None
    high: float | None
    mean: float | None
    variance: float | None
    low_text: str | None
    high_text: str | None
    content: tuple[int, int]
    edges: tuple[float, ...] = ()
    frequent: tuple[str, ...] = ()

    @property
    def constant(self) -> bool:
        """Whether every row has the same value."""
        return self.known == self.rows and (self.low, self.low_text) == (self.high, self.high_text)


@dataclass
class Counted:
    """One feature's values against the label.

    `table[bin, class]` are rows; the last bin holds rows without a value. `groups` has (rows with a
    value, mean, variance) of a numeric feature for each class; `correlation` is that with a label of numbers.
    """

    table: Floats
    groups: list[tuple[int, float, float]] = field(default_factory=list)
    correlation: float | None = None
    known: int = 0
    same: int = 0
    label_sums: Floats = field(default_factory=lambda: np.zeros(0))
    label_squares: float = 0.0


def summaries(long: DataFrame, bins: int) -> dict[int, Summary]:
    """Return the summary of every feature, by its number."""
    from pyspark.sql import functions as fn

    content = fn.xxhash64(KEY, NUMBER, TEXT)
    known = fn.count(fn.coalesce(fn.col(NUMBER).cast("string"), fn.col(TEXT)))
    shares = [n / bins for n in range(1, bins)]
    rows = long.groupBy(FEATURE).agg(
        fn.count("*").alias("rows"),
        known.alias("known"),
        fn.min(NUMBER).alias("low"),
        fn.max(NUMBER).alias("high"),
        fn.avg(NUMBER).alias("mean"),
        fn.var_samp(NUMBER).alias("variance"),
        fn.min(TEXT).alias("low_text"),
        fn.max(TEXT).alias("high_text"),
        fn.expr(f"bit_xor(xxhash64({KEY}, {NUMBER}, {TEXT}))").alias("mixed"),
        fn.sum(fn.shiftright(content, 32)).alias("added"),
        fn.percentile_approx(NUMBER, shares, 2_000).alias("edges"),
    )
    frequent = _frequent(long, bins)
    return {
        row[FEATURE]: Summary(
            row["rows"],
            row["known"],
            row["low"],
            row["high"],
            row["mean"],
            row["variance"],
            row["low_text"],
            row["high_text"],
            (row["mixed"], row["added"]),
            tuple(sorted({edge for edge in row["edges"] or () if edge < row["high"]})),
            frequent.get(row[FEATURE], ()),
        )
        for row in rows.collect()
    }


def _frequent(long: DataFrame, bins: int) -> dict[int, tuple[str, ...]]:
    """Return the most frequent texts of each categorical feature."""
    from pyspark.sql import Window
    from pyspark.sql import functions as fn

    counted = long.where(fn.col(TEXT).isNotNull()).groupBy(FEATURE, TEXT).count()
    order = Window.partitionBy(FEATURE).orderBy(fn.desc("count"), TEXT)
    first = counted.withColumn("place", fn.row_number().over(order)).where(fn.col("place") < bins)
    found: dict[int, list[str]] = {}
    for row in first.orderBy(FEATURE, "place").collect():
        found.setdefault(row[FEATURE], []).append(row[TEXT])
    return {feature: tuple(texts) for feature, texts in found.items()}


def counts(long: DataFrame, subject: Subject, summary: dict[int, Summary]) -> dict[int, Counted]:
    """Return every feature's values counted against the label, by its number."""
    from pyspark.sql import functions as fn

    classes = len(subject.classes)
    label_edges = () if classes else _label_edges(long)
    known = [(n, list(one.edges), list(one.frequent), _median(one)) for n, one in summary.items()]
    schema = f"{FEATURE} int, edges array<double>, frequent array<string>, median double"
    bins = fn.broadcast(long.sparkSession.createDataFrame(known, schema))
    binned = long.join(bins, FEATURE).select(
        FEATURE,
        NUMBER,
        TEXT,
        TARGET,
        _bin().alias("bin"),
        _same().alias("same"),
        _class(label_edges).alias("class"),
    )
    binned = binned.persist()
    try:
        return _collected(binned, summary, classes or len(label_edges) + 1, regression=not classes)
    finally:
        binned.unpersist()


def _median(one: Summary) -> float | None:
    return one.edges[len(one.edges) // 2] if one.edges else one.high


def _label_edges(long: DataFrame) -> tuple[float, ...]:
    labels = long.where(f"{FEATURE} = 0")
    shares = [n / LABEL_BINS for n in range(1, LABEL_BINS)]
    return tuple(sorted(set(labels.approxQuantile(TARGET, shares, 0.001))))


def _bin() -> Column:
    """Return a value's bin: 0, 1, ... by the edges below it; a text's place, 0 for rare ones; -1 for none."""
    from pyspark.sql import functions as fn

    below = fn.expr(f"size(filter(edges, edge -> {NUMBER} > edge))")
    place = fn.expr(f"cast(array_position(frequent, {TEXT}) as int)")
    return fn.when(fn.col(NUMBER).isNotNull(), below).when(fn.col(TEXT).isNotNull(), place).otherwise(-1)


def _same() -> Column:
    """Return whether a value is the one that may be everywhere: the median, or the most frequent text."""
    from pyspark.sql import functions as fn

    common = fn.when(fn.size("frequent") > 0, fn.element_at("frequent", 1))
    return (fn.col(NUMBER) == fn.col("median")) | (fn.col(TEXT) == common)


def _class(label_edges: tuple[float, ...]) -> Column:
    from pyspark.sql import functions as fn

    if not label_edges:
        return fn.col(TARGET).cast("int")
    return sum((fn.when(fn.col(TARGET) > edge, 1).otherwise(0) for edge in label_edges), fn.lit(0))


def _collected(
    binned: DataFrame, summary: dict[int, Summary], classes: int, *, regression: bool
) -> dict[int, Counted]:
    from pyspark.sql import functions as fn

    sizes = {n: max(len(one.edges), len(one.frequent)) + 2 for n, one in summary.items()}
    found = {n: Counted(np.zeros((size, classes)), label_sums=np.zeros(size)) for n, size in sizes.items()}
    cells = binned.groupBy(FEATURE, "bin", "class").agg(
        fn.count("*").alias("rows"),
        fn.sum(fn.when(fn.col("same"), 1).otherwise(0)).alias("same"),
        fn.sum(TARGET).alias("labels"),
    )
    for row in cells.collect():
        one = found[row[FEATURE]]
        one.table[row["bin"], row["class"]] = row["rows"]
        one.label_sums[row["bin"]] += row["labels"]
        one.same += row["same"]
        one.known += row["rows"] if row["bin"] >= 0 else 0
    _add_moments(binned, found, regression=regression)
    return found


def _add_moments(binned: DataFrame, found: dict[int, Counted], *, regression: bool) -> None:
    from pyspark.sql import functions as fn

    numbers = binned.where(fn.col(NUMBER).isNotNull())
    if regression:
        spread = binned.groupBy(FEATURE).agg(fn.var_pop(TARGET).alias("spread"))
        for row in spread.collect():
            found[row[FEATURE]].label_squares = row["spread"]
        for row in numbers.groupBy(FEATURE).agg(fn.corr(NUMBER, TARGET).alias("correlation")).collect():
            found[row[FEATURE]].correlation = row["correlation"]
        return
    moments = numbers.groupBy(FEATURE, "class").agg(
        fn.count("*").alias("rows"), fn.avg(NUMBER).alias("mean"), fn.var_pop(NUMBER).alias("variance")
    )
    for row in moments.collect():
        found[row[FEATURE]].groups.append((row["rows"], row["mean"], row["variance"]))
