"""Jobs whose tables and results are on a real S3 server, through Hadoop's S3A; and their driver killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkfeat.pipelines import compute_features, shop
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.storage.manifest import read_manifest
from tests.support.jobs import WAITING_JOB, Submitter, kill_tree, put_config, put_job
from tests.support.reader import NOTHING, Columns, columns, equal, reading
from tests.support.s3 import S3Server

COMPUTE_EACH = WAITING_JOB.with_name("compute_each.py")
ENGINES = ("duckdb", "spark", "partitioned")

pytestmark = pytest.mark.xdist_group("rig")


@pytest.fixture(scope="module")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    shop.generate(folder, customers=60, seed=3)
    return folder


@pytest.fixture(scope="module")
def expected(made_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Columns:
    """The matrix of the shop on local disk, by DuckDB."""
    folder = tmp_path_factory.mktemp("local")
    file = folder / "local.yaml"
    file.write_text(yaml.safe_dump(job_config(made_shop, folder / "out")))
    compute_features.run(read_config(file))
    return columns(str(folder / "out"))


def job_config(made_shop: Path, output: Path, engine: str = "duckdb") -> dict[str, Any]:
    """Features of three levels of tables at many cutoff times, few enough to be computed soon."""
    config = shop.config(made_shop, output, engine, "run")
    primitives = {"agg_primitives": ["count", "sum", "max", "last"], "trans_primitives": ["month"]}
    config["features"] |= primitives | {"max_features": 40}
    return config


@pytest.fixture
def submitter(s3_environment: S3Server, tmp_path: Path, repository: Path) -> Submitter:
    return Submitter(s3_environment, tmp_path, repository)


def test_all_engines_compute_from_s3_to_s3_what_they_compute_locally(
    made_shop: Path, expected: Columns, submitter: Submitter
) -> None:
    server = submitter.server
    server.put_folder(made_shop, "engines")
    uris = {}
    for engine in ENGINES:
        config = job_config(made_shop, made_shop / f"out-{engine}", engine)
        uris[engine] = put_config(server, made_shop, config, "engines", f"{engine}.yaml")
    compute_features.run(read_config(uris["duckdb"]))
    submitter.run(COMPUTE_EACH, *(uris[engine] for engine in ENGINES if engine != "duckdb"))

    for engine in ENGINES:
        output = server.uri(f"engines/out-{engine}")
        assert read_manifest(output).engine == engine
        assert equal(columns(output), expected), engine


def test_a_driver_killed_between_write_and_publish_leaves_readers_the_old_matrix(
    made_shop: Path, expected: Columns, submitter: Submitter, tmp_path: Path
) -> None:
    server, mark = submitter.server, tmp_path / "mark"
    config = job_config(made_shop, made_shop / "out", "spark")
    uri = put_job(server, made_shop, config, "killed")
    with reading(server.uri("killed/out"), {"run": expected}) as seen:
        with submitter.started(WAITING_JOB, str(mark), uri) as job:
            job.wait_until(mark.exists)
            assert any(key.endswith(".parquet") for key in server.keys("killed/out/runs/run/data"))
            kill_tree(job.process.pid)
        left = server.keys("killed/out/")
        submitter.run(WAITING_JOB, str(mark), uri)
        assert seen.runs[:1] == [NOTHING]
    assert left
    assert seen.runs == [NOTHING, "run"]
