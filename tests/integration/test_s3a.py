"""Jobs whose tables and results are on a real S3 server, through Hadoop's S3A; and their driver killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkfeat.pipelines import compute_features
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.storage.manifest import read_manifest
from tests.support.jobs import WAITING_JOB, Submitter, kill_tree, put_config, put_job
from tests.support.reader import NOTHING, Columns, columns, equal, reading
from tests.support.s3 import S3Server
from tests.support.shops import expected_matrix, job_config, make_shop

COMPUTE_EACH = WAITING_JOB.with_name("compute_each.py")
ENGINES = ("duckdb", "spark", "partitioned")

pytestmark = pytest.mark.xdist_group("rig")


@pytest.fixture(scope="module")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def expected(made_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Columns:
    return expected_matrix(made_shop, tmp_path_factory.mktemp("local"))


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


def test_a_driver_killed_between_write_and_publish_is_never_seen_by_readers(
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
        submitter.run(WAITING_JOB, str(mark), uri)
        assert seen.runs[:1] == [NOTHING]
    assert seen.runs == [NOTHING, "run"]
