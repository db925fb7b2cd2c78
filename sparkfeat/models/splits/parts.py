"""Rows to learn from, to choose by and to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sparkfeat.errors import ConfigError, CutoffError, SchemaError, did_you_mean
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits.assign import at_random, by_group, time_bounds
from sparkfeat.models.splits.check import check_split
from sparkfeat.models.splits.config import Method, SplitConfig
from sparkfeat.models.splits.places import column, given_moment, moment_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Three parts of a table that have no row in common.

    Args:
        method: what decided where a row went; column where somebody else did.
        validation_from, test_from: the first cutoff times of these parts as text; empty unless split by time.
    """

    train: DataFrame
    validation: DataFrame
    test: DataFrame
    method: Method = "column"
    validation_from: str = ""
    test_from: str = ""


def split(table: DataFrame, roles: Roles, config: SplitConfig | None = None) -> Split:
    """Return the three parts of `table`; the same rows in each, however the table is partitioned.

    By time, rows whose label is known too late for the part before the next are in no part. By group and at
    random, a hash decides; at random, every part has the same share of each label.

    Raises:
        SchemaError: a named column is missing.
        ConfigError: settings that do not fit the table.
        CutoffError, DataError: rows that cannot be split so.
    """
    config = config or SplitConfig()
    method = find_method(table, roles, config)
    if method == "time":
        return _by_time(table, roles, config)
    if method == "column":
        return _by_column(table, roles, config)
    shares = (1 - config.validation - config.test, config.validation, config.test)
    if method == "group":
        part = by_group(table, _group(roles, config), _filled(shares), config.seed, "split")
    else:
        part = at_random(table, roles, _filled(shares), config.seed, "split")
    train, validation, test = (table.filter(part == number) for number in range(len(PARTS)))
    return Split(train, validation, test, method)


def find_method(table: DataFrame, roles: Roles, config: SplitConfig) -> Method:
    """Return what rows are split by.

    Raises:
        SchemaError: a column that the configuration names is missing.
        ConfigError: settings of one method with another.
    """
    for name in (config.group, config.column, config.label_time):
        if name is not None and name not in table.columns:
            raise SchemaError(f"No column '{name}'", where="split", hint=did_you_mean(name, table.columns))
    method = config.method
    if method == "auto":
        method = "time" if roles.cutoff_time else "group" if config.group else "random"
    needs_time = [
        key
        for key in ("horizon", "gap", "validation_from", "test_from")
        if getattr(config, key) is not None and method not in {"time", "column"}
    ]
    if needs_time:
        hint = "Leave it out, or split by time"
        raise ConfigError(f"split.{needs_time[0]} means nothing when rows are split by {method}", hint=hint)
    if method == "time" and roles.cutoff_time is None:
        hint = "Name the column of cutoff times, or split by group or at random"
        raise ConfigError(
            "Rows without cutoff times cannot be split by time", where="split.method", hint=hint
        )
    return method


def _group(roles: Roles, config: SplitConfig) -> str:
    name = config.group or roles.instance_id
    if name is None:
        hint = "Name the column in split.group"
        raise ConfigError("Nothing to group rows by", where="split.method", hint=hint)
    return name


def _filled(shares: Sequence[float]) -> tuple[float, ...]:
    """Return the shares without a test of size 0: no group has to go there."""
    return tuple(shares) if shares[-1] else tuple(shares[:-1])


def _by_time(table: DataFrame, roles: Roles, config: SplitConfig) -> Split:
    times = str(roles.cutoff_time)
    bounds = _bounds(table, times, config)
    parts = [
        within(table, times, low, high, config)
        for low, high in zip([None, *bounds], [*bounds, None], strict=True)
    ]
    if len(parts) < len(PARTS):
        parts.append(table.limit(0))
    kind = table.schema[times].dataType.typeName()
    return Split(parts[0], parts[1], parts[2], "time", *(_text(bound, kind) for bound in bounds))


def _bounds(table: DataFrame, times: str, config: SplitConfig) -> list[float]:
    """Return the first moments of validation and test: those given, else by their shares of the rows."""
    given = [_given(table, times, key, getattr(config, key)) for key in ("validation_from", "test_from")]
    if given[0] is not None and (given[1] is not None or config.test == 0):
        found = [bound for bound in given if bound is not None]
    else:
        shares = (1 - config.validation - config.test, config.validation, config.test)
        found = time_bounds(table, times, _filled(shares))
        found = [bound if bound is not None else other for bound, other in zip(given, found, strict=False)]
    if found != sorted(set(found)):
        hint = "Give both, validation_from first"
        raise CutoffError("The test would begin before validation", where="split.test_from", hint=hint)
    return found


def _given(table: DataFrame, times: str, key: str, given: datetime | float | None) -> float | None:
    if given is None:
        return None
    kind = table.schema[times].dataType
    found: float = (
        table.sparkSession.range(1).select(given_moment(given, kind, f"split.{key}")).collect()[0][0]
    )
    return found


def within(
    table: DataFrame, times: str, low: float | None, high: float | None, config: SplitConfig
) -> DataFrame:
    """Return the rows from `low` on whose label is known at `high`; None: no bound."""
    from pyspark.sql import functions

    now = moment_of(table, times)
    kept = table if low is None else table.filter(now >= functions.lit(low))
    if high is None:
        return kept
    kept = kept.filter(
        (now < functions.lit(high)) & (now + functions.lit(config.wait) <= functions.lit(high))
    )
    if config.label_time is None:
        return kept
    known = moment_of(table, config.label_time)
    return kept.filter(known <= functions.lit(high))


def _text(bound: float, kind: str) -> str:
    """Return a moment as text; moments of a time zone in UTC."""
    if kind not in {"timestamp", "timestamp_ntz", "date"}:
        return str(bound)
    time = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=bound)
    return time.isoformat(sep=" ") if kind == "timestamp" else time.replace(tzinfo=None).isoformat(sep=" ")


def _by_column(table: DataFrame, roles: Roles, config: SplitConfig) -> Split:
    part = column(table, str(config.column))
    found = {row[0] for row in table.select(part.cast("string")).distinct().limit(10).collect()}
    if others := sorted(str(name) for name in found - set(PARTS)):
        hint = "Write train, validation or test there, and leave out rows of none of them"
        raise ConfigError(
            f"'{others[0]}' is no part of a split", where=f"split.column: {config.column}", hint=hint
        )
    train, validation, test = (table.filter(part == name) for name in PARTS)
    check_split(train, validation, test, roles, config.group)
    return Split(train, validation, test)
