"""The rows checked once, before the first computation: index values, times, keys without a parent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from sqlglot import exp

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.cutoff_frames import check_different
from sparkfeat.entityset import ArrowSource, EntitySet, Relationship, SparkSource, Table
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
    found = _run([_counts(n, table, dialect) for n, table in enumerate(tables)], run)
    for n, table in enumerate(tables):
        _check_nulls(table, found[n])
    gapless = _gapless(found, run, dialect)
    _check_unique(tables, found, gapless, run)
    reports = tuple(
        TableReport(table.name, found[n]["row_count"], found[n]["row_count"] - found[n]["time_count"])
        for n, table in enumerate(tables)
    )
    spans = {tables[n].name: (found[n]["low"], found[n]["high"]) for n in gapless}
    return DataReport(reports, _orphans(tables, relationships, spans, run))


def _run(parts: Sequence[exp.Select], run: Run) -> dict[int, Counts]:
    """Run queries as one; return the row of each by its number."""
    if not parts:
        return {}
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


def _gapless(found: Mapping[int, Counts], run: Run, dialect: str) -> set[int]:
    """Return the tables whose index has all integers from its least to its greatest, each once.

    To tell values apart all of them would have to be kept. Where there are as many as these integers, 64 bits
    made of all their hashes are those of the integers, or some are there twice.
    """
    fitting = [n for n, counts in found.items() if _fits(counts)]
    marks = _run([_mark_of_range(n, found[n], dialect) for n in fitting], run)
    return {n for n in fitting if marks[n]["mark"] == found[n]["mark"]}


def _fits(found: Counts) -> bool:
    low, high = found["low"], found["high"]
    return low is not None and high - low + 1 == found["key_count"] and high < _LARGEST


def _check_unique(tables: Sequence[Table], found: Mapping[int, Counts], known: set[int], run: Run) -> None:
    """Check that the index values of stored tables differ; of the known ones they do.

    Raises:
        DataError: duplicates.
    """
    # Rows in memory were checked when they were added.
    stored = {n: table for n, table in enumerate(tables) if not isinstance(table.source, ArrowSource)}
    asked = sorted({*stored} - known)
    distinct = _run([_distinct(n, stored[n]) for n in asked], run)
    for n in asked:
        _check_distinct(stored[n], found[n]["key_count"], distinct[n]["distinct_count"])


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
    if table.column(table.index).logical_type in INTEGER_TYPES:
        low, high = exp.cast(exp.Min(this=key), "BIGINT"), exp.cast(exp.Max(this=key), "BIGINT")
        columns |= {"low": low, "high": high, "mark": _mark(key, dialect)}
    return _part(number, columns).from_(relation(table.name, "r"))


# Keys without a parent ------------------------------------------------------------------------------------

Spans = Mapping[str, tuple[int, int]]
"""The least and the greatest index value of tables that have all integers between."""


def _orphans(
    tables: Sequence[Table], relationships: Iterable[Relationship], spans: Spans, run: Run
) -> tuple[tuple[str, int], ...]:
    """Count, by relationship, the rows whose key has no parent."""
    known = {table.name: table for table in tables}
    links = [link for link in relationships if {link.parent, link.child} <= {*known}]
    found = _run([_alone(n, link, known, spans) for n, link in enumerate(links)], run)
    return tuple((str(link), int(found[n]["row_count"])) for n, link in enumerate(links))


def _alone(number: int, link: Relationship, tables: Mapping[str, Table], spans: Spans) -> exp.Select:
    key = column(link.child_column, "r")
    columns = [named(exp.convert(number), "part"), named(exp.Count(this=exp.Star()), "row_count")]
    select = exp.select(*columns).from_(relation(link.child, "r"))
    span = spans.get(link.parent)
    whole = tables[link.child].column(link.child_column).logical_type in INTEGER_TYPES
    if span and whole and link.parent_column == tables[link.parent].index:
        low, high = (exp.convert(end) for end in span)
        return select.where(exp.or_(exp.LT(this=key, expression=low), exp.GT(this=key, expression=high)))
    parent = exp.select(exp.convert(1)).from_(relation(link.parent, "p"))
    parent = parent.where(equal(column(link.parent_column, "p"), key))
    there = exp.Not(this=exp.Is(this=key.copy(), expression=exp.null()))
    return select.where(there, exp.Not(this=exp.Exists(this=parent)))


class Report(Protocol):
    """Is told what a check found, and whether it was the first of these tables."""

    def __call__(self, report: DataReport, *, first: bool) -> None:
        """Take the report."""
        ...


_checked: WeakKeyDictionary[EntitySet, dict[tuple[int, ...], DataReport]] = WeakKeyDictionary()


def check_once(computation: Computation, run: Run, report: Report, dialect: str) -> DataReport:
    """Check the tables of a computation unless that was done for this EntitySet; return what was found.

    Its cutoff times are checked as well.
    """
    if isinstance(computation.cutoffs.source, SparkSource):
        check_different(computation.cutoffs.source.frame)
    done = _checked.setdefault(computation.entityset, {})
    key = tuple(id(table.source) for table in computation.tables)
    first = key not in done
    if first:
        links = computation.entityset.relationships
        done[key] = check(computation.tables, links, run, dialect)
    report(done[key], first=first)
    return done[key]
