"""The notebook runs, as `jupyter execute` runs it; on local files and on S3."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pyarrow.compute as pc
import pytest
import yaml
from nbclient import NotebookClient

from sparkfeat.emr.plan import notebook_block
from sparkfeat.pipelines.emr_job import read_emr_config
from sparkfeat.pipelines.shop import generate
from sparkfeat.pipelines.shop.schema import DECOY_COLUMN
from sparkfeat.storage.manifest import read_manifest, read_record
from sparkfeat.storage.read import read_predictions
from sparkfeat.storage.records import ModelManifest
from tests.support.s3 import S3Server

MAGIC = "%%configure -f\n"


@pytest.fixture
def notebook(repository: Path) -> Any:
    return nbformat.read(repository / "notebooks" / "shop.ipynb", as_version=4)


def executed(notebook: Any, folder: Path, repository: Path, environment: Mapping[str, str]) -> list[Any]:
    """Run the notebook in a kernel of its own; return the outputs of its cells, in order."""
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    own = {"PYTHONPATH": os.pathsep.join([str(repository), os.environ.get("PYTHONPATH", "")])}
    client.execute(env=os.environ | own | dict(environment))
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def shown(outputs: list[Any], kind: str) -> list[str]:
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def check(outputs: list[Any], folder: Path) -> None:
    (picture,) = shown(outputs, "image/png")
    assert picture.startswith("iVBOR")
    pages = shown(outputs, "text/html")
    assert any("EntitySet: shop" in page for page in pages)
    assert any("COUNT(sessions)" in page for page in pages)
    printed = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    assert 'The number of all instances of "sessions"' in printed
    assert read_manifest(folder / "results" / "matrix").engine == "duckdb"


def check_model(outputs: list[Any], results: Path) -> None:
    """The model is better than its baselines, and what is shown is what was published."""
    pages = shown(outputs, "text/html")
    manifest = read_record(results / "model", ModelManifest)
    found = {"model": manifest.metrics, **manifest.baselines}
    assert set(found) == {"model", "majority", "raw_columns", "shuffled_labels"}
    assert not [name for name in manifest.card.features if DECOY_COLUMN in name]
    areas = {name: metrics["roc_auc"] for name, metrics in found.items()}
    assert max(areas, key=areas.__getitem__) == "model"
    (page,) = (page for page in pages if "shuffled_labels" in page)
    assert all(f"<td>{area:.3f}</td>" in page for area in areas.values())

    predictions = read_predictions(results / "predictions").to_table()
    best = pc.max(predictions["score"]).as_py()
    assert predictions.num_rows == len(set(predictions["customer_id"].to_pylist())) > 0
    assert f"<td>{best:.6f}</td>" in pages[-1]


def test_the_notebook_has_no_outputs(notebook: Any) -> None:
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_the_notebook_runs_on_local_files(notebook: Any, repository: Path, tmp_path: Path) -> None:
    outputs = executed(notebook, tmp_path, repository, {})

    check(outputs, tmp_path)
    check_model(outputs, tmp_path / "results")


def test_the_notebook_runs_on_s3(
    notebook: Any, repository: Path, tmp_path: Path, s3_server: S3Server
) -> None:
    # The model learns from the published matrix alone: once is enough.
    notebook.cells = [cell for cell in notebook.cells if "model" not in cell.metadata.get("tags", ())]
    generate(tmp_path / "shop", customers=50, seed=7)
    s3_server.put_folder(tmp_path / "shop", "notebook")
    environment = s3_server.environment | {"SPARKFEAT_SHOP": s3_server.uri("notebook")}

    check(executed(notebook, tmp_path, repository, environment), tmp_path)


def test_the_first_cell_is_what_the_plan_prints(notebook: Any, repository: Path, tmp_path: Path) -> None:
    conf = repository / "conf" / "emr"
    content = yaml.safe_load((conf / "example.yaml").read_text())
    content["cluster"] |= {"environment": "bootstrap", "notebooks": True}
    content["job"]["config"] = str(conf / "example-features.yaml")
    (tmp_path / "emr.yaml").write_text(yaml.safe_dump(content))
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")

    assert first.source.startswith(MAGIC)
    assert "skip-execution" in first.metadata.tags
    assert json.loads(first.source.removeprefix(MAGIC)) == notebook_block(
        read_emr_config(tmp_path / "emr.yaml")
    )
