from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import featuretools as ft
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import functions as fn
from pyspark.sql.types import LongType, TimestampNTZType
from woodwork.column_schema import ColumnSchema
from woodwork.logical_types import Integer

import sparkfeat as sf
from sparkfeat.engines.featuretools import compute_local, compute_spark, partition_reason
from sparkfeat.engines.featuretools.local import Options
from sparkfeat.engines.featuretools.payload import Work, dump, load
from sparkfeat.engines.featuretools.schema import needed_schema
from sparkfeat.engines.featuretools.transport import Layout
from sparkfeat.errors import DataError, EngineError
from sparkfeat.testing.compare import column_difference
from tests.parity.data import BEYOND_DOUBLE, days, traps
from tests.parity.frames import local_rows, spark_rows, to_spark
from tests.parity.harness import computable
from tests.parity.small import flights, steps

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

CUTOFFS = pd.DataFrame(
    {
        "instance_id": [8, 1, 1, 6, 5, 77, 2, 1, 10, 4, 3, 9, 7],
        "time": days(7, 5, 4.75, 9, 9, 9, None, 31, 9, 9, 9, 9, 9),
    }
)


def features_of(entityset: ft.EntitySet, target: str, **options: object) -> list[ft.Feature]:
    made = ft.dfs(entityset=entityset, target_dataframe_name=target, features_only=True, **options)
    return sorted(made, key=lambda feature: str(feature.get_name()))


def on_spark(spark: SparkSession, cutoffs: pd.DataFrame) -> DataFrame:
    table = pa.Table.from_pandas(cutoffs, preserve_index=False)
    kinds = [pa.timestamp("us") if pa.types.is_timestamp(kind) else kind for kind in table.schema.types]
    return to_spark(spark, table.cast(pa.schema(zip(table.schema.names, kinds, strict=True))))


def assert_same_as_local(
    spark: SparkSession,
    entityset: ft.EntitySet,
    features: list[ft.Feature],
    cutoffs: pd.DataFrame,
    partitions: int | None = None,
    **options: object,
) -> pd.DataFrame:
    """Spark's Python workers must answer what one process answers."""
    given = sf.EntitySet.from_featuretools(entityset)
    expected = compute_local(given, local_rows(given), features, cutoffs, **options)
    frame = compute_spark(
        spark,
        given,
        spark_rows(spark, given),
        features,
        on_spark(spark, cutoffs),
        partitions=partitions,
        **options,
    )
    assert frame.columns == list(expected.columns)
    actual = frame.toDF(*(f"c{number}" for number in range(len(frame.columns)))).toPandas()
    order = ["instance_id", "time"]
    expected = expected.sort_values(order)
    actual = actual.sort_values(["c0", "c1"])
    for number, name in enumerate(expected.columns):
        left, right = (values.iloc[:, number].astype("object") for values in (expected, actual))
        told = column_difference(left.reset_index(drop=True), right.reset_index(drop=True))
        assert not told, f"{name}: {told}"
    return actual


@pytest.mark.parametrize(
    "options", [{}, {"include_cutoff_time": False, "training_window": "3 days"}], ids=str
)
def test_partitions_answer_as_one_process(spark: SparkSession, options: dict[str, object]) -> None:
    made = features_of(
        traps(),
        "customers",
        max_depth=2,
        ignore_dataframes=["regions"],
        trans_primitives=["month", "is_null"],
    )
    features, _ = computable(traps(), made, cutoff_time=CUTOFFS, **options)
    assert partition_reason(features) is None
    assert len(features) > 100

    assert_same_as_local(spark, traps(), features, CUTOFFS, partitions=3, **options)


def test_features_that_keep_rows_together(spark: SparkSession) -> None:
    made = features_of(
        traps(),
        "customers",
        max_depth=2,
        agg_primitives=["sum", "last"],
        trans_primitives=["cum_sum", "time_since_previous"],
        groupby_trans_primitives=["diff"],
    )
    features, _ = computable(traps(), made, cutoff_time=CUTOFFS)
    assert partition_reason(features) is not None

    assert_same_as_local(spark, traps(), features, CUTOFFS)


def test_two_relationships_between_the_same_tables(spark: SparkSession) -> None:
    features = features_of(flights(), "airports", agg_primitives=["count", "sum", "last"], max_depth=1)
    cutoffs = pd.DataFrame({"instance_id": ["AAA", "BBB", "CCC", "ZZZ"], "time": days(5, 5, 4, 5)})

    assert_same_as_local(spark, flights(), features, cutoffs, partitions=2)


def test_parents_of_a_child(spark: SparkSession) -> None:
    """Both airports of a flight travel with it, each once."""
    features = features_of(flights(), "flights", agg_primitives=[], trans_primitives=["is_null"], max_depth=2)
    cutoffs = pd.DataFrame({"instance_id": [0, 1, 4, 5, 7], "time": days(5, 5, 5, 5, 9)})

    assert_same_as_local(spark, flights(), features, cutoffs, partitions=2)


def test_numeric_time(spark: SparkSession) -> None:
    features = features_of(steps(), "machines", trans_primitives=[], agg_primitives=["count", "sum", "first"])
    cutoffs = pd.DataFrame({"instance_id": ["m1", "m2", "m3"], "time": [3.0, 4.0, np.inf]})

    assert_same_as_local(spark, steps(), features, cutoffs, partitions=2)


