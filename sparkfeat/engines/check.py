"""The rows checked once, before the first computation: index values, times, keys without a parent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from sqlglot import exp

from sparkfeat.engines.computation import Computation
from sparkfeat.entityset import ArrowSource, EntitySet, Relationship, Table
from sparkfeat.entityset.types import INTEGER_TYPES
from sparkfeat.errors import DataError
from sparkfeat.sql.expressions import column, equal, named, relation

Run = Callable[[exp.Expr], list[dict[str, Any]]]
"""Runs a query and returns its rows by column."""

Counts = Mapping[str, Any]


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
        dialect: the engine's SQL.

    Raises:
        DataError: null or duplicate index values.
    """
    names = {table.name for table in tables}
    links = [link for link in relationships if {link.parent, link.child} <= names]
    parts = [_counts(n, table, dialect) for n, table in enumerate(tables)]
    parts += [_orphans(len(tables) + n, link) for n, link in enumerate(links)]
    found = _run(parts, run)
    for n, table in enumerate(tables):
        _check_nulls(table, found[n])
    check_unique(tables, found, run, dialect)
    reports = tuple(
        TableReport(table.name, found[n]["row_count"], found[n]["row_count"] - found[n]["time_count"])
        for n, table in enumerate(tables)
    )
    orphans = tuple((str(link), int(found[len(tables) + n]["row_count"])) for n, link in enumerate(links))
    return DataReport(reports, orphans)


def _run(parts: Sequence[exp.Select], run: Run) -> dict[int, Counts]:
    """Run queries as one; return the row of each by its number."""
    query: exp.Expr = parts[0]
    for part in parts[1:]:
        query = exp.Union(this=query, expression=part, distinct=False)
    return {row["part"]: row for row in run(query)}


def _check_nulls(table: Table, found: Counts) -> None:
    missing = found["row_count"] - found["key_count"]
    if missing:
        raise DataError(f"The index has {missing:,} null values", where=_where(table), hint="Drop those rows")


def _where(table: Table) -> str:
    return f"dataframe '{table.name}', column '{table.index}'"


# Unique values -------------------------------------------------------------------------------------------

_LARGEST = 2**63 - 1
"""A range that ends here has no end that an integer could say."""

_HASHES = {"duckdb": "hash", "spark": "xxhash64"}


def check_unique(tables: Sequence[Table], found: Mapping[int, Counts], run: Run, dialect: str) -> None:
    """Check that the index values of stored tables differ.

    To tell values apart all of them have to be kept. Not so where the count fits the integers from the least
    to the greatest: then 64 bits of all hashes together are those of these integers, or there are duplicates.

    Raises:
        DataError: duplicates.
    """
    # Rows in memory were checked when they were added.
    stored = {n: table for n, table in enumerate(tables) if not isinstance(table.source, ArrowSource)}
    gapless = {n for n in stored if _is_gapless(found[n])}
    if gapless:
        marks = _run([_mark_of_range(n, found[n], dialect) for n in sorted(gapless)], run)
        gapless = {n for n in gapless if marks[n]["mark"] == found[n]["mark"]}
    if kept := sorted({*stored} - gapless):
        distinct = _run([_distinct(n, stored[n]) for n in kept], run)
        for n in kept:
            _check_distinct(stored[n], found[n]["key_count"], distinct[n]["distinct_count"])


def _is_gapless(found: Counts) -> bool:
    low, high = found["low"], found["high"]
    return low is not None and high - low + 1 == found["key_count"] and high < _LARGEST


def _mark(value: exp.Expr, dialect: str) -> exp.Expr:
    hashed = exp.Anonymous(this=_HASHES[dialect], expressions=[exp.cast(value, "BIGINT")])
    return exp.Anonymous(this="bit_xor", expressions=[hashed])


def _mark_of_range(number: int, found: Counts, dialect: str) -> exp.Select:
    ends = [exp.convert(found["low"]), exp.convert(found["high"] + 1)]
    alias = exp.TableAlias(this=exp.to_identifier("n"), columns=[exp.to_identifier("i")])
    numbers = exp.Table(this=exp.Anonymous(this="range", expressions=ends), alias=alias)
    part = named(exp.convert(number), "part")
    return exp.select(part, named(_mark(column("i", "n"), dialect), "mark")).from_(numbers)


def _distinct(number: int, table: Table) -> exp.Select:
    distinct = exp.Count(this=exp.Distinct(expressions=[column(table.index)]))
    select = exp.select(named(exp.convert(number), "part"), named(distinct, "distinct_count"))
    return select.from_(relation(table.name, "r"))


def _check_distinct(table: Table, keys: int, distinct: int) -> None:
    if distinct != keys:
        raise DataError(
            "The index has duplicate values",
            where=_where(table),
            why=f"{keys:,} rows have {distinct:,} different values",
            hint="Drop duplicates, or choose another index",
        )


# Counts --------------------------------------------------------------------------------------------------


def _part(number: int, columns: Mapping[str, exp.Expr]) -> exp.Select:
    part = named(exp.convert(number), "part")
    return exp.select(part, *(named(columns.get(name, exp.null()), name) for name in _COLUMNS))


_COLUMNS = ("row_count", "key_count", "time_count", "low", "high", "mark")


def _counts(number: int, table: Table, dialect: str) -> exp.Select:
    rows, key = exp.Count(this=exp.Star()), column(table.index)
    columns: dict[str, exp.Expr] = {
        "row_count": rows,
        "key_count": exp.Count(this=key),
        "time_count": rows if table.time_index is None else exp.Count(this=column(table.time_index)),
    }
    if table.column(table.index).logical_type in INTEGER_TYPES and not isinstance(table.source, ArrowSource):
        low, high = exp.cast(exp.Min(this=key), "BIGINT"), exp.cast(exp.Max(this=key), "BIGINT")
        columns |= {"low": low, "high": high, "mark": _mark(key, dialect)}
    return _part(number, columns).from_(relation(table.name, "r"))


def _orphans(number: int, link: Relationship) -> exp.Select:
    """Count the rows whose key has no parent."""
    parent = exp.select(exp.convert(1)).from_(relation(link.parent, "p"))
    parent = parent.where(equal(column(link.parent_column, "p"), column(link.child_column, "r")))
    known = exp.Not(this=exp.Is(this=column(link.child_column, "r"), expression=exp.null()))
    alone = exp.Not(this=exp.Exists(this=parent))
    part = _part(number, {"row_count": exp.Count(this=exp.Star())})
    return part.from_(relation(link.child, "r")).where(known, alone)


class Report(Protocol):
    """Is told what a check found, and whether it was the first of these tables."""

    def __call__(self, report: DataReport, *, first: bool) -> None:
        """Take the report."""
        ...


_checked: WeakKeyDictionary[EntitySet, dict[tuple[int, ...], DataReport]] = WeakKeyDictionary()


def check_once(computation: Computation, run: Run, report: Report, dialect: str) -> DataReport:
    """Check the tables of a computation unless that was done for this EntitySet; return what was found."""
    done = _checked.setdefault(computation.entityset, {})
    key = tuple(id(table.source) for table in computation.tables)
    first = key not in done
    if first:
        links = computation.entityset.relationships
        done[key] = check(computation.tables, links, run, dialect)
    report(done[key], first=first)
    return done[key]
