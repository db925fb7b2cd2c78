"""The caller's cutoff times and instance ids, checked and made into one relation."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import woodwork as ww

from sparkfeat.engines.cutoff_frames import selected
from sparkfeat.entityset import ArrowSource, Column, EntitySet, SparkSource, Table
from sparkfeat.entityset.canonical import from_series
from sparkfeat.entityset.inference import infer_columns
from sparkfeat.entityset.options import TableOptions
from sparkfeat.entityset.sources import parquet_source
from sparkfeat.entityset.twin import logical_type
from sparkfeat.errors import CutoffError, MissingInputError, StorageError, did_you_mean
from sparkfeat.plan import CutoffShape
from sparkfeat.plan.nodes import CUTOFF_POSITION, CUTOFF_TIME, INSTANCE
from sparkfeat.storage.locations import is_s3

logger = logging.getLogger("sparkfeat")

REPEATED = 3
"""Cutoff times of an instance, on average, from which on its rows stand once for all of them.

Finding the times that see a row costs about as much as to have the row stand twice.
"""

_KEYS = (INSTANCE, CUTOFF_TIME)


@dataclass(frozen=True, eq=False)
class Cutoffs:
    """Which instances, at which times.

    `time` is the one time that all rows share, None where each row has its own. `source` holds the
    rows: instance_id, time (where rows have one), pass-through columns (as `passed_name` calls them), and
    __position for rows that came in an order; it is None when all visible instances are meant.
    """

    time: datetime | float | None
    source: ArrowSource | SparkSource | None
    pass_through: tuple[Column, ...] = ()

    def shape(self, dialect: str) -> CutoffShape:
        """Return what a plan needs to know; in Spark's SQL rows stand once for each cutoff time."""
        repeated = dialect == "duckdb" and self.repeated
        return CutoffShape(per_row=self.time is None, listed=self.source is not None, repeated=repeated)

    @cached_property
    def repeated(self) -> bool:
        """Whether instances have so many times, on average, that rows had better stand once for all."""
        if self.time is not None or self.source is None:
            return False
        rows, instances = _counted(self.source)
        return rows >= REPEATED * instances

    @cached_property
    def numeric(self) -> bool:
        """Whether the times are numbers, not datetimes."""
        if self.time is not None or self.source is None:
            return isinstance(self.time, float)
        return not pa.types.is_temporal(self.source.schema.field(CUTOFF_TIME).type)

    @property
    def ordered(self) -> bool:
        """Whether the rows came in an order."""
        return not isinstance(self.source, SparkSource)


def _counted(source: ArrowSource | SparkSource) -> tuple[int, int]:
    """Return how many cutoff rows there are, and of about how many instances."""
    if isinstance(source, SparkSource):
        found = source.frame.selectExpr("count(*)", f"approx_count_distinct({INSTANCE})").collect()[0]
        return found[0], found[1]
    ids = source.table.column(INSTANCE)
    return len(ids), pc.count_distinct(ids, mode="all").as_py()


def passed_name(number: int) -> str:
    """Return what the rows call a pass-through column, whose own name could be that of a key."""
    return f"p{number}"


def read_cutoffs(
    cutoff_time: Any, instance_ids: Iterable[Any] | None, entityset: EntitySet, target: Table
) -> Cutoffs:
    """Read the arguments as `featuretools.calculate_feature_matrix` does.

    Args:
        cutoff_time: None (now), one time, or a table with a row for each instance and time: pandas, Arrow,
            Spark, or the path of a Parquet file.
        instance_ids: instances, where `cutoff_time` is one time; None for all that are visible.

    Raises:
        CutoffError: columns missing, times of the wrong kind, duplicate rows, ids that do not fit the index.
        MissingInputError, StorageError: a path that is not there, or not readable as Parquet.
    """
    numeric = entityset.time_type == "numeric"
    table = _as_table(cutoff_time)
    if table is not None:
        if instance_ids is not None:
            logger.warning(
                "instance_ids have no effect beside a table of cutoff times: it names the instances"
            )
        if hasattr(table, "sparkSession"):
            return _spark_rows(table, target, entityset.time_type)
        return _rows(table, target, entityset.time_type)
    time = _shared_time(cutoff_time, numeric=numeric)
    return Cutoffs(time, None if instance_ids is None else _instances(instance_ids, target))