def test_types_of_the_result(spark: SparkSession) -> None:
    columns = traps()["customers"].ww
    names = ["points", "score", "active", "left", "tier", "home", "segment", "about"]
    moved = ft.Feature(columns["left"], primitive=ft.primitives.DiffDatetime)
    digit = ft.Feature(
        traps()["events"].ww["digit"], parent_dataframe_name="customers", primitive=ft.primitives.Mode
    )
    month = ft.Feature(columns["left"], primitive=ft.primitives.Month)
    features = [*(ft.Feature(columns[name]) for name in names), moved, digit, month]
    cutoffs = pd.DataFrame({"instance_id": [10, 3], "time": days(5, 9)})
    given = sf.EntitySet.from_featuretools(traps())

    frame = compute_spark(spark, given, spark_rows(spark, given), features, on_spark(spark, cutoffs))

    kinds = [field.dataType for field in frame.schema.fields]
    assert kinds[:2] == [LongType(), TimestampNTZType()]
    assert [kind.simpleString() for kind in kinds[2:]] == [
        "bigint",
        "double",
        "boolean",
        "timestamp_ntz",
        "string",
        "struct<latitude:double,longitude:double>",
        "string",
        "string",
        "bigint",
        "bigint",
        "bigint",
    ]
    rows = {row[0]: row for row in frame.collect()}
    assert rows[10]["points"] == BEYOND_DOUBLE
    assert rows[10]["home"].asDict() == {"latitude": 51.5, "longitude": 0.0}
    # A missing LatLong is a pair of nulls in Featuretools, not a null.
    assert rows[3]["home"].asDict() == {"latitude": None, "longitude": None}
    assert rows[10]["left"] == pd.Timestamp("2021-03-12").to_pydatetime() or rows[10]["left"] is None


class Spread(ft.primitives.AggregationPrimitive):  # type: ignore[misc]
    """A primitive of a user: no engine but Featuretools can know it."""

    name = "spread"
    input_types = [ColumnSchema(semantic_tags={"numeric"})]  # noqa: RUF012
    return_type = ColumnSchema(logical_type=Integer, semantic_tags={"numeric"})
    stack_on_self = False

    def get_function(self) -> object:
        return lambda values: values.max() - values.min()


def test_custom_primitive(spark: SparkSession) -> None:
    features = features_of(traps(), "customers", agg_primitives=[Spread], trans_primitives=[], max_depth=1)
    cutoffs = pd.DataFrame({"instance_id": [1, 4, 8], "time": days(9, 9, 9)})

    assert_same_as_local(
        spark, traps(), [f for f in features if "whole" in f.get_name()], cutoffs, partitions=2
    )


def test_payload_carries_no_rows() -> None:
    rows = pd.DataFrame({"id": range(100_000), "group": range(100_000)})
    entityset = ft.EntitySet("large")
    entityset.add_dataframe(rows, "rows", index="id")
    features = [ft.Feature(entityset["rows"].ww["group"])]
    given = sf.EntitySet.from_featuretools(entityset)

    payload = dump(Work(needed_schema(given, features), features, Options(), Layout(()), ()), given)

    assert len(payload) < 20_000 < len(pickle.dumps(rows))
    assert [feature.get_name() for feature in load(payload).features] == ["group"]


def call(spark: SparkSession, features: list[ft.Feature], **options: object) -> DataFrame:
    given = sf.EntitySet.from_featuretools(traps())
    return compute_spark(
        spark, given, spark_rows(spark, given), features, on_spark(spark, CUTOFFS), **options
    )


def test_customers_with_too_many_rows_are_named(spark: SparkSession) -> None:
    features = features_of(traps(), "customers", agg_primitives=["sum"], trans_primitives=[], max_depth=1)

    with pytest.raises(DataError) as failure:
        call(spark, features, max_partition_rows=9)

    assert "The limit is 9 rows; the largest are 1 with 10 rows" in str(failure.value)
    assert "raise max_partition_rows" in str(failure.value)


def test_partitions_asked_for_are_too_few(spark: SparkSession) -> None:
    features = features_of(traps(), "customers", agg_primitives=["sum"], trans_primitives=[], max_depth=1)

    with pytest.raises(DataError, match="With 1 partitions the fullest has"):
        call(spark, features, max_partition_rows=12, partitions=1)
    assert call(spark, features, max_partition_rows=12).count() == len(CUTOFFS)


def test_one_partition_with_too_many_rows(spark: SparkSession) -> None:
    features = [ft.Feature(traps()["customers"].ww["points"], primitive=ft.primitives.CumSum)]

    with pytest.raises(DataError, match=r"CUM_SUM\(points\) needs all rows of 'customers' at once"):
        call(spark, features, max_partition_rows=20)


def test_types_that_cannot_travel_are_refused(spark: SparkSession) -> None:
    given = sf.EntitySet.from_featuretools(traps())
    frames = spark_rows(spark, given)
    frames["customers"] = frames["customers"].withColumn("points", fn.col("points").cast("decimal(20,0)"))
    features = [ft.Feature(traps()["customers"].ww["points"])]

    with pytest.raises(EngineError, match=r"decimal\(20,0\).*'customers', column 'points'"):
        compute_spark(spark, given, frames, features, on_spark(spark, CUTOFFS))
