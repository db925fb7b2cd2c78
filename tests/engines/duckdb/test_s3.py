"""DuckDB over tables on S3."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sparkfeat as sf
from sparkfeat.engines.duckdb import s3
from sparkfeat.engines.duckdb.s3 import Reader
from sparkfeat.errors import MissingInputError, StorageError
from tests.storage.test_s3_runs import publish

ROWS = 40_000


def tables() -> dict[str, pd.DataFrame]:
    """Return customers and their orders."""
    random = np.random.default_rng(7)
    customers = pd.DataFrame({"customer_id": range(500), "region": random.choice(["north", "south"], 500)})
    orders = pd.DataFrame(
        {
            "order_id": range(ROWS),
            "customer_id": random.integers(0, 500, ROWS),
            "ordered": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 8_000_000, ROWS), "s"),
            "amount": random.random(ROWS).round(3),
        }
    )
    return {"customers": customers, "orders": orders}


def upload(bucket: Any, folder: Path, prefix: str) -> None:
    for file in sorted(folder.rglob("*.parquet")):
        bucket.upload_file(str(file), "example-data", f"{prefix}/{file.relative_to(folder).as_posix()}")


def stored(folder: Path) -> Path:
    """Write the tables: one file, and Hive-style partitions of names that need care."""
    found = tables()
    pq.write_table(pa.Table.from_pandas(found["customers"]), folder / "cust#1%20[a].parquet")
    orders = found["orders"].assign(month=found["orders"]["ordered"].dt.month)
    pq.write_to_dataset(pa.Table.from_pandas(orders), folder / "orders", partition_cols=["month"])
    return folder


def matrix(root: str) -> pd.DataFrame:
    es = sf.EntitySet("shop")
    es.add_dataframe(f"{root}/cust#1%20[a].parquet", dataframe_name="customers", index="customer_id")
    es.add_dataframe(f"{root}/orders", dataframe_name="orders", index="order_id", time_index="ordered")
    es.add_relationship("customers", "customer_id", "orders", "customer_id")
    frame, _ = sf.dfs(
        entityset=es,
        target_dataframe_name="customers",
        agg_primitives=["sum", "mode", "last", "std"],
        trans_primitives=["weekday"],
        cutoff_time=pd.Timestamp("2024-03-01"),
        engine="duckdb",
    )
    return frame.to_pandas()


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the requests that S3 answers."""
    from moto.s3.responses import S3Response

    requests: Counter[str] = Counter()
    for name in ("get_object", "head_object", "list_objects_v2"):
        answer = getattr(S3Response, name)

        def count(*given: Any, called: str = name, answer: Any = answer, **more: Any) -> Any:
            requests[called] += 1
            return answer(*given, **more)

        monkeypatch.setattr(S3Response, name, count)
    return requests


def test_values_equal_those_of_local_files(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(bucket, stored(tmp_path), "a folder/in")
    requests = counted(monkeypatch)

    found = matrix("s3a://example-data/a folder/in")

    pd.testing.assert_frame_equal(found, matrix(str(tmp_path)))
    files = len(list(tmp_path.rglob("*.parquet")))
    assert requests["list_objects_v2"] == 1
    assert requests["get_object"] < 8 * files


def test_a_published_matrix_is_a_table_of_its_visible_run(bucket: Any) -> None:
    publish("s3://example-data/out", "one")
    publish("s3://example-data/out", "two", overwrite=True)

    es = sf.EntitySet("x").add_dataframe("s3://example-data/out", dataframe_name="t", index="id")

    assert es["t"].source.row_count == 3


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("s3://example-data/gone", "No such file or folder"),
        ("s3://example-data/folder", "holds no .parquet file"),
    ],
)
def test_missing_data_is_told(bucket: Any, uri: str, told: str) -> None:
    bucket.put_object(Bucket="example-data", Key="folder/_hidden/a.parquet", Body=b"1")

    with pytest.raises(MissingInputError, match=told):
        sf.EntitySet("x").add_dataframe(uri, dataframe_name="t", index="id")


def test_a_file_that_is_no_parquet_is_told(bucket: Any) -> None:
    bucket.put_object(Bucket="example-data", Key="t.parquet", Body=b"no parquet at all")

    with pytest.raises(
        sf.errors.StorageError, match=r"Cannot be read as Parquet \(s3://example-data/t\.parquet\)"
    ):
        sf.EntitySet("x").add_dataframe("s3://example-data/t.parquet", dataframe_name="t", index="id")


def test_a_file_that_goes_while_it_is_read_is_told(bucket: Any, tmp_path: Path) -> None:
    upload(bucket, stored(tmp_path), "in")
    es = sf.EntitySet("x")
    es.add_dataframe("s3://example-data/in/orders", dataframe_name="orders", index="order_id")
    for one in bucket.list_objects_v2(Bucket="example-data", Prefix="in/orders")["Contents"]:
        bucket.delete_object(Bucket="example-data", Key=one["Key"])
    computed, _ = sf.dfs(entityset=es, target_dataframe_name="orders", engine="duckdb", max_depth=1)

    with pytest.raises(StorageError, match=r"Cannot read from S3.*example-data.*No such|not found"):
        computed.to_arrow()


class Numbered:
    """A file whose bytes tell their place."""

    def read_at(self, size: int, offset: int) -> bytes:
        return bytes(range(offset, offset + size))


def test_threads_that_share_a_file_have_places_of_their_own() -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    reader, together = Reader(Numbered(), 100), Barrier(4)

    def read(offset: int) -> bytes:
        reader.seek(offset)
        together.wait(timeout=30)
        return reader.read(5) + reader.read(1)

    with ThreadPoolExecutor(max_workers=4) as threads:
        found = list(threads.map(read, (0, 10, 20, 97)))

    assert [list(data) for data in found[:3]] == [list(range(at, at + 6)) for at in (0, 10, 20)]
    assert list(found[3]) == [97, 98, 99]
    assert (reader.seek(-3, 2), reader.seek(1, 1)) == (97, 98)


def test_only_known_files_are_there() -> None:
    files = s3.S3Files({"s3://b/a[1].parquet": 5})

    assert files.glob("s3://b/a[[]1[]].parquet") == ["s3://b/a[1].parquet"] or files.glob(
        "s3://b/a[[]1].parquet"
    )
    assert files.glob("s3://b/*") == []
    assert (files.exists("s3://b/a[1].parquet"), files.exists("s3://b/x")) == (True, False)
