from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sparkfeat.errors import StorageError, UserInputError
from sparkfeat.pipelines import shop
from sparkfeat.pipelines.shop import schema
from sparkfeat.pipelines.shop.generate import chunk_size, make_chunk

CUSTOMERS, SEED = 600, 11


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def summary(folder: Path) -> shop.ShopSummary:
    return shop.generate(folder, CUSTOMERS, SEED)


@pytest.fixture(scope="module")
def tables(folder: Path, summary: shop.ShopSummary) -> dict[str, pd.DataFrame]:
    names = [*(table.name for table in schema.TABLES), "labels"]
    paths = [folder / name if (folder / name).is_dir() else folder / f"{name}.parquet" for name in names]
    return {name: pd.read_parquet(path) for name, path in zip(names, paths, strict=True)}


@pytest.fixture(scope="module")
def truth(folder: Path, summary: shop.ShopSummary) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text(encoding="utf-8")))


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def auc(score: pd.Series[float], label: pd.Series[int]) -> float:
    ranks = score.rank()
    positive = int(label.sum())
    won = ranks[label == 1].sum() - positive * (positive + 1) / 2
    return float(won / (positive * (len(label) - positive)))


def test_same_seed_and_size_give_the_same_files(
    folder: Path, summary: shop.ShopSummary, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    shop.generate(again, CUSTOMERS, SEED)
    assert digest(again) == digest(folder)
    shop.generate(again, CUSTOMERS, SEED + 1)
    assert digest(again) != digest(folder)


def test_a_smaller_shop_replaces_a_larger_one(tmp_path: Path) -> None:
    shop.generate(tmp_path, 40, SEED)
    summary = shop.generate(tmp_path, 3, SEED)
    assert pq.read_table(tmp_path / "customers").num_rows == summary.rows["customers"] == 3


def test_a_chunk_depends_on_nothing_made_before_it() -> None:
    alone = make_chunk(2, CUSTOMERS, SEED)
    for number in (0, 1):
        make_chunk(number, CUSTOMERS, SEED)
    again = make_chunk(2, CUSTOMERS, SEED)
    assert all(alone.tables[name].equals(table) for name, table in again.tables.items())


def test_written_as_chunks_in_several_files_and_row_groups(folder: Path, summary: shop.ShopSummary) -> None:
    for name in ("customers", "sessions", "transactions", "returns"):
        files = [pq.ParquetFile(path) for path in sorted((folder / name).glob("*.parquet"))]
        assert len(files) == 2
        assert sum(file.num_row_groups for file in files) == 4
        assert sum(file.metadata.num_rows for file in files) == summary.rows[name]


def test_a_chunk_is_bounded_however_large_the_shop() -> None:
    assert chunk_size(2_000) == 500
    assert chunk_size(10**9) == 5_000
    assert make_chunk(10**5, 10**9, SEED).tables["customers"].num_rows == 5_000


def test_progress_counts_customers(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    shop.generate(tmp_path, 10, SEED, lambda done, total: seen.append((done, total)))
    assert seen == [(3, 10), (6, 10), (9, 10), (10, 10)]


def test_one_customer_is_a_shop(tmp_path: Path) -> None:
    assert shop.generate(tmp_path, 1, SEED).rows["labels"] == 1


def test_rows_and_keys(summary: shop.ShopSummary, tables: dict[str, pd.DataFrame]) -> None:
    assert summary.rows == {name: len(table) for name, table in tables.items()}
    for table in schema.TABLES:
        assert tables[table.name][table.index].is_unique
        assert list(tables[table.name].columns) == list(table.logical_types)
    assert sorted(tables["labels"].customer_id) == sorted(tables["customers"].customer_id)


def test_orphans_are_counted(summary: shop.ShopSummary, tables: dict[str, pd.DataFrame]) -> None:
    for parent, key, child, column in schema.RELATIONSHIPS:
        values = tables[child][column].dropna()
        orphans = int((~values.isin(tables[parent][key])).sum())
        assert orphans == summary.orphans.get(f"{child}.{column}", 0), (child, column)
    assert all(summary.orphans.values())


def test_things_happen_in_their_order(tables: dict[str, pd.DataFrame]) -> None:
    session = tables["sessions"].merge(tables["customers"], on="customer_id").merge(tables["labels"])
    assert (session.started >= session.joined).all()
    assert (session.time > session.joined).all()
    bought = tables["transactions"].merge(tables["sessions"], on="session_id")
    assert (bought.purchased_at > bought.started).all()
    assert (bought.delivered_at.dropna() > bought.purchased_at[bought.delivered_at.notna()]).all()
    assert bought.rating[bought.delivered_at.isna()].isna().all()
    returned = tables["returns"].merge(tables["transactions"], on="transaction_id")
    assert len(returned) == len(tables["returns"])
    assert (returned.returned_at > returned.delivered_at).all()


def test_activity_has_a_long_tail_and_a_week(tables: dict[str, pd.DataFrame]) -> None:
    visits = tables["sessions"].customer_id.value_counts()
    assert visits.head(len(visits) // 10).sum() > 0.35 * visits.sum()
    weekday = tables["sessions"].started.dt.dayofweek.value_counts()
    assert weekday.idxmax() == 5
    assert tables["sessions"].started.dt.hour.value_counts().idxmax() in {19, 20}


def recomputed(tables: dict[str, pd.DataFrame], term: dict[str, Any]) -> pd.Series[float]:
    """Compute one planted value of every customer from the raw tables, as truth.json describes it."""
    labels = tables["labels"].set_index("customer_id")
    rows, time = tables["sessions"], "started"
    if term["table"] == "transactions":
        rows, time = tables["transactions"].merge(rows[["session_id", "customer_id"]]), "purchased_at"
    rows = rows.join(labels, on="customer_id", how="inner")
    rows = rows[rows[time] <= rows.time]
    if term["window_days"]:
        rows = rows[rows[time] > rows.time - pd.Timedelta(days=term["window_days"])]
    groups = rows.groupby("customer_id")
    match term["name"]:
        case "amount_30d":
            value, missing = groups.amount.sum(), 0.0
        case "sessions_14d":
            value, missing = groups.size(), 0.0
        case "mobile_share":
            value, missing = groups.is_mobile.mean(), 0.5
        case "recency":
            value, missing = (labels.time - groups.purchased_at.max()).dt.total_seconds() / 86_400, 365.0
        case unknown:
            pytest.fail(f"truth.json has a term that this test does not know: {unknown}")
    return value.reindex(labels.index).fillna(missing).astype(float)


def test_labels_are_what_the_truth_says(tables: dict[str, pd.DataFrame], truth: dict[str, Any]) -> None:
    labels = tables["labels"].set_index("customer_id").label
    score = pd.Series(truth["label"]["intercept"], index=labels.index)
    for term in truth["label"]["terms"]:
        value = recomputed(tables, term)
        value = np.log1p(value) if term["logarithm"] else value
        score += term["weight"] * (value - term["centre"]) / term["scale"]
    flipped = int((labels != (score > 0)).sum())
    assert flipped == truth["flipped_labels"]
    assert flipped / len(labels) == pytest.approx(truth["label"]["noise"], abs=0.03)
    assert 0.3 < labels.mean() < 0.7


def test_the_future_follows_the_label(tables: dict[str, pd.DataFrame]) -> None:
    labels = tables["labels"].set_index("customer_id")
    bought = tables["transactions"].merge(tables["sessions"], on="session_id").join(labels, on="customer_id")
    after = bought[bought.purchased_at > bought.time]
    soon = after[after.purchased_at <= after.time + pd.Timedelta(days=60)]
    assert set(soon.customer_id) == set(labels.index[labels.label == 1])
    assert set(after.customer_id) == set(soon.customer_id)


def test_the_decoy_leaks(tables: dict[str, pd.DataFrame], truth: dict[str, Any]) -> None:
    decoy = truth["decoys"][0]
    customers = tables[decoy["table"]].merge(tables["labels"])
    known = customers[customers[decoy["column"]].notna()]
    assert auc(-known[decoy["column"]], known.label) > 0.97
    honest = recomputed(tables, {"name": "recency", "table": "transactions", "window_days": None})
    assert auc(-honest, tables["labels"].set_index("customer_id").label) < 0.92


def test_entityset_takes_every_table(folder: Path, summary: shop.ShopSummary) -> None:
    es = shop.load_entityset(folder)
    assert list(es.tables) == [table.name for table in schema.TABLES]
    assert len(es.relationships) == len(schema.RELATIONSHIPS)
    for table in schema.TABLES:
        kinds = {column.name: column.logical_type for column in es.tables[table.name].columns}
        assert kinds == table.logical_types
        assert es.tables[table.name].time_index == table.time_index


def test_config_says_the_same_as_the_entityset(folder: Path, summary: shop.ShopSummary) -> None:
    told = shop.config(folder, folder / "out", engine="spark")
    frames = told["entityset"]["dataframes"]
    assert list(frames) == [table.name for table in schema.TABLES]
    assert all(Path(frame["path"]).exists() for frame in frames.values())
    assert told["cutoff_time"]["path"] == str(folder / "labels.parquet")
    assert told["engine"] == {"name": "spark"}


def test_an_unfinished_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"truth\.json is missing"):
        shop.load_entityset(tmp_path)


@pytest.mark.parametrize(("customers", "seed"), [(0, 7), (10, -1)])
def test_impossible_sizes_are_refused(tmp_path: Path, customers: int, seed: int) -> None:
    with pytest.raises(UserInputError, match="at least one customer"):
        shop.generate(tmp_path, customers, seed)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="write the shop"):
        shop.generate(tmp_path / "file" / "shop", 2)
