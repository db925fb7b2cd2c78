"""The retail features as one lazy Polars query, written by hand for exactly these tables and features."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import polars as pl

from benchmarks.contenders.retail_duckdb import STACKED

KEY = "customer_id"


def run(data: Path, output: Path) -> None:
    """Compute the 65 features of every customer."""
    output.mkdir(parents=True, exist_ok=True)
    tables = {path.stem: pl.scan_parquet(path) for path in data.glob("*.parquet")}
    sessions, transactions = tables["sessions"], tables["transactions"]
    visits = transactions.join(sessions.select("session_id", KEY, "device"), on="session_id")
    parts = [
        _stacked(sessions, transactions),
        visits.group_by(KEY).agg(_statistic(name, "amount").alias(_feature(name)) for name in STACKED),
        _counted(visits, pl.col("device"), "transactions.sessions.device"),
        *(_counted(sessions, value, name) for name, value in _session_values().items()),
    ]
    features = reduce(lambda left, right: left.join(right, on=KEY, how="left"), parts, _calendar(tables))
    zeros = pl.col("^(COUNT|SUM)\\(.*$").fill_null(0)
    features.with_columns(zeros).sink_parquet(output / "features.parquet")


def _statistic(name: str, column: str) -> pl.Expr:
    value = pl.col(column)
    simple = {
        "COUNT": value.count(),
        "SUM": value.sum(),
        "MIN": value.min(),
        "MAX": value.max(),
        "MEAN": value.mean(),
        "STD": value.std(),
    }
    if name in simple:
        return simple[name]
    # pandas says 0 for three or more equal values
    skew = pl.when(value.min() == value.max()).then(0.0).otherwise(value.skew(bias=False))
    return pl.when(value.count() > 2).then(skew)


def _stacked(sessions: pl.LazyFrame, transactions: pl.LazyFrame) -> pl.LazyFrame:
    """Aggregate amounts to sessions, then sessions to customers."""
    amounts = [_statistic(name, "amount").alias(name) for name in STACKED]
    per_session = transactions.group_by("session_id").agg(amounts)
    rows = sessions.select("session_id", KEY).join(per_session, on="session_id", how="left")
    rows = rows.with_columns(pl.col("COUNT", "SUM").fill_null(0))
    features = [
        _statistic(outer, name).alias(f"{outer}(sessions.{_feature(name)})")
        for name, outers in STACKED.items()
        for outer in outers
    ]
    return rows.group_by(KEY).agg(pl.len().alias("COUNT(sessions)"), *features)


def _feature(name: str) -> str:
    return "COUNT(transactions)" if name == "COUNT" else f"{name}(transactions.amount)"


def _session_values() -> dict[str, pl.Expr]:
    fields = {f"sessions.{name}(session_start)": value for name, value in _fields("session_start").items()}
    return {"sessions.device": pl.col("device"), **fields}


def _fields(date: str) -> dict[str, pl.Expr]:
    parts = pl.col(date).dt
    return {
        "DAY": parts.day(),
        "MONTH": parts.month(),
        "WEEKDAY": parts.weekday() - 1,
        "YEAR": parts.year(),
    }


def _counted(rows: pl.LazyFrame, value: pl.Expr, name: str) -> pl.LazyFrame:
    """Count the values of each customer, then take the most frequent: the smallest of those that tie."""
    counts = rows.group_by(KEY, value.alias("value")).agg(pl.len().alias("rows"))
    best = pl.col("value").sort_by("rows", "value", descending=[True, False]).first()
    return counts.group_by(KEY).agg(
        best.alias(f"MODE({name})"), pl.col("value").count().alias(f"NUM_UNIQUE({name})")
    )


def _calendar(tables: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    fields = [
        value.alias(f"{name}({date})")
        for date in ("signup", "birthday")
        for name, value in _fields(date).items()
    ]
    return tables["customers"].select(KEY, "region", *fields)
