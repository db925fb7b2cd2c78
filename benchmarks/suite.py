"""The benchmarks by name: each is made for a size, its data with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import retail, wide
from benchmarks.goals import Benchmark, Memory, Ratio
from benchmarks.measure import Contender

CONTENDERS = "benchmarks.contenders"
HOT_SHARE = 0.3
SCALE_MEMORY = "5GB"  # what DuckDB may use for the largest tables
SCALE_RESIDENT = 8  # gigabytes that all processes may have
SNAPSHOTS = 20


@dataclass(frozen=True)
class Size:
    """How much data the benchmarks have.

    Args:
        name: what the command line calls it.
        retail: transactions of `retail`, `distinct` and `hot`.
        timed: transactions of `cutoffs` and `snapshots`.
        cutoffs: distinct cutoff times.
        customers: those who are asked for at 20 times, and those for each of 730 days.
        scale: transactions of both sides of `scale`.
        events: rows of `wide`.
        columns: columns of `wide` on which all engines are compared.
        faster: how often sparkfeat must be faster than Featuretools in `retail` and in `cutoffs`.
    """

    name: str
    retail: int
    timed: int
    cutoffs: int
    customers: tuple[int, int]
    scale: tuple[int, int]
    events: int
    columns: int
    faster: tuple[float, float]


SIZES = {
    "tiny": Size(
        name="tiny",
        retail=10_000,
        timed=10_000,
        cutoffs=50,
        customers=(20, 2),
        scale=(1_000, 10_000),
        events=2_000,
        columns=2,
        faster=(1, 1),
    ),
    "small": Size(
        name="small",
        retail=1_000_000,
        timed=1_000_000,
        cutoffs=1_000,
        customers=(1_000, 10),
        scale=(100_000, 1_000_000),
        events=100_000,
        columns=4,
        faster=(15, 50),
    ),
    "full": Size(
        name="full",
        retail=10_000_000,
        timed=1_000_000,
        cutoffs=10_000,
        customers=(10_000, 200),
        scale=(10_000_000, 100_000_000),
        events=1_000_000,
        columns=40,
        faster=(25, 1_000),
    ),
}


def retail_benchmark(size: Size) -> Benchmark:
    """Make the retail benchmark: 65 features of all customers."""
    rows = size.retail
    data = retail.dataset(rows)
    polars = Contender("Polars by hand", f"{CONTENDERS}.retail_polars:run", {"data": data}, 3, needs="polars")
    return Benchmark(
        f"Retail: {rows:,} transactions, 65 features of {rows // 100:,} customers",
        (
            _sparkfeat("sparkfeat duckdb", data),
            _by_hand("DuckDB by hand", data),
            polars,
            Contender("Featuretools", f"{CONTENDERS}.retail_featuretools:run", {"data": data}),
            _sparkfeat("sparkfeat spark", data, engine="spark"),
            _sparkfeat("sparkfeat partitioned", data, engine="partitioned"),
            Contender("Spark by hand", f"{CONTENDERS}.retail_spark:run", {"data": data}, 3),
        ),
        (
            Ratio("Featuretools", "sparkfeat duckdb", at_least=size.faster[0]),
            Ratio("sparkfeat duckdb", "DuckDB by hand", warm=True, at_most=1.3),
            Ratio("Spark by hand", "sparkfeat partitioned", warm=True, at_least=2.5),
        ),
    )


def cutoffs_benchmark(size: Size) -> Benchmark:
    """Make the benchmark of distinct cutoff times, one for each of some customers."""
    count, data = size.cutoffs, retail.dataset(size.timed)
    times = retail.cutoffs(data, count)
    asked = {"data": data, "cutoffs": times}
    return Benchmark(
        f"Cutoff times: {count:,} distinct ones, {size.timed:,} transactions, 65 features",
        (
            _sparkfeat("sparkfeat duckdb", data, cutoffs=times),
            _by_hand("DuckDB by hand", data, cutoffs=times),
            Contender("Featuretools", f"{CONTENDERS}.retail_featuretools:run", asked),
        ),
        (Ratio("Featuretools", "sparkfeat duckdb", at_least=size.faster[1]),),
    )


def snapshots_benchmark(size: Size) -> Benchmark:
    """Make the benchmark of customers asked for many times each."""
    (customers, daily), data = size.customers, retail.dataset(size.timed)
    many = f"{SNAPSHOTS} times"
    tables = {
        "1 time": retail.snapshots(data, customers, 1),
        many: retail.snapshots(data, customers, SNAPSHOTS),
        "730 days": retail.daily(data, daily, 730),
    }
    return Benchmark(
        f"Snapshots: {SNAPSHOTS} random cutoff times for each of {customers:,} customers,"
        f" 730 days for {daily}; {size.timed:,} transactions",
        tuple(
            made(f"{name}, {group}", data, group=group, cutoffs=table)
            for group, table in tables.items()
            for name, made in (("sparkfeat duckdb", _sparkfeat), ("DuckDB by hand", _by_hand))
        ),
        (Ratio(f"sparkfeat duckdb, {many}", "sparkfeat duckdb, 1 time", warm=True, at_most=6),),
        key="asked",
    )


def distinct_benchmark(size: Size) -> Benchmark:
    """Make the benchmark of a distinct cutoff time for every customer against one that all share."""
    rows = size.retail
    data, customers = retail.dataset(rows), rows // 100
    each, same = retail.cutoffs(data, customers), retail.shared(data, customers)
    return Benchmark(
        f"Distinct cutoff times: one for each of {customers:,} customers, {rows:,} transactions",
        (
            _sparkfeat("sparkfeat duckdb, shared", data, group="shared", time=retail.MIDDLE),
            _by_hand("DuckDB by hand, shared", data, group="shared", cutoffs=same),
            _sparkfeat("sparkfeat duckdb, distinct", data, group="distinct", cutoffs=each),
            _by_hand("DuckDB by hand, distinct", data, group="distinct", cutoffs=each),
        ),
        (Ratio("sparkfeat duckdb, distinct", "sparkfeat duckdb, shared", warm=True, at_most=2),),
    )


def wide_benchmark(size: Size) -> Benchmark:
    """Make the benchmark of many features: more of them on DuckDB, and all engines on the same ones."""
    rows, common = size.events, size.columns
    few, many = 6, len(wide.COLUMNS)
    data, features = wide.dataset(rows), wide.FEATURES_OF_COLUMN
    narrow, widest = (f"sparkfeat duckdb, {count * features:,} features" for count in (few, many))
    return Benchmark(
        f"Wide: {rows:,} rows, statistics stacked twice for {rows // 100:,} customers;"
        f" engines compared on {common * features:,} features",
        (
            _wide(narrow, data, few),
            _wide(widest, data, many),
            _wide("sparkfeat duckdb", data, common),
            _wide("DuckDB by hand", data, common, by="wide_duckdb"),
            _wide("sparkfeat spark", data, common, engine="spark"),
            _wide("sparkfeat partitioned", data, common, engine="partitioned"),
        ),
        (
            Ratio(widest, narrow, warm=True, at_most=many / few),
            Ratio("sparkfeat spark", "sparkfeat duckdb", warm=True, at_most=10),
        ),
    )


def scale_benchmark(size: Size) -> Benchmark:
    """Make the benchmark of ten times the rows, in bounded memory."""
    small, large = (f"{rows:,} rows" for rows in size.scale)
    engines = ("duckdb", "partitioned")
    return Benchmark(
        f"Scale: {size.scale[1]:,} transactions against {size.scale[0]:,}, {SCALE_MEMORY} for DuckDB",
        tuple(
            _sparkfeat(
                f"sparkfeat {engine}, {group}", data, group=group, engine=engine, memory_limit=SCALE_MEMORY
            )
            for group, data in zip((small, large), map(retail.dataset, size.scale), strict=True)
            for engine in engines
        ),
        tuple(
            goal
            for name in (f"sparkfeat {engine}" for engine in engines)
            for goal in (
                Ratio(f"{name}, {large}", f"{name}, {small}", warm=True, at_most=11),
                Memory(f"{name}, {large}", at_most=SCALE_RESIDENT),
            )
        ),
    )


def hot_benchmark(size: Size) -> Benchmark:
    """Make the benchmark of one customer who owns a share of all rows."""
    rows = size.retail
    tables = {"uniform": retail.dataset(rows), "hot": retail.dataset(rows, HOT_SHARE)}
    engines = ("duckdb", "partitioned")
    return Benchmark(
        f"Hot: {rows:,} transactions, of which one customer owns {HOT_SHARE:.0%}",
        tuple(
            contender
            for group, data in tables.items()
            for contender in (
                _by_hand(f"DuckDB by hand, {group}", data, group=group),
                *(
                    _sparkfeat(f"sparkfeat {name}, {group}", data, group=group, engine=name)
                    for name in engines
                ),
            )
        ),
        tuple(
            Ratio(f"sparkfeat {name}, hot", f"sparkfeat {name}, uniform", warm=True, at_most=1.5)
            for name in engines
        ),
    )


BENCHMARKS: dict[str, Callable[[Size], Benchmark]] = {
    "retail": retail_benchmark,
    "cutoffs": cutoffs_benchmark,
    "snapshots": snapshots_benchmark,
    "distinct": distinct_benchmark,
    "wide": wide_benchmark,
    "scale": scale_benchmark,
    "hot": hot_benchmark,
}


def _sparkfeat(name: str, data: Path, group: str = "", **arguments: Path | str) -> Contender:
    return Contender(
        name, f"{CONTENDERS}.retail_sparkfeat:run", {"data": data, **arguments}, runs=3, group=group
    )


def _by_hand(name: str, data: Path, group: str = "", **arguments: Path | str) -> Contender:
    return Contender(
        name, f"{CONTENDERS}.retail_duckdb:run", {"data": data, **arguments}, runs=3, group=group
    )


def _wide(
    name: str, data: Path, columns: int, by: str = "wide_sparkfeat", **arguments: Path | str
) -> Contender:
    given = {"data": data, "columns": str(columns), **arguments}
    return Contender(name, f"{CONTENDERS}.{by}:run", given, runs=2, group=f"{columns} columns")
