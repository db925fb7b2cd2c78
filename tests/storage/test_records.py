"""Models and predictions are published like matrices, and are not taken for one another."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.errors import OutputExistsError, StorageError
from sparkfeat.storage.manifest import OutputFile, read_manifest, read_record
from sparkfeat.storage.read import read_predictions
from sparkfeat.storage.records import ModelManifest, ModelUsed, Predictions
from sparkfeat.storage.runs import open_run_of
from tests.storage.matrices import publish
from tests.storage.opening import open_run


def publish_predictions(folder: Path, run_id: str = "one", *, overwrite: bool = False) -> None:
    run = open_run_of(Predictions, folder, run_id, {"asked": 1}, overwrite=overwrite)
    with run.writing():
        name = f"{run.folder}/data/part.parquet"
        Path(run.data_path).mkdir()
        pq.write_table(pa.table({"id": [1, 2], "score": [0.1, 0.9]}), run.store.path(name))
        size = run.store.size(name) or 0
        file = OutputFile(path=name, rows=2, bytes=size, sha256=run.store.sha256(name))
        run.publish(
            Predictions(
                run_id=run_id,
                created=datetime(2024, 5, 1, 12, tzinfo=UTC),
                files=(file,),
                parameters={"asked": 1},
                packages={},
                seconds={},
                rows=2,
                columns=(),
                model=ModelUsed(uri="model", version="first", feature_hash="abc"),
                engine="duckdb",
                first_cutoff=None,
                last_cutoff=None,
                checked=None,
            )
        )


def test_predictions_are_read_as_they_were_published(tmp_path: Path) -> None:
    publish_predictions(tmp_path)

    assert read_predictions(tmp_path).to_table().to_pydict() == {"id": [1, 2], "score": [0.1, 0.9]}
    assert read_record(tmp_path, Predictions).model.version == "first"
    assert open_run_of(Predictions, tmp_path, "one", {"asked": 1}).finished is not None


def test_other_predictions_are_replaced_only_if_that_is_wanted(tmp_path: Path) -> None:
    publish_predictions(tmp_path)

    with pytest.raises(OutputExistsError, match="A set of predictions is published there already"):
        publish_predictions(tmp_path, "two")
    publish_predictions(tmp_path, "two", overwrite=True)
    assert read_record(tmp_path, Predictions).run_id == "two"


def test_a_matrix_is_no_model_and_predictions_are_no_matrix(tmp_path: Path) -> None:
    publish(tmp_path / "matrix")
    publish_predictions(tmp_path / "predictions")

    with pytest.raises(StorageError, match=r"No published model .* of kind 'matrix'.*`sparkfeat train`"):
        read_record(tmp_path / "matrix", ModelManifest)
    with pytest.raises(StorageError, match=r"No published feature matrix .* of kind 'predictions'"):
        read_manifest(tmp_path / "predictions")
    with pytest.raises(StorageError, match="of kind 'predictions'"):
        open_run(tmp_path / "predictions", "new", {})
    with pytest.raises(StorageError, match=r"No published model .*run `sparkfeat train`"):
        read_record(tmp_path / "nothing", ModelManifest)


def test_a_changed_file_of_predictions_is_found(tmp_path: Path) -> None:
    publish_predictions(tmp_path)
    (tmp_path / "runs/one/data/part.parquet").write_bytes(b"other")

    with pytest.raises(StorageError, match="What is published is damaged"):
        read_predictions(tmp_path)


def test_files_of_a_folder_are_listed_with_those_below(tmp_path: Path) -> None:
    publish_predictions(tmp_path)
    store = open_run_of(Predictions, tmp_path, "one", {"asked": 1}).store

    assert sorted(store.files("runs/one")) == [
        "runs/one/data/part.parquet",
        "runs/one/manifest.json",
        "runs/one/started.json",
    ]
    assert not store.files("runs/none")
