"""A job on Spark's own cluster of two workers, from S3 to S3, while one of its executors dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.jobs import Submitter, put_job
from tests.support.reader import NOTHING, Columns, columns, equal, reading
from tests.support.s3 import S3Server
from tests.support.shops import expected_matrix, job_config, make_shop
from tests.support.standalone import Standalone, standalone

pytestmark = pytest.mark.xdist_group("rig")


@pytest.fixture(scope="module")
def cluster(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    with standalone(tmp_path_factory.mktemp("standalone"), s3_server) as found:
        yield found


@pytest.fixture(scope="module")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def expected(made_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Columns:
    return expected_matrix(made_shop, tmp_path_factory.mktemp("local"))


def is_writing(server: S3Server) -> bool:
    """Whether a task has written a file that is not committed; the trial of S3 before does so too."""
    keys = server.keys("standalone/out/runs/run/data")
    return any("__magic" in key and "/probe/" not in key for key in keys)


def test_an_executor_killed_while_tasks_write_changes_nothing(
    made_shop: Path,
    expected: Columns,
    cluster: Standalone,
    s3_environment: S3Server,
    tmp_path: Path,
    repository: Path,
) -> None:
    server, output = s3_environment, s3_environment.uri("standalone/out")
    uri = put_job(server, made_shop, job_config(made_shop, made_shop / "out", "spark"), "standalone")
    submitter = Submitter(server, tmp_path, repository, cluster.url)
    with (
        reading(output, {"run": expected}) as seen,
        submitter.started(repository / "jobs" / "compute_features.py", "--config", uri) as job,
    ):
        job.wait_until(lambda: is_writing(server))
        first, _ = cluster.executors()
        first.kill()
        printed = job.ended_well()

    assert "Lost executor" in printed
    assert seen.runs == [NOTHING, "run"]
    assert equal(columns(output), expected)
    uploads = server.client.list_multipart_uploads(Bucket=server.bucket, Prefix="standalone/")
    assert not uploads.get("Uploads"), "parts that nobody reads cost money"