def _as_table(cutoff_time: Any) -> Any:
    """Return the argument when it is a table, read from Parquet where it is a path."""
    if isinstance(cutoff_time, pa.Table):
        return cutoff_time.to_pandas()
    if isinstance(cutoff_time, pd.DataFrame) or hasattr(cutoff_time, "sparkSession"):
        return cutoff_time
    if isinstance(cutoff_time, str) and is_s3(cutoff_time):
        return parquet_source(cutoff_time).dataset.to_table().to_pandas()
    if (isinstance(cutoff_time, str) and cutoff_time.endswith(".parquet")) or hasattr(
        cutoff_time, "__fspath__"
    ):
        try:
            return pq.read_table(cutoff_time).to_pandas()
        except FileNotFoundError as error:
            raise MissingInputError("No such file of cutoff times", where=str(cutoff_time)) from error
        except (OSError, pa.ArrowInvalid) as error:
            raise StorageError(
                "Cannot read the cutoff times", where=str(cutoff_time), why=str(error)
            ) from error
    return None


def _shared_time(given: Any, *, numeric: bool) -> datetime | float:
    if given is None:
        return np.inf if numeric else datetime.now()
    if isinstance(given, list):
        raise CutoffError(
            "cutoff_time must be one time or a table", hint="Put a list into a DataFrame with ids"
        )
    if isinstance(given, int | float | np.number) and not isinstance(given, bool):
        if not numeric:
            raise CutoffError(
                f"cutoff_time={given!r} is a number",
                why="The time indexes are datetimes",
                hint="Give a datetime",
            )
        return float(given)
    try:
        time = pd.Timestamp(given)
    except (ValueError, TypeError) as error:
        raise CutoffError(f"Cannot read cutoff_time={given!r} as a time", why=str(error)) from error
    if numeric:
        raise CutoffError(
            f"cutoff_time={given!r} is a datetime", why="The time indexes are numbers", hint="Give a number"
        )
    return _naive(time)


def _naive(time: pd.Timestamp) -> datetime:
    if pd.isna(time):
        raise CutoffError("cutoff_time is null", hint="Leave it out to use the present time")
    if time.tz is not None:
        raise CutoffError(
            f"cutoff_time {time} has a time zone",
            why="Time indexes keep the wall clock without a zone",
            hint="Drop it: time.tz_localize(None)",
        )
    return time.round("us").to_pydatetime()


def _instances(ids: Iterable[Any], target: Table) -> ArrowSource:
    if isinstance(ids, str) or not isinstance(ids, Iterable):
        raise CutoffError(f"instance_ids={ids!r} is no list", hint=f"Give instance_ids=[{ids!r}]")
    series = pd.Series(list(ids) if not isinstance(ids, pd.Series) else ids).reset_index(drop=True)
    if series.duplicated().any():
        raise CutoffError(
            "instance_ids has duplicates", why=f"For example {series[series.duplicated()].iloc[0]!r}"
        )
    return ArrowSource(_with_position({INSTANCE: _ids(series, target)}))


def _ids(series: pd.Series, target: Table) -> pa.Array:
    """Cast ids to the type of the target's index."""
    index = target.column(target.index)
    where = f"instance ids of '{target.name}'"
    try:
        typed = ww.init_series(series, logical_type=logical_type(index)) if len(series) else series
    except Exception as error:
        raise CutoffError(
            f"The ids do not fit the index '{index.name}' ({index.logical_type})", where=where, why=str(error)
        ) from error
    stored = target.source.schema.field(index.name).type
    values = from_series(typed, index.logical_type, where)
    return values.cast(stored) if pa.types.is_null(values.type) else values


