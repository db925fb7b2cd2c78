"""`sparkfeat compute` with everything on S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from sparkfeat.cli import main
from sparkfeat.errors import ConfigError, MissingInputError, OutputExistsError
from sparkfeat.pipelines.compute_features import run
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.definitions import read_definitions
from sparkfeat.pipelines.plan_features import plan
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_matrix
from tests.pipelines.small_shop import MATRIX, write_shop
from tests.storage.test_s3_store import KEY, encryption, keys

CONFIG = "s3://example-data/a shop/shop.yaml"


def uploaded(bucket: Any, folder: Path, **changes: dict[str, Any]) -> str:
    """Upload the shop and a configuration whose paths are relative to its own folder."""
    changes = {"output": {"path": "../out", "run_id": "one"}, **changes}
    write_shop(folder, **changes)
    for file in folder.iterdir():
        bucket.upload_file(str(file), "example-data", f"a shop/{file.name}")
    return CONFIG


def test_from_s3_to_s3(bucket: Any, tmp_path: Path) -> None:
    config = read_config(uploaded(bucket, tmp_path, storage={"kms_key": KEY}))

    result = run(config, profile=True)

    assert result.output == "s3://example-data/out"
    assert read_matrix(result.output, verify=True).to_table().to_pydict() == MATRIX
    written = [key for key in keys(bucket) if key.startswith("out/")]
    assert {encryption(bucket, key) for key in written} == {("aws:kms", KEY)}
    assert "out/runs/one/profile.png" in written
    assert [file.path for file in result.manifest.inputs] == [
        f"s3://example-data/a shop/{name}.parquet" for name in ("customers", "orders", "cutoffs")
    ]
    assert [column.catalog_name for column in result.manifest.columns] == [
        "customer_id",
        "count_orders",
        "sum_orders_amount",
        "label",
    ]
    assert not run(config).computed


def test_definitions_on_s3(bucket: Any, tmp_path: Path) -> None:
    uploaded(bucket, tmp_path)
    first = run(read_config(CONFIG)).manifest
    saved = f"s3a://example-data/out/{first.definitions.path}"
    assert read_definitions(saved).names == ("COUNT(orders)", "SUM(orders.amount)")
    features = {"definitions": saved}
    config = read_config(CONFIG)
    config = config.model_copy(update={"features": config.features.model_validate(features)})
    config = config.override(run_id="two", overwrite=True)

    run(config)

    assert read_manifest("s3://example-data/out").run_id == "two"
    assert read_matrix("s3://example-data/out").to_table().to_pydict() == MATRIX


def test_the_command_line_and_the_plan(
    bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uploaded(bucket, tmp_path)

    planned = plan(read_config(CONFIG))
    assert [table.bytes for table in planned.tables] == [
        (tmp_path / f"{name}.parquet").stat().st_size for name in ("customers", "orders")
    ]
    with pytest.raises(SystemExit, match="0"):
        main(["compute", CONFIG])

    assert "s3://example-data/out" in capsys.readouterr().out


def test_the_catalog_shows_what_is_published(bucket: Any, tmp_path: Path) -> None:
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": "sparkfeat_shop"})
    catalog = {"database": "sparkfeat_shop", "table": "customers"}
    uploaded(bucket, tmp_path)
    run(read_config(CONFIG))
    uploaded(bucket, tmp_path, output={"path": "../out", "run_id": "one", "catalog": catalog})

    result = run(read_config(CONFIG))

    assert not result.computed
    table = glue.get_table(DatabaseName="sparkfeat_shop", Name="customers")["Table"]
    described = table["StorageDescriptor"]
    assert (
        described["Location"] == result.output + "/" + result.manifest.files[0].path.rpartition("/")[0] + "/"
    )
    assert [(one["Name"], one["Type"], one["Comment"]) for one in described["Columns"]] == [
        ("customer_id", "bigint", "customer_id"),
        ("count_orders", "bigint", "COUNT(orders)"),
        ("sum_orders_amount", "double", "SUM(orders.amount)"),
        ("label", "boolean", "label"),
    ]
    glue.close()


def test_a_catalog_that_is_not_there_is_told_before_any_work(bucket: Any, tmp_path: Path) -> None:
    catalog = {"database": "nowhere", "table": "customers"}
    uploaded(bucket, tmp_path, output={"path": "../out", "catalog": catalog})

    with pytest.raises(ConfigError, match="No such database in the Glue Data Catalog"):
        run(read_config(CONFIG))

    assert not [key for key in keys(bucket) if key.startswith("out/")]


def test_a_catalog_needs_a_matrix_on_s3(tmp_path: Path) -> None:
    path = write_shop(tmp_path, output={"catalog": {"database": "a", "table": "b"}})

    with pytest.raises(ConfigError, match="Athena reads from S3 only"):
        read_config(path)


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"output": {"path": "s3://example-nowhere/out"}}, ConfigError, "No such bucket"),
        ({"output": {"path": "s3://example-data/a shop"}}, OutputExistsError, "holds other files"),
        (
            {"cutoff_time": {"path": "gone.parquet"}},
            MissingInputError,
            "s3://example-data/a shop/gone.parquet",
        ),
    ],
)
def test_bad_input_leaves_nothing_behind(
    bucket: Any, tmp_path: Path, changes: dict[str, Any], kind: type[Exception], told: str
) -> None:
    uploaded(bucket, tmp_path, **changes)
    before = keys(bucket)

    with pytest.raises(kind, match=told):
        run(read_config(CONFIG))

    assert keys(bucket) == before


def test_a_missing_configuration(bucket: Any) -> None:
    with pytest.raises(ConfigError, match=r"No such configuration file \(s3://example-data/gone\.yaml\)"):
        read_config("s3://example-data/gone.yaml")
