from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import tpch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tpch, "DATA", tmp_path_factory.mktemp("tpch"))
        return tpch.dataset(0.001)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_tables_have_the_columns_and_keys_of_the_entityset(folder: Path) -> None:
    for name, types in tpch.LOGICAL_TYPES.items():
        rows = table(folder, name)
        assert list(rows.columns) == list(types)
        assert rows.iloc[:, 0].is_unique
        for column, kind in types.items():
            assert rows[column].dtype.kind == {"Integer": "i", "Double": "f", "Datetime": "M"}.get(
                kind, rows[column].dtype.kind
            )
    for parent, key, child, column in tpch.RELATIONSHIPS:
        assert table(folder, child)[column].isin(table(folder, parent)[key]).all()


def test_nothing_is_known_before_it_happened(folder: Path) -> None:
    rows = table(folder, "lineitem").merge(
        table(folder, "orders"), left_on="l_orderkey", right_on="o_orderkey"
    )
    assert (rows.l_receiptdate > rows.l_shipdate).all()
    assert (rows.l_shipdate > rows.o_orderdate).all()
    assert "o_orderstatus" not in rows


def test_every_customer_has_one_cutoff(folder: Path) -> None:
    rows = table(folder, "cutoffs")
    assert rows.c_custkey.tolist() == sorted(table(folder, "customer").c_custkey)
    assert rows.time.between("1995-01-01", "1998-08-02").all()
    assert (rows.time == rows.time.dt.normalize()).all()
