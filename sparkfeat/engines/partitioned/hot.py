"""Hot customers: those that own more rows than one task should take, found by a count before the shuffle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import ceil
from typing import TYPE_CHECKING, Any

from sparkfeat.engines.featuretools.places import Places, Rows
from sparkfeat.engines.featuretools.reach import Path

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROWS = 8_000_000
"""Fewer of one customer are left to DuckDB, which takes a task about ten seconds: Spark's own plan takes as
long to be compiled."""

SHARES = 2
"""A customer is hot whose rows are more than so many times what a task would take if all took as many."""

SAMPLE_ROWS = 1_000_000
"""Of a table with more rows so many are looked at."""

NAMED = 5
_SEED = 42


@dataclass(frozen=True)
class Hot:
    """The hot customers of one computation.

    Attributes:
        owners: their index values, one column `owner`.
        rows: how many rows each has, about, by index value; the hottest first.
        limit: the rows above which a customer is hot.
    """

    owners: DataFrame
    rows: Mapping[Any, int]
    limit: int

    def __str__(self) -> str:
        named = ", ".join(f"{owner!r} (about {rows:,} rows)" for owner, rows in [*self.rows.items()][:NAMED])
        more = f" and {len(self.rows) - NAMED:,} more" if len(self.rows) > NAMED else ""
        return f"{named}{more}, the limit is {self.limit:,}"


def limit_of(rows: int, tasks: int) -> int:
    """Return how many rows a customer may own, of so many rows in all and so many tasks at once."""
    return max(ROWS, ceil(SHARES * rows / tasks))


def find(spark: SparkSession, places: Places, rows: Mapping[str, int], tasks: int) -> Hot | None:
    """Count the rows of customers, of large tables in a sample; None where none is hot.

    Nothing is counted where no customer could be: with one or two tasks, or few rows.

    Args:
        spark: the session.
        places: the tables, with the customers asked for.
        rows: how many each table has.
        tasks: how many run at once.
    """
    from pyspark.sql import functions as fn

    paths = [path for path in places.paths if path and not any(edge.forward for edge in path)]
    total = sum(rows[path[-1].target] for path in paths)
    limit = limit_of(total, tasks)
    if total <= limit:
        return None
    found = _counts(places, paths, rows).where(f"rows > {limit}").orderBy("rows", ascending=False).collect()
    if not found:
        return None
    kind = places.owned()[()].schema["owner"].dataType
    owners = spark.createDataFrame([(row["owner"],) for row in found], f"owner {kind.simpleString()}")
    # Spark does not know how few they are.
    return Hot(fn.broadcast(owners), {row["owner"]: int(row["rows"]) for row in found}, limit)


def _counts(places: Places, paths: list[Path], rows: Mapping[str, int]) -> DataFrame:
    """Return (owner, rows): about how many rows of all tables below the target belong to each customer."""
    shares = {path: min(1.0, SAMPLE_ROWS / max(rows[path[-1].target], 1)) for path in paths}
    parts = [
        _owners(places, path, share).selectExpr("owner", f"{1 / share!r}D AS weight")
        for path, share in shares.items()
    ]
    united = reduce(lambda left, right: left.unionAll(right), parts)
    return united.groupBy("owner").agg({"weight": "sum"}).toDF("owner", "rows")


def _owners(places: Places, path: Path, share: float) -> DataFrame:
    """Return the customer of each row at the end of a path, or of a share of the rows."""
    if share == 1:
        return places.owned()[path]
    name = path[-1].target
    table = places.tables[name]
    some = Rows(table.frame.sample(share, _SEED), table.names)
    return replace(places, tables={**places.tables, name: some}).children(path, places.owned())


def without(places: Places, hot: Hot) -> Places:
    """Leave the hot customers out."""
    return replace(places, without=hot.owners)


def rows_of(places: Places, hot: Hot) -> dict[str, DataFrame]:
    """Return the rows of every table that belong to hot customers, under the columns' own names.

    Tables that any path leads up to are whole: what points at their rows picks them.
    """
    owned = replace(places, instances=hot.owners, without=None).owned()
    up = {edge.target for path in places.paths for edge in path if edge.forward}
    return {
        name: (rows.frame if name in up else places.united(name, owned)).toDF(*rows.names)
        for name, rows in places.tables.items()
    }
