"""How much worse predictions become when the values of one feature are shuffled among the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from sparkfeat.errors import DataError, UserInputError
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.histogram import TINY
from sparkfeat.models.evaluation.importances import Importance, sorted_by_value
from sparkfeat.models.evaluation.results import Problem
from sparkfeat.models.evaluation.rows import Label
from sparkfeat.models.names import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
"""What shuffling a feature makes worse, by problem."""


def permutation_importances(
    predict: Callable[[DataFrame], DataFrame],
    rows: DataFrame,
    features: Sequence[str],
    problem: Problem,
    *,
    label: str,
    key: Sequence[str],
    classes: Sequence[Label] = (),
    positive: Label | None = None,
    words: Mapping[str, str] | None = None,
    config: EvaluationConfig | None = None,
) -> tuple[Importance, ...]:
    """Return by how much shuffling each feature makes the metric worse, the largest first.

    AUC falls for two classes; log loss rises for more; RMSE rises for numbers. All shuffles of all features
    are scored in one Spark job on at most `permutation_rows` rows, chosen by a hash of their key. The
    interval is that of the mean over the shuffles (Student's t): how much the shuffles differ, not the rows.

    Args:
        predict: adds predictions to rows, as `evaluate` reads them.
        rows: rows the model did not learn from, with the label.
        features: columns to shuffle, one at a time.
        problem: as for `evaluate`.
        label: the column of true values.
        key: columns that tell rows apart.
        classes, positive: as for `evaluate`; classes are needed for classification.
        words: feature -> what it is, in words.
        config: shuffles, rows and seed.

    Raises:
        DataError: no rows, or for two classes only rows of one.
    """
    config = config or EvaluationConfig()
    if problem != "regression" and not classes:
        raise UserInputError("Classes are needed to judge shuffled features", hint="Give those of the model")
    sample = _sample(rows, key, config).persist()
    try:
        count = sample.count()
        if not count:
            raise DataError("There are no rows to shuffle", hint="Give the test a larger share of the rows")
        variants = _variants(len(features), count, config)
        shuffled = _all_shuffled(sample, features, variants, count)
        found = _measured(predict(shuffled), problem, label, classes, positive)
    finally:
        sample.unpersist()
    return _importances(found, features, words or {}, config, falls=problem == "binary")


def _sample(rows: DataFrame, key: Sequence[str], config: EvaluationConfig) -> DataFrame:
    """Return rows by the order of their hash, with their place in it."""
    from pyspark.sql import functions as fn

    order = [fn.xxhash64(fn.lit(config.seed), *(quoted(name) for name in key))]
    order += [quoted(name) for name in key]
    few = rows.orderBy(*order).limit(config.permutation_rows)
    # The rows of one partition are numbered from 0, in their order.
    return few.coalesce(1).withColumn("__place", fn.monotonically_increasing_id().cast("int"))


def _variants(features: int, rows: int, config: EvaluationConfig) -> list[tuple[int, int, int, int]]:
    """Return (feature, shuffle, step, shift): place p takes its value from (step p + shift) mod rows.

    The places are random already; a step that shares no divisor with the rows uses each value once.
    Feature -1 is what nothing is shuffled in.
    """
    rng = np.random.default_rng(config.seed)
    steps = [step for step in range(1, rows) if np.gcd(step, rows) == 1] or [1]
    each = [(feature, shuffle) for feature in range(features) for shuffle in range(config.permutations)]
    return [(-1, 0, 1, 0), *((*one, int(rng.choice(steps)), int(rng.integers(rows))) for one in each)]


def _all_shuffled(
    sample: DataFrame, features: Sequence[str], variants: list[tuple[int, int, int, int]], rows: int
) -> DataFrame:
    """Return the rows once for each variant, `__feature` and `__shuffle` beside them."""
    from pyspark.sql import functions as fn

    session = sample.sparkSession
    each = session.createDataFrame(variants, "__feature int, __shuffle int, __step long, __shift long")
    given = [quoted(name).alias(f"__given{n}") for n, name in enumerate(features)]
    donors = sample.select(fn.col("__place").alias("__donor"), *given)
    donor = fn.pmod(fn.col("__step") * fn.col("__place") + fn.col("__shift"), fn.lit(rows)).cast("int")
    many = sample.crossJoin(fn.broadcast(each)).withColumn("__donor", donor)
    joined = many.join(fn.broadcast(donors), "__donor")
    place = {name: n for n, name in enumerate(features)}

    def value(name: str) -> Column:
        own = quoted(name)
        if name not in place:
            return own
        n = place[name]
        return fn.when(fn.col("__feature") == n, fn.col(f"__given{n}")).otherwise(own).alias(name)

    kept = [value(name) for name in sample.columns if name != "__place"]
    return joined.select(*kept, "__feature", "__shuffle")


def _measured(
    predictions: DataFrame, problem: Problem, label: str, classes: Sequence[Label], positive: Label | None
) -> dict[tuple[int, int], float | None]:
    """Return the metric by feature and shuffle."""
    from pyspark.sql import functions as fn

    truth = quoted(label)
    if problem == "binary":
        one = classes[-1] if positive is None else positive
        frame = _areas(predictions.withColumn("__one", (truth == fn.lit(one)).cast("double")))
    elif problem == "multiclass":
        frame = predictions.withColumn("__value", _log_losses(truth, classes))
        frame = frame.groupBy("__feature", "__shuffle").agg(fn.avg("__value").alias("metric"))
    else:
        error = truth - fn.col("prediction")
        squared = fn.sqrt(fn.avg(error * error)).alias("metric")
        frame = predictions.groupBy("__feature", "__shuffle").agg(squared)
    return {(row["__feature"], row["__shuffle"]): row["metric"] for row in frame.collect()}


def _areas(scored: DataFrame) -> DataFrame:
    """Return the AUC of each variant from the ranks of its scores; equal scores share a mean rank."""
    from pyspark.sql import Window
    from pyspark.sql import functions as fn

    variant = ("__feature", "__shuffle")
    counted = scored.groupBy(*variant, "score").agg(fn.sum("__one").alias("ones"), fn.count("*").alias("all"))
    before = fn.sum("all").over(Window.partitionBy(*variant).orderBy("score")) - fn.col("all")
    ranked = counted.withColumn("rank", before + (fn.col("all") + 1) / 2)
    ones = fn.sum("ones")
    above = fn.sum(fn.col("rank") * fn.col("ones")) - ones * (ones + 1) / 2
    pairs = ones * (fn.sum("all") - ones)
    return ranked.groupBy(*variant).agg(fn.when(pairs > 0, above / pairs).alias("metric"))


def _log_losses(truth: Column, classes: Sequence[Label]) -> Column:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as fn

    place = fn.coalesce(*(fn.when(truth == fn.lit(one), n) for n, one in enumerate(classes)), fn.lit(None))
    return -fn.log(fn.greatest(vector_to_array(fn.col("probability"))[place], fn.lit(TINY)))


def _importances(
    found: Mapping[tuple[int, int], float | None],
    features: Sequence[str],
    words: Mapping[str, str],
    config: EvaluationConfig,
    *,
    falls: bool,
) -> tuple[Importance, ...]:
    whole = found[-1, 0]
    if whole is None:
        hint = "Raise permutation_rows"
        raise DataError("The rows to shuffle are of one class only: AUC compares two", hint=hint)
    quantile = float(stats.t.ppf((1 + config.confidence) / 2, config.permutations - 1))
    importances = []
    for n, name in enumerate(features):
        metric = np.array([found[n, shuffle] for shuffle in range(config.permutations)], dtype=float)
        worse = whole - metric if falls else metric - whole
        mean, half = float(worse.mean()), quantile * float(worse.std(ddof=1)) / config.permutations**0.5
        importances.append(Importance(name, mean, mean - half, mean + half, words.get(name, "")))
    return sorted_by_value(importances)
