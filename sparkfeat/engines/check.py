"""The rows checked once, before the first computation: index values, times, keys without a parent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlglot import exp

from sparkfeat.engines.computation import Computation
from sparkfeat.entityset import ArrowSource, EntitySet, Relationship, Table
from sparkfeat.errors import DataError
from sparkfeat.sql.expressions import column, equal, named, relation

Run = Callable[[str], dict[str, Any]]
"""Runs a query of one row and returns it by column."""


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


def check(
    tables: Sequence[Table], relationships: Iterable[Relationship], run: Run, dialect: str
) -> DataReport:
    """Count rows, null and duplicate index values, null times and orphans.

    Args:
        tables: the tables to check.
        relationships: those between them.
        run: runs a query in the engine that will compute.
        dialect: its dialect.

    Raises:
        DataError: null or duplicate index values.
    """
    reports = tuple(_check_table(table, run, dialect) for table in tables)
    names = {table.name for table in tables}
    links = [link for link in relationships if {link.parent, link.child} <= names]
    orphans = tuple((str(link), int(run(_orphans(link).sql(dialect))["orphans"])) for link in links)
    return DataReport(reports, orphans)


def _check_table(table: Table, run: Run, dialect: str) -> TableReport:
    found = run(_counts(table).sql(dialect))
    where = f"dataframe '{table.name}', column '{table.index}'"
    missing = found["row_count"] - found["keys"]
    if missing:
        raise DataError(f"The index has {missing:,} null values", where=where, hint="Drop those rows")
    if found.get("distinct_keys", found["keys"]) != found["keys"]:
        raise DataError(
            "The index has duplicate values",
            where=where,
            why=f"{found['keys']:,} rows have {found['distinct_keys']:,} different values",
            hint="Drop duplicates, or choose another index",
        )
    return TableReport(
        table.name, found["row_count"], found["row_count"] - found.get("times", found["row_count"])
    )


def _counts(table: Table) -> exp.Select:
    columns = [
        named(exp.Count(this=exp.Star()), "row_count"),
        named(exp.Count(this=column(table.index)), "keys"),
    ]
    if not isinstance(table.source, ArrowSource):
        # Rows in memory were checked when they were added.
        distinct = exp.Distinct(expressions=[column(table.index)])
        columns.append(named(exp.Count(this=distinct), "distinct_keys"))
    if table.time_index is not None:
        columns.append(named(exp.Count(this=column(table.time_index)), "times"))
    return exp.select(*columns).from_(relation(table.name, "r"))


def _orphans(link: Relationship) -> exp.Select:
    parent = exp.select(exp.convert(1)).from_(relation(link.parent, "p"))
    parent = parent.where(equal(column(link.parent_column, "p"), column(link.child_column, "r")))
    known = exp.Not(this=exp.Is(this=column(link.child_column, "r"), expression=exp.null()))
    count = named(exp.Count(this=exp.Star()), "orphans")
    alone = exp.Not(this=exp.Exists(this=parent))
    return exp.select(count).from_(relation(link.child, "r")).where(known, alone)


Report = Callable[[DataReport], None]
_checked: WeakKeyDictionary[EntitySet, set[tuple[int, ...]]] = WeakKeyDictionary()


def check_once(computation: Computation, run: Run, dialect: str, report: Report) -> None:
    """Check the tables of a computation unless that was done before for this EntitySet."""
    done = _checked.setdefault(computation.entityset, set())
    key = tuple(id(table.source) for table in computation.tables)
    if key not in done:
        report(check(computation.tables, computation.entityset.relationships, run, dialect))
        done.add(key)
