"""Features left to Featuretools, computed in this process beside those that SQL computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from sparkfeat.definitions import Duration, primitive_of, walk
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.featuretools import compute_local
from sparkfeat.engines.layout import Layout
from sparkfeat.engines.profile import Profile, timed
from sparkfeat.engines.windows import Asked
from sparkfeat.entityset import Table
from sparkfeat.entityset.canonical import from_series, to_series
from sparkfeat.errors import UnsupportedError
from sparkfeat.plan import TimeRule
from sparkfeat.plan.cutoffs import Gap
from sparkfeat.plan.nodes import CUTOFF_TIME, INSTANCE

FEATURETOOLS = "featuretools"

Fetch = Callable[[Table], pa.Table]
"""Returns a table's columns, and its row position where it has one, in the table's order."""


def featuretools_arguments(computation: Computation, rule: TimeRule) -> dict[str, Any]:
    """Return what Featuretools has to be told of a time rule."""
    window = rule.training_window
    return {
        "training_window": None if window is None else _offset(window),
        "include_cutoff_time": rule.include_cutoff_time,
        "approximate": computation.approximate,
    }


def _offset(span: Duration) -> pd.Timedelta | pd.DateOffset:
    exact = pd.Timedelta(span.microseconds, "us")
    return exact if not span.months else pd.DateOffset(months=span.months, microseconds=span.microseconds)


def gap_of(computation: Computation) -> Gap | None:
    """Return the gap by which Featuretools must be asked for an earlier time than the cutoff.

    Raises:
        UnsupportedError: a feature measures time from the cutoff itself, which has no gap.
    """
    gap = computation.rule.gap
    if gap is None:
        return None
    for asked in computation.fallback:
        if any(one is not None and one.uses_calc_time for one in map(primitive_of, walk(asked.feature))):
            raise UnsupportedError(
                f"'{asked.name}' cannot be computed with a gap by the featuretools engine",
                why="It measures time from the cutoff, and Featuretools knows of no gap",
                hint="Leave the gap out, or drop the feature",
            )
    return gap


def what_is_left(asked: Sequence[Asked]) -> str:
    """Say what Featuretools computes in one call."""
    return f"{len(asked)} feature{'s' if len(asked) > 1 else ''} without SQL"


def fallback_aliases(asked: Sequence[Asked], layout: Layout) -> list[str]:
    """Return what the matrix calls each column that Featuretools computes, in its order."""
    known = {column.name: column.alias for column in layout.columns if column.alias.startswith("t")}
    names = [name for one in asked for name in one.names]
    return [known.get(name, f"unused{asked[0].part}_{n}") for n, name in enumerate(names)]


def fallback_columns(
    computation: Computation, layout: Layout, rows: pa.Table, fetch: Fetch, profile: Profile | None = None
) -> dict[str, pa.Array]:
    """Compute the features without SQL for the matrix's rows; returns columns by alias."""
    with timed(profile, "featuretools tables", FEATURETOOLS, "the tables read into pandas") as read:
        frames = {table.name: _frame(table, fetch(table)) for table in computation.tables}
        read.count = sum(map(len, frames.values()))
    cutoffs = _cutoff_frame(computation, rows)
    found: dict[str, pa.Array] = {}
    for rule, asked in computation.fallback_parts:
        arguments = featuretools_arguments(computation, rule)
        originals = [one.original for one in asked]
        with timed(profile, FEATURETOOLS, FEATURETOOLS, what_is_left(asked)) as made:
            values = compute_local(computation.entityset, frames, originals, cutoffs, **arguments)
            made.count = len(values)
        found |= _columns(layout, asked, values.iloc[:, len(cutoffs.columns) :])
    return found


def _columns(layout: Layout, asked: Sequence[Asked], values: pd.DataFrame) -> dict[str, pa.Array]:
    """Return the computed values by alias, those that the matrix has."""
    types = {column.alias: column.type_name for column in layout.columns}
    return {
        alias: from_series(values.iloc[:, position], types[alias], f"feature '{values.columns[position]}'")
        for position, alias in enumerate(fallback_aliases(asked, layout))
        if alias in types
    }


def _frame(table: Table, rows: pa.Table) -> pd.DataFrame:
    return pd.DataFrame(
        {column.name: to_series(rows.column(column.name), column.logical_type) for column in table.columns}
    )


def _cutoff_frame(computation: Computation, rows: pa.Table) -> pd.DataFrame:
    target = computation.target
    ids = to_series(rows.column(INSTANCE), target.column(target.index).logical_type)
    if computation.cutoffs.time is not None:
        times: pd.Series[Any] = pd.Series([computation.cutoffs.time] * len(ids), index=ids.index)
    else:
        column = rows.column(CUTOFF_TIME)
        times = to_series(column, "Datetime" if pa.types.is_timestamp(column.type) else "Double")
    gap = gap_of(computation)
    if gap is not None:
        earlier: Any = _offset(gap) if isinstance(gap, Duration) else gap
        times = times - earlier
    return pd.DataFrame({INSTANCE: ids, CUTOFF_TIME: times})
