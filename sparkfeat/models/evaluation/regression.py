"""Evaluation of predicted numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.evaluation.bootstrap import measured
from sparkfeat.models.evaluation.cells import summed
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.points import Floats, ratio
from sparkfeat.models.evaluation.results import MOST_POINTS, Calibrated, Evaluation, Metric, Residuals

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

GROUPS = 20
"""Groups of the picture of residuals, of about equal numbers of rows."""


def evaluate_regression(scored: DataFrame, key: Sequence[str], config: EvaluationConfig) -> Evaluation:
    """Evaluate predicted numbers.

    Args:
        scored: columns `truth` and `guess`, doubles without nulls.
        key: columns that tell rows apart.
        config: intervals.
    """
    sums = _sums(scored, key)
    cells = np.ones(len(sums["rows"]))

    def measure(weights: Floats) -> Mapping[str, Floats]:
        return _measures({name: weights @ value for name, value in sums.items()})

    metrics = measured(measure, config, cells)
    median, width = _median_error(scored, config)
    metrics["median_ae"] = median
    zeros = int(sums["rows"].sum() - sums["relative_rows"].sum())
    notes = [f"{zeros:,} rows whose true value is 0 are left out of MAPE"] if zeros else []
    if width:
        notes.append(
            f"median_ae is exact within {width:.2g}: there are more errors than are counted one by one"
        )
    residuals = _residuals(scored)
    return Evaluation(
        "regression",
        int(sums["rows"].sum()),
        {name: metric for name, metric in metrics.items() if np.isfinite(metric.value)},
        calibration=tuple(Calibrated(one.rows, one.predicted, one.predicted + one.mean) for one in residuals),
        residuals=residuals,
        exact=not width,
        notes=tuple(notes),
    )


def _sums(scored: DataFrame, key: Sequence[str]) -> dict[str, Floats]:
    from pyspark.sql import functions as fn

    centre = scored.agg(fn.avg("truth")).collect()[0][0]
    truth, error = fn.col("truth"), fn.col("truth") - fn.col("guess")
    shifted = truth - fn.lit(float(centre))  # squares of what is far from 0 would lose digits
    known = truth != 0
    columns = {
        "truths": shifted,
        "truth_squares": shifted * shifted,
        "errors": fn.abs(error),
        "squares": error * error,
        "relative": fn.when(known, fn.abs(error / truth)).otherwise(fn.lit(0.0)),
        "relative_rows": fn.when(known, fn.lit(1.0)).otherwise(fn.lit(0.0)),
    }
    return summed(scored, key, columns)


def _measures(total: dict[str, Floats]) -> dict[str, Floats]:
    rows = total["rows"]
    spread = total["truth_squares"] - ratio(total["truths"] ** 2, rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "rmse": np.sqrt(total["squares"] / rows),
            "mae": total["errors"] / rows,
            "r2": np.where(spread > 0, 1 - total["squares"] / spread, np.nan),
            "mape": total["relative"] / total["relative_rows"],
        }


def _median_error(scored: DataFrame, config: EvaluationConfig) -> tuple[Metric, float]:
    """Return the median of the absolute errors, and how far from the exact one it can be."""
    from pyspark.sql import functions as fn

    errors = scored.select(fn.abs(fn.col("truth") - fn.col("guess")).alias("error"))
    found = errors.groupBy("error").count().limit(MOST_POINTS + 1).collect()
    width = 0.0
    if len(found) > MOST_POINTS:
        binned, width = _binned_errors(errors)
        found = binned.collect()
    pairs = sorted((float(row["error"]), float(row["count"])) for row in found)
    error, count = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])

    def measure(counts: Floats) -> Mapping[str, Floats]:
        return {"median_ae": _weighted_median(error, counts)}

    return measured(measure, config, count)["median_ae"], width


def _binned_errors(errors: DataFrame) -> tuple[DataFrame, float]:
    """Return errors, those near the median in narrow bins, and the width of these bins."""
    from pyspark.sql import functions as fn

    error = fn.col("error")
    low, high = errors.approxQuantile("error", [0.4, 0.6], 0.01)
    step = max(high - low, 1e-300) / (MOST_POINTS // 2)
    place = fn.when(error < low, -1).when(error > high, MOST_POINTS).otherwise(fn.floor((error - low) / step))
    binned = errors.groupBy(place.alias("bin")).agg(
        fn.avg("error").alias("error"), fn.count("*").alias("count")
    )
    return binned, step


def _weighted_median(values: Floats, counts: Floats) -> Floats:
    """Return the middle value of each sample, or the mean of the two in the middle."""
    seen, rows = counts.cumsum(axis=1), counts.sum(axis=1)
    lower = (seen < np.ceil(rows / 2)[:, None]).sum(axis=1).clip(max=len(values) - 1)
    upper = (seen < np.floor(rows / 2 + 1)[:, None]).sum(axis=1).clip(max=len(values) - 1)
    found: Floats = (values[lower] + values[upper]) / 2
    return found


def _residuals(scored: DataFrame) -> tuple[Residuals, ...]:
    from pyspark.sql import functions as fn

    shares = [n / GROUPS for n in range(1, GROUPS)]
    edges = sorted(set(scored.approxQuantile("guess", shares, 0.005)))
    group = sum((fn.when(fn.col("guess") > edge, 1).otherwise(0) for edge in edges), fn.lit(0))
    residual = fn.col("truth") - fn.col("guess")
    quantiles = fn.percentile_approx(residual, [0.1, 0.5, 0.9], 1_000)
    found = scored.groupBy(group.alias("group")).agg(
        fn.count("*").alias("rows"),
        fn.avg("guess").alias("predicted"),
        fn.avg(residual).alias("mean"),
        quantiles.alias("quantiles"),
    )
    return tuple(
        Residuals(row["rows"], row["predicted"], row["mean"], *row["quantiles"])
        for row in found.orderBy("group").collect()
    )
