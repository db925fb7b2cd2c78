from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from benchmarks import retail
from benchmarks.contenders import retail_duckdb
from benchmarks.measure import Contender, measure


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("retail")
    retail.generate(made, 20_000)
    return made


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_sizes_and_keys(folder: Path) -> None:
    rows = {name: len(table(folder, name)) for name in retail.LOGICAL_TYPES}
    assert rows == {"customers": 200, "sessions": 2_000, "transactions": 20_000, "products": 1_000}
    for name, index in retail.INDEXES.items():
        assert table(folder, name)[index].is_unique
    for parent, key, child, column in retail.RELATIONSHIPS:
        assert table(folder, child)[column].isin(table(folder, parent)[key]).all()


def test_transactions_follow_their_session(folder: Path) -> None:
    rows = table(folder, "transactions").merge(table(folder, "sessions"), on="session_id")
    assert (rows.transaction_time > rows.session_start).all()
    assert rows.amount.gt(0).all()
    assert rows.amount.mean() == pytest.approx(50, rel=0.05)


def test_chunks_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retail, "CHUNK_SESSIONS", 64)
    retail.generate(tmp_path, 5_003)
    assert table(tmp_path, "transactions").transaction_id.tolist() == list(range(1, 5_004))
    assert table(tmp_path, "sessions").session_start.is_monotonic_increasing
    assert pq.ParquetFile(tmp_path / "sessions.parquet").num_row_groups == 8


def test_cutoffs_are_distinct(folder: Path) -> None:
    rows = pd.read_parquet(retail.cutoffs(folder, 100))
    assert rows.customer_id.is_unique
    assert rows.time.is_unique


def test_the_query_by_hand_computes_what_pandas_does(folder: Path, tmp_path: Path) -> None:
    cutoffs = retail.cutoffs(folder, 50)
    retail_duckdb.run(folder, tmp_path, cutoffs)
    found = pd.read_parquet(tmp_path).set_index("customer_id").sort_index()
    assert found.shape == (50, 65)
    asked = pd.read_parquet(cutoffs)
    visits = table(folder, "sessions").merge(asked).query("session_start <= time")
    bought = table(folder, "transactions").merge(visits).query("transaction_time <= time")
    per_session = bought.groupby("session_id").amount.std().rename("spread")
    spread = visits.join(per_session, on="session_id").groupby("customer_id").spread.mean()
    expected = {
        "SUM(transactions.amount)": bought.groupby("customer_id").amount.sum(),
        "SKEW(transactions.amount)": bought.groupby("customer_id").amount.skew(),
        "MEAN(sessions.STD(transactions.amount))": spread,
        "MODE(sessions.device)": visits.groupby("customer_id").device.agg(lambda values: values.mode()[0]),
    }
    for name, values in expected.items():
        wanted = values.reindex(found.index)
        if name.startswith("MODE"):
            assert found[name].fillna("").tolist() == wanted.fillna("").tolist()
        else:
            shown = found[name].fillna(0) if name.startswith("SUM") else found[name]
            wanted = wanted.fillna(0) if name.startswith("SUM") else wanted
            np.testing.assert_allclose(shown, wanted, rtol=1e-9, atol=1e-9)


def test_measure_tells_time_memory_and_failure(folder: Path, tmp_path: Path) -> None:
    good = Contender("by hand", "benchmarks.contenders.retail_duckdb:run", {"data": folder}, runs=2)
    measured = measure(good, tmp_path / "good")
    assert not measured.error
    assert len(measured.seconds) == 2
    assert measured.peak_mb > 10
    assert len(pd.read_parquet(measured.output)) == 200
    bad = Contender("bad", "benchmarks.contenders.retail_duckdb:run", {"data": tmp_path / "nothing"})
    assert "nothing" in measure(bad, tmp_path / "bad").error


def test_a_hot_customer_takes_a_share_and_nothing_else_changes(folder: Path, tmp_path: Path) -> None:
    retail.generate(tmp_path, 20_000, hot=0.3)
    sessions, before = table(tmp_path, "sessions"), table(folder, "sessions")
    assert (sessions.customer_id == retail.HOT).mean() == pytest.approx(0.3, abs=0.04)
    assert sessions.drop(columns="customer_id").equals(before.drop(columns="customer_id"))
    assert table(tmp_path, "transactions").equals(table(folder, "transactions"))


def test_snapshots_are_numbered(folder: Path) -> None:
    rows = pd.read_parquet(retail.snapshots(folder, 10, 20))
    assert rows.asked.tolist() == list(range(200))
    assert rows.groupby("customer_id").time.nunique().tolist() == [20] * 10
    days = pd.read_parquet(retail.daily(folder, 2, 730))
    assert len(days) == 1_460
    assert days.time.max() == pd.Timestamp("2024-12-31")


def test_the_shared_time_is_the_mean_of_the_distinct_ones(folder: Path) -> None:
    each, same = (pd.read_parquet(made(folder, 200)) for made in (retail.cutoffs, retail.shared))
    assert same.customer_id.tolist() == each.customer_id.tolist()
    assert same.time.unique().tolist() == [pd.Timestamp(retail.MIDDLE)]
    assert abs(each.time.mean() - same.time[0]) < pd.Timedelta(days=20)
