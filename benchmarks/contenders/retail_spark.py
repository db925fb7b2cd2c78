"""The retail features as Spark DataFrames written by hand: two-stage modes, one join of each kind, AQE on."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from benchmarks.contenders.retail_duckdb import STACKED
from benchmarks.contenders.spark_session import session


def run(data: Path, output: Path) -> None:
    """Compute the 65 features of every customer."""
    spark = session()
    tables = {path.stem: spark.read.parquet(str(path)) for path in data.glob("*.parquet")}
    customers, sessions, transactions = (tables[name] for name in ("customers", "sessions", "transactions"))
    visits = transactions.join(sessions.select("session_id", "customer_id", "device"), "session_id")
    parts = [
        _stacked(sessions, transactions),
        _aggregated(visits, "amount", "transactions.amount", "transactions"),
        _counted(visits, fn.col("device"), "transactions.sessions.device"),
        *(_counted(sessions, value, name) for name, value in _session_values().items()),
    ]
    features = reduce(
        lambda left, right: left.join(right, "customer_id", "left"), parts, _calendar(customers)
    )
    zeros = [name for name in features.columns if name.startswith(("COUNT(", "SUM("))]
    filled = features.select(
        *(
            fn.coalesce(_quoted(name), fn.lit(0)).alias(name) if name in zeros else _quoted(name)
            for name in features.columns
        )
    )
    filled.write.mode("overwrite").parquet(str(output))


def _statistic(name: str, value: Column) -> Column:
    simple = {
        "COUNT": fn.count,
        "SUM": fn.sum,
        "MIN": fn.min,
        "MAX": fn.max,
        "MEAN": fn.avg,
        "STD": fn.stddev_samp,
    }
    if name in simple:
        return simple[name](value)
    # Spark's skewness is that of the population; pandas corrects it, and says 0 for equal values.
    count = fn.count(value)
    corrected = fn.skewness(value) * fn.sqrt(count * (count - 1)) / (count - 2)
    return fn.when(count > 2, fn.when(fn.min(value) == fn.max(value), 0.0).otherwise(corrected))


def _aggregated(rows: DataFrame, column: str, feature: str, counted: str) -> DataFrame:
    statistics = [
        _statistic(name, fn.col(column)).alias(f"{name}({counted if name == 'COUNT' else feature})")
        for name in STACKED
    ]
    return rows.groupBy("customer_id").agg(*statistics)


def _stacked(sessions: DataFrame, transactions: DataFrame) -> DataFrame:
    """Aggregate amounts to sessions, then sessions to customers."""
    amounts = [_statistic(name, fn.col("amount")).alias(name) for name in STACKED]
    per_session = transactions.groupBy("session_id").agg(*amounts)
    rows = sessions.select("session_id", "customer_id").join(per_session, "session_id", "left")
    rows = rows.fillna(0, ["COUNT", "SUM"])
    features = [
        _statistic(outer, fn.col(name)).alias(f"{outer}(sessions.{_feature(name)})")
        for name, outers in STACKED.items()
        for outer in outers
    ]
    return rows.groupBy("customer_id").agg(fn.count("*").alias("COUNT(sessions)"), *features)


def _feature(name: str) -> str:
    return "COUNT(transactions)" if name == "COUNT" else f"{name}(transactions.amount)"


def _session_values() -> dict[str, Column]:
    return {
        "sessions.device": fn.col("device"),
        **{f"sessions.{name}(session_start)": value for name, value in _fields("session_start").items()},
    }


def _fields(date: str) -> dict[str, Column]:
    return {
        "DAY": fn.dayofmonth(date),
        "MONTH": fn.month(date),
        "WEEKDAY": fn.weekday(fn.col(date)),
        "YEAR": fn.year(date),
    }


def _counted(rows: DataFrame, value: Column, name: str) -> DataFrame:
    """Count the values of each customer, then take the most frequent: the smallest of those that tie."""
    counts = rows.groupBy("customer_id", value.alias("value")).agg(fn.count("*").alias("rows"))
    best = fn.min(fn.struct(-fn.col("rows"), fn.col("value")))
    return counts.groupBy("customer_id").agg(
        best["value"].alias(f"MODE({name})"), fn.count("value").alias(f"NUM_UNIQUE({name})")
    )


def _calendar(customers: DataFrame) -> DataFrame:
    fields = [
        value.alias(f"{name}({date})")
        for date in ("signup", "birthday")
        for name, value in _fields(date).items()
    ]
    return customers.select("customer_id", "region", *fields)


def _quoted(name: str) -> Column:
    return fn.col(f"`{name}`")
