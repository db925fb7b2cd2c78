"""Rows of several tables in one relation."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from sparkfeat.engines.partitioned.transport import layout_of, unpacked
from sparkfeat.engines.partitioned.worker import Work, compute, result_schema

TABLES = {
    "customers": [("id", "bigint"), ("name", "string")],
    "sales": [("id", "bigint"), ("customer", "bigint"), ("amount", "double")],
}
SCHEMAS = {
    "customers": pa.schema([("id", pa.int64()), ("name", pa.string())]),
    "sales": pa.schema([("id", pa.int64()), ("customer", pa.int64()), ("amount", pa.float64())]),
}
QUERY = (
    'SELECT c.id AS instance_id, sum(s.amount) AS f0 FROM "customers" AS c'
    ' LEFT JOIN "sales" AS s ON s.customer = c.id GROUP BY c.id'
)
BATCH = pa.RecordBatch.from_pydict(
    {
        "table": pa.array([0, 1, 0, 1, 1], pa.int8()),
        "s0_0": [1, 10, 2, 11, 12],
        "s0_1": pa.array([None, 1, None, 1, 2], pa.int64()),
        "s1_0": ["Ann", None, None, None, None],
        "s2_0": pa.array([None, 0.5, None, 1.0, None], pa.float64()),
    }
)


def work() -> Work:
    return Work(QUERY, layout_of(TABLES), SCHEMAS, result_schema(QUERY, SCHEMAS), {"threads": 1})


def test_tables_share_columns_of_a_type() -> None:
    layout = layout_of(TABLES)

    assert layout.slots == {"s0_0": "bigint", "s0_1": "bigint", "s1_0": "string", "s2_0": "double"}
    assert layout.tables["sales"] == (("id", "s0_0"), ("customer", "s0_1"), ("amount", "s2_0"))


def test_rows_come_back_by_table() -> None:
    found = dict(unpacked(BATCH, layout_of(TABLES)))

    assert found["customers"].to_pydict() == {"id": [1, 2], "name": ["Ann", None]}
    assert found["sales"].to_pydict() == {"id": [10, 11, 12], "customer": [1, 1, 2], "amount": [0.5, 1, None]}


def test_a_partition_is_computed() -> None:
    (batch,) = compute(work(), [BATCH.slice(0, 2), BATCH.slice(2)])

    assert dict(zip(*batch.to_pydict().values(), strict=True)) == {1: 1.5, 2: None}
    assert batch.schema.types == [pa.int64(), pa.float64()]


def test_no_rows_give_no_rows() -> None:
    assert list(compute(work(), [])) == []


def test_a_failing_query_is_told() -> None:
    with pytest.raises(duckdb.Error, match="nothing"):
        result_schema('SELECT nothing FROM "customers"', SCHEMAS)
