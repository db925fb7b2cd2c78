"""A plan as SQL: every node has a form, the form is kept as text, and DuckDB runs it as it is exported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import featuretools as ft
import pandas as pd
import pyarrow as pa
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.definitions import read_duration
from sparkfeat.plan.nodes import Aggregate, Matrix, Node
from sparkfeat.sql import DIALECTS
from sparkfeat.sql.lower import LOWERED
from tests.entityset.kinds import arrow
from tests.entityset.shop import column, cutoffs, day, found, frames, matrix
from tests.plan.features import aggregated, count, direct, on_phone, smoothed
from tests.snapshots.fixture import Snapshot


def kinds_of_nodes(parent: type[Node] = Node) -> Iterator[type[Node]]:
    """Yield every class of nodes that a plan is made of: those without a subclass."""
    below = parent.__subclasses__()
    if not below:
        yield parent
    for child in below:
        yield from kinds_of_nodes(child)


def test_every_node_has_a_form() -> None:
    assert {*kinds_of_nodes(), Aggregate} == {*LOWERED, Matrix}


def small() -> sf.FeatureMatrix:
    """Return a matrix that has a bit of everything."""
    length = column("sessions", "length")
    features = [
        column("customers", "city"),
        count("sessions", "customers"),
        count("sessions", "customers", where=on_phone()),
        aggregated(column("sales", "amount"), "customers", p.Sum),
        aggregated(length, "customers", p.Skew),
        aggregated(column("sessions", "device"), "customers", p.Mode),
        aggregated(direct(column("products", "price"), "sales"), "sessions", p.Max),
    ]
    features[-1] = aggregated(features[-1], "customers", p.Last)
    return matrix(features, cutoff_time=cutoffs(label=[1, 0, 1, 0]), training_window="1 mo", gap="2 hours")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_sql_of_a_small_matrix(dialect: str, snapshot: Snapshot) -> None:
    snapshot(f"sql/small_matrix.{dialect}", small().sql(dialect))


def test_the_dialect_is_by_default_that_of_the_engine() -> None:
    assert small().sql() == small().sql("duckdb")


def test_a_shared_cutoff_time_is_a_literal() -> None:
    text = matrix([count("sessions", "customers")], cutoff_time=day(3)).sql()

    assert "'2022-01-03 00:00:00'" in text
    assert "__cutoffs" not in text


def test_nothing_is_cut_off_from_the_names_of_columns() -> None:
    long = count("sessions", "customers").rename("a" * 300)

    assert "a" * 300 in matrix([long]).sql()


# What is exported runs without sparkfeat ------------------------------------------------------------------


def plain(cutoff_rows: pd.DataFrame | None = None) -> duckdb.DuckDBPyConnection:
    """Return DuckDB with the shop's tables, and the cutoff rows as `FeatureMatrix.sql` says."""
    connection = duckdb.connect()
    for name, frame in frames().items():
        connection.register(name, arrow(frame))
    if cutoff_rows is not None:
        numbered = cutoff_rows.assign(__position=range(len(cutoff_rows))).rename(columns={"label": "p0"})
        connection.register("__cutoffs", arrow(numbered.astype({"time": "datetime64[us]"})))
    return connection


EXPORTED: dict[str, dict[str, Any]] = {
    "all at one time": {"cutoff_time": day(6)},
    "each at its own": {"cutoff_time": cutoffs(label=["x", "y", None, "x"])},
    "window and gap": {"cutoff_time": cutoffs(), "training_window": "3 days", "gap": "1 day"},
}


@pytest.mark.parametrize("case", EXPORTED)
def test_exported_sql_runs_as_it_is(case: str) -> None:
    options = EXPORTED[case]
    features = found(agg_primitives=["count", "mode", "last"], max_depth=1)
    features.append(ft.Feature(column("customers", "age"), primitive=p.CumSum))
    computed = matrix(features, **options)
    rows = options["cutoff_time"] if isinstance(options["cutoff_time"], pd.DataFrame) else None

    exported = plain(rows).sql(computed.sql()).to_arrow_table()

    assert exported.column_names[-len(computed.columns) :] == computed.columns
    for name in computed.columns:
        # Categories and strings differ as Arrow types only.
        assert exported.column(name).to_pylist() == computed.to_arrow().column(name).to_pylist(), name


def test_features_left_to_featuretools_are_not_exported() -> None:
    features = [
        count("sessions", "customers"),
        smoothed(column("customers", "age")),
    ]

    exported = plain().sql(matrix(features, cutoff_time=day(6)).sql())

    assert exported.columns == ["instance_id", "COUNT(sessions)"]


# Time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("1 mo", "2022-02-28 00:00:00"),
        ("2 Y", "2020-03-31 00:00:00"),
        ("90 m", "2022-03-30 22:30:00"),
        (pd.Timedelta(microseconds=1), "2022-03-30 23:59:59.999999"),
        (pd.Timedelta(days=400, microseconds=3), "2021-02-23 23:59:59.999997"),
    ],
    ids=str,
)
def test_a_span_is_subtracted_by_the_calendar(span: Any, expected: str) -> None:
    dialect = DIALECTS["duckdb"]
    moment = dialect.time(pd.Timestamp("2022-03-31").to_pydatetime())
    text = dialect.back(moment, read_duration(span, "gap")).sql("duckdb")

    (found_one,) = duckdb.sql(f"SELECT CAST({text} AS VARCHAR)").fetchall()
    assert found_one == (expected,)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("value", [0.5, -1.0, 1e300, float("inf")])
def test_a_numeric_time_is_a_double(value: float, dialect: str) -> None:
    text = DIALECTS[dialect].time(value).sql(dialect)

    assert text.startswith("CAST(")
    if dialect == "duckdb":
        assert duckdb.sql(f"SELECT {text}").fetchall() == [(value,)]


def test_exported_tables_keep_their_arrow_types() -> None:
    """The check above compares values; here the types of what is computed."""
    table = matrix([count("sessions", "customers"), column("customers", "city")]).to_arrow()

    assert table.schema.types == [pa.int64(), pa.int64(), pa.string()]


def test_names_that_differ_by_case_are_both_exported() -> None:
    features = [
        aggregated(column("sessions", "length"), "customers", primitive).rename(name)
        for name, primitive in (("total", p.Sum), ("TOTAL", p.Max))
    ]

    exported = plain().sql(matrix(features, cutoff_time=day(6)).sql()).fetchall()

    assert [row[1:] for row in exported] == [(4.25, 3.0), (5.5, 4.0), (10.0, 8.0)]


def test_a_feature_is_computed_once_however_often_it_is_used() -> None:
    doubled = ft.Feature(column("sales", "amount"), primitive=p.MultiplyNumericScalar(2))
    features = [aggregated(doubled, "sessions", primitive) for primitive in (p.Sum, p.Max, p.Min)]

    assert matrix(features).sql().count('AS "amount * 2"') == 1
