"""`sparkfeat select` on a shop whose label is planted, with columns of noise added."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml

import sparkfeat as sf
from sparkfeat.definitions import load_features
from sparkfeat.errors import ConfigError, SchemaError
from sparkfeat.pipelines.config_file import read_config, read_model
from sparkfeat.pipelines.select_config import SelectConfig
from sparkfeat.pipelines.select_features import SelectResult, run
from sparkfeat.pipelines.shop import generate
from sparkfeat.pipelines.shop.use import config

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DECOY = "customers.days_since_last_order"
NOISE = [f"noise{n}" for n in range(8)]
PLANTED = {"transactions.amount", "sessions.started", "sessions.is_mobile", "transactions.purchased_at"}
"""The columns that the four terms of the label are made of."""
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose customers have eight more columns of noise, and its configuration, shop.yaml."""
    folder = tmp_path_factory.mktemp("select")
    generate(folder / "shop", customers=1_500, seed=11)
    given = config(folder / "shop", folder / "out")
    customers = given["entityset"]["dataframes"]["customers"]
    table = ds.dataset(customers["path"], format="parquet").to_table()
    rng = np.random.default_rng(0)
    for name in NOISE:
        table = table.append_column(name, pa.array(rng.normal(size=table.num_rows)))
        customers["logical_types"][name] = "Double"
    pq.write_table(table, folder / "customers.parquet")
    customers["path"] = str(folder / "customers.parquet")
    given["features"]["agg_primitives"] = ["sum", "mean", "count", "percent_true", "time_since_last"]
    given["features"]["trans_primitives"] = []
    (folder / "shop.yaml").write_text(yaml.safe_dump(given))
    return folder


def selected(shop: Path, spark: SparkSession, name: str, **selection: Any) -> SelectResult:
    file = shop / f"{name}.yaml"
    settings = {"compute": "shop.yaml", "label": "label", "pilot_rows": 900, "output": name}
    file.write_text(yaml.safe_dump(settings | {"selection": selection}))
    return run(read_model(file, SelectConfig), spark=spark)


@pytest.fixture(scope="module")
def result(shop: Path, spark: SparkSession) -> SelectResult:
    return selected(shop, spark, "selected")


def made_of(feature: Any) -> set[str]:
    """The columns a feature is made of."""
    parts = [feature, *feature.get_dependencies(deep=True)]
    return {f"{one.dataframe_name}.{one.column_name}" for one in parts if hasattr(one, "column_name")}


def test_planted_features_stay_and_noise_goes(result: SelectResult) -> None:
    kept = load_features(result.definitions)
    sources = set().union(*(made_of(feature) for feature in kept))

    assert sources >= PLANTED
    noisy = [one for one in result.selection.decisions if "noise" in one.name]
    assert len(noisy) >= 16  # of the customers themselves, and of their regions
    assert sum(one.kept for one in noisy) <= 2
    assert not {one.name for one in noisy if one.name in NOISE and one.kept}


def test_the_decoy_is_flagged_with_all_that_is_made_of_it(result: SelectResult) -> None:
    flagged = result.selection.suspicious
    assert "tells the label suspiciously well alone: AUC 0.9" in flagged["days_since_last_order"]
    condemned = {one.name for one in result.selection.decisions if "days_since_last_order" in one.name}
    assert len(condemned) > 1
    assert condemned == set(flagged)
    assert not condemned & set(result.selection.kept)


def test_what_stays_costs_less(result: SelectResult) -> None:
    found = result.selection
    assert 0 < found.seconds_after < found.seconds_before
    # All transactions of all customers of a region, for every customer: far the dearest, and of no use.
    dear = [
        name
        for name in found.kept
        if name.startswith(("regions.SUM(transactions", "regions.MEAN(transactions"))
    ]
    assert not dear


def test_the_files_tell_every_decision(result: SelectResult, shop: Path) -> None:
    folder = shop / "selected"
    rows = list(csv.DictReader((folder / "selection.csv").read_text(encoding="utf-8").splitlines()))
    facts = json.loads((folder / "selection.json").read_text())

    assert [row["feature"] for row in rows if row["kept"] == "yes"] == list(result.selection.kept)
    assert all(row["why"] for row in rows if row["kept"] == "no")
    assert all(row["made of"] for row in rows)
    assert len(facts["decisions"]) == len(rows)
    assert (folder / "selection.png").read_bytes().startswith(PNG)


def test_the_definitions_compute(result: SelectResult, shop: Path) -> None:
    given = read_config(shop / "shop.yaml")
    from sparkfeat.pipelines.build import build_entityset

    matrix = sf.calculate_feature_matrix(
        load_features(result.definitions),
        entityset=build_entityset(given.entityset),
        cutoff_time=given.cutoff_time.path,
        engine="duckdb",
    )
    assert set(result.selection.kept) <= set(matrix.columns)


def test_the_pilot_is_the_same_for_the_same_seed(result: SelectResult, shop: Path) -> None:
    from sparkfeat.pipelines.pilot import pilot_config

    given = read_config(shop / "shop.yaml")
    ids = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        (shop / name).mkdir()
        found = pilot_config(given, "label", 900, seed, shop / name)
        ids.append(pq.read_table(found.cutoff_time.path)["customer_id"].to_pylist())
    assert ids[0] == ids[1] != ids[2]
    assert 800 < len(ids[0]) < 1_000
    assert result.selection.rows == len(ids[0])


def test_a_label_that_is_not_there(shop: Path) -> None:
    file = shop / "wrong.yaml"
    file.write_text("compute: shop.yaml\nlabel: labell\noutput: wrong\n")
    with pytest.raises(SchemaError, match=r"No column 'labell'.*Did you mean 'label'"):
        run(read_model(file, SelectConfig))


def test_cutoff_times_without_a_table(shop: Path) -> None:
    given = yaml.safe_load((shop / "shop.yaml").read_text()) | {"cutoff_time": {"time": "2024-06-01"}}
    (shop / "now.yaml").write_text(yaml.safe_dump(given))
    file = shop / "wrong.yaml"
    file.write_text("compute: now.yaml\nlabel: label\noutput: wrong\n")
    with pytest.raises(ConfigError, match="there is no table with one"):
        run(read_model(file, SelectConfig))
