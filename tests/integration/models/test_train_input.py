"""Columns, labels and splits that training refuses or warns of, on a published matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.definitions import load_features, save_features
from sparkfeat.errors import ConfigError, DataError, SchemaError
from sparkfeat.pipelines import train_model
from sparkfeat.pipelines.progress import Silence
from sparkfeat.pipelines.training_table import open_matrix, training_table
from tests.pipelines.small_training import DECOY, make_matrix, train_config

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    make_matrix(folder)
    return folder


class Told(Silence):
    """Progress that keeps what is told."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def tell(self, line: str) -> None:
        self._lines.append(line)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"label": "lable"}, "Did you mean 'label'"),
        ({"label": "COUNT(sessions)"}, "is a computed feature"),
        ({"exclude": ["*nothing*"]}, "No column fits"),
        ({"exclude": ["*"]}, "No feature is left"),
    ],
)
def test_columns_that_do_not_fit_are_told(
    folder: Path, spark: SparkSession, data: dict[str, object], told: str
) -> None:
    with pytest.raises(SchemaError, match=told):
        train_model.run(train_config(folder, data=data, output={"path": str(folder / "none")}), spark=spark)


def test_an_unknown_algorithm_is_told_before_spark_starts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_model, "running_spark", None)
    training = {"models": [{"algorithm": "random_forrest"}]}
    with pytest.raises(ConfigError, match="Did you mean 'random_forest'"):
        train_model.run(train_config(folder, training=training, output={"path": str(folder / "none")}))


def test_a_column_that_knows_the_label_is_told(folder: Path, spark: SparkSession) -> None:
    told: list[str] = []
    leaking = train_model.run(
        train_config(folder, data={"exclude": []}, output={"path": str(folder / "leaking")}),
        spark=spark,
        progress=Told(told),
    )
    warned = [one for one in leaking.manifest.warnings if "may know the future" in one]
    assert warned[0].startswith(f"{DECOY} may know the future: tells the label suspiciously well alone")
    assert [one for one in told if "may know the future" in one] == warned
    assert f"{DECOY} may know the future" in Path(leaking.report).read_text(encoding="utf-8")


def test_raw_columns_are_a_baseline_where_selection_left_them_out(folder: Path, spark: SparkSession) -> None:
    file = folder / "selected.json"
    names = ("COUNT(sessions)", "PERCENT_TRUE(sessions.is_mobile)", "SUM(sessions.minutes)")
    features = load_features(folder / "matrix/runs/first/features.json")
    save_features([one for one in features if one.get_name() in names], file)
    done = train_model.run(
        train_config(
            folder,
            data={"exclude": [], "definitions": str(file)},
            evaluation={"baselines": True},
            output={"path": str(folder / "selected")},
        ),
        spark=spark,
    )
    assert set(done.manifest.card.features) == set(names)
    raw = done.manifest.baselines["raw_columns"]
    assert 0 < raw["roc_auc"] < 0.75, "without the column that knows the label"
    assert not [one for one in done.manifest.warnings if DECOY in one], "the model does not read it"


def test_a_split_without_test_rows_is_refused(folder: Path, spark: SparkSession) -> None:
    late = train_config(
        folder, training={"split": {"test_from": "2090-01-01"}}, output={"path": str(folder / "none")}
    )
    with pytest.raises(DataError, match=r"no test rows .*training.split"):
        train_model.run(late, spark=spark)


def test_rows_whose_label_is_no_number_are_left_out_where_asked(folder: Path, spark: SparkSession) -> None:
    ids = pq.read_table(folder / "shop/labels.parquet")["customer_id"]
    value = [float("nan") if n % 4 == 0 else None if n % 4 == 1 else n / 2 for n in range(len(ids))]
    pq.write_table(pa.table({"customer_id": ids, "value": value}), folder / "values.parquet")
    asked = train_config(
        folder,
        data={"label": "value", "labels": {"path": str(folder / "values.parquet")}},
        training={"missing_labels": "drop"},
    )
    table, roles, raw = training_table(open_matrix(str(folder / "matrix")), asked, spark)
    found = sorted(row["value"] for row in table.select("value").collect())
    assert found == [one for n, one in enumerate(value) if n % 4 > 1]
    assert set(raw.features) <= set(roles.features)
    assert "region_id" in raw.features
    assert "COUNT(sessions)" not in raw.features