def _with_position(columns: dict[str, pa.Array]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table({CUTOFF_POSITION: pa.array(range(rows), pa.int64()), **columns})


def _names(columns: list[str], target: Table) -> dict[str, str]:
    """Return the names of the id and time columns in a cutoff table: their own, or the target's."""
    found: dict[str, str] = {}
    for key, own in ((INSTANCE, target.index), (CUTOFF_TIME, target.time_index)):
        present = [name for name in dict.fromkeys([key, own]) if name in columns]
        if not present:
            either = f"'{key}'" + (f" or '{own}'" if own and own != key else "")
            raise CutoffError(
                f"The table of cutoff times has no column {either}",
                hint=did_you_mean(str(own or key), columns),
            )
        if len(present) > 1:
            raise CutoffError(
                f"The table of cutoff times has both '{key}' and '{own}'", hint="Drop one of them"
            )
        found[present[0]] = key
    return found


def _rows(table: pd.DataFrame, target: Table, time_type: str | None) -> Cutoffs:
    frame = table.reset_index(drop=True).rename(columns=_names(list(table.columns), target))
    if frame.empty:
        raise CutoffError(
            "The table of cutoff times has no rows",
            hint="Look at how it was made; one time for all instances needs no table",
        )
    twice = frame.duplicated(list(_KEYS))
    if twice.any():
        row = frame[twice].iloc[0]
        raise CutoffError(
            f"{twice.sum():,} rows of the table of cutoff times occur twice",
            why=f"For example instance {row[INSTANCE]!r} at {row[CUTOFF_TIME]}",
        )
    extra = [name for name in frame.columns if name not in _KEYS]
    columns, values = _pass_through(frame[extra])
    times = _times(frame[CUTOFF_TIME], time_type)
    keys = {INSTANCE: _ids(frame[INSTANCE], target), CUTOFF_TIME: times}
    return Cutoffs(None, ArrowSource(_with_position(keys | values)), columns)


def _times(series: pd.Series, time_type: str | None) -> pa.Array:
    numeric = pd.api.types.is_numeric_dtype(series)
    if time_type is not None and numeric != (time_type == "numeric"):
        have, want = ("numbers", "datetimes") if numeric else ("datetimes", "numbers")
        raise CutoffError(f"The cutoff times are {have}", why=f"The time indexes are {want}")
    if numeric:
        return pa.array(series.astype("float64"), pa.float64(), from_pandas=True)
    try:
        times = pd.to_datetime(series)
    except (ValueError, TypeError) as error:
        raise CutoffError("Cannot read the cutoff times", why=str(error)) from error
    if getattr(times.dt, "tz", None) is not None:
        raise CutoffError(
            "The cutoff times have a time zone",
            why="Time indexes keep the wall clock without a zone",
            hint="Drop it: df['time'].dt.tz_localize(None)",
        )
    return from_series(times, "Datetime", "cutoff times")


def _pass_through(frame: pd.DataFrame) -> tuple[tuple[Column, ...], dict[str, pa.Array]]:
    """Type the other columns as Woodwork does; they go into the matrix as they are."""
    columns: list[Column] = []
    values: dict[str, pa.Array] = {}
    for name in frame.columns:
        series = ww.init_series(frame[name])
        kind = type(series.ww.logical_type).__name__
        columns.append(Column(str(name), kind, frozenset(series.ww.semantic_tags)))
        values[passed_name(len(values))] = from_series(series, kind, f"cutoff times, column '{name}'")
    return tuple(columns), values


def _spark_rows(frame: Any, target: Table, time_type: str | None) -> Cutoffs:
    names, source = _names(frame.columns, target), SparkSource(frame)
    extra = [name for name in frame.columns if name not in names]
    columns = infer_columns(source, TableOptions("cutoff times", INSTANCE), frozenset())
    passed = [column for column in columns if column.name in extra]
    new = {**names, **{column.name: passed_name(n) for n, column in enumerate(passed)}}
    schema = source.schema
    texts = [selected(old, name, schema, target, time_type) for old, name in new.items()]
    return Cutoffs(None, SparkSource(frame.selectExpr(*texts)), tuple(passed))
