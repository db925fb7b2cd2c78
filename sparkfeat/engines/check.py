"""The rows checked once, before the first computation: index values, times, keys without a parent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from sqlglot import exp

from sparkfeat.engines.computation import Computation
from sparkfeat.entityset import ArrowSource, EntitySet, Relationship, Table
from sparkfeat.errors import DataError
from sparkfeat.sql.expressions import column, equal, named, relation

Run = Callable[[exp.Expr], list[dict[str, Any]]]
"""Runs a query and returns its rows by column."""


@dataclass(frozen=True)
class TableReport:
    """What the check of one table found."""

    name: str
    rows: int
    null_times: int = 0


@dataclass(frozen=True)
class DataReport:
    """What was counted: rows by table, rows without a time, children without a parent by relationship."""

    tables: tuple[TableReport, ...]
    orphans: tuple[tuple[str, int], ...]

    @property
    def notes(self) -> list[str]:
        """What a user should know, a sentence each."""
        found = [
            f"{report.name}: {report.null_times:,} rows have no time and are never visible"
            for report in self.tables
            if report.null_times
        ]
        return found + [
            f"{link}: {count:,} rows have a key without a parent" for link, count in self.orphans if count
        ]


def check(tables: Sequence[Table], relationships: Iterable[Relationship], run: Run) -> DataReport:
    """Count rows, null and duplicate index values, null times and orphans, in one query.

    Args:
        tables: the tables to check.
        relationships: those between them.
        run: runs a query in the engine that will compute.

    Raises:
        DataError: null or duplicate index values.
    """
    names = {table.name for table in tables}
    links = [link for link in relationships if {link.parent, link.child} <= names]
    parts = [_counts(n, table) for n, table in enumerate(tables)]
    parts += [_orphans(len(tables) + n, link) for n, link in enumerate(links)]
    query: exp.Expr = parts[0]
    for part in parts[1:]:
        query = exp.Union(this=query, expression=part, distinct=False)
    found = {row["part"]: row for row in run(query)}
    reports = tuple(_table_report(table, found[n]) for n, table in enumerate(tables))
    orphans = tuple((str(link), int(found[len(tables) + n]["row_count"])) for n, link in enumerate(links))
    return DataReport(reports, orphans)


def _table_report(table: Table, found: Mapping[str, int]) -> TableReport:
    where = f"dataframe '{table.name}', column '{table.index}'"
    missing = found["row_count"] - found["key_count"]
    if missing:
        raise DataError(f"The index has {missing:,} null values", where=where, hint="Drop those rows")
    if found["distinct_count"] != found["key_count"]:
        raise DataError(
            "The index has duplicate values",
            where=where,
            why=f"{found['key_count']:,} rows have {found['distinct_count']:,} different values",
            hint="Drop duplicates, or choose another index",
        )
    return TableReport(table.name, found["row_count"], found["row_count"] - found["time_count"])


def _part(number: int, rows: exp.Expr, keys: exp.Expr, distinct: exp.Expr, times: exp.Expr) -> exp.Select:
    columns = {"row_count": rows, "key_count": keys, "distinct_count": distinct, "time_count": times}
    part = named(exp.convert(number), "part")
    return exp.select(part, *(named(value, name) for name, value in columns.items()))


def _counts(number: int, table: Table) -> exp.Select:
    rows = exp.Count(this=exp.Star())
    keys = exp.Count(this=column(table.index))
    # Rows in memory were checked when they were added.
    in_memory = isinstance(table.source, ArrowSource)
    distinct = keys if in_memory else exp.Count(this=exp.Distinct(expressions=[column(table.index)]))
    times = rows if table.time_index is None else exp.Count(this=column(table.time_index))
    return _part(number, rows, keys, distinct, times).from_(relation(table.name, "r"))


def _orphans(number: int, link: Relationship) -> exp.Select:
    """Count the rows whose key has no parent."""
    parent = exp.select(exp.convert(1)).from_(relation(link.parent, "p"))
    parent = parent.where(equal(column(link.parent_column, "p"), column(link.child_column, "r")))
    known = exp.Not(this=exp.Is(this=column(link.child_column, "r"), expression=exp.null()))
    none = exp.cast(exp.convert(0), "BIGINT")
    alone = exp.Not(this=exp.Exists(this=parent))
    part = _part(number, exp.Count(this=exp.Star()), none, none, none)
    return part.from_(relation(link.child, "r")).where(known, alone)


class Report(Protocol):
    """Is told what a check found, and whether it was the first of these tables."""

    def __call__(self, report: DataReport, *, first: bool) -> None:
        """Take the report."""
        ...


_checked: WeakKeyDictionary[EntitySet, dict[tuple[int, ...], DataReport]] = WeakKeyDictionary()


def check_once(computation: Computation, run: Run, report: Report) -> DataReport:
    """Check the tables of a computation unless that was done for this EntitySet; return what was found."""
    done = _checked.setdefault(computation.entityset, {})
    key = tuple(id(table.source) for table in computation.tables)
    first = key not in done
    if first:
        done[key] = check(computation.tables, computation.entityset.relationships, run)
    report(done[key], first=first)
    return done[key]
