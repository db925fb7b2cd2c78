"""From `make package` to a published table on YARN, submitted as `sparkfeat emr run` submits it on EMR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from sparkfeat.emr.clients import connect
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.steps import submit_arguments
from sparkfeat.emr.upload import upload
from sparkfeat.pipelines.emr_job import read_emr_config
from sparkfeat.storage.manifest import read_manifest
from tests.pipelines.small_shop import MATRIX, write_shop
from tests.support.parts import get
from tests.support.reader import NOTHING, columns, equal, reading
from tests.support.s3 import REGION, S3Server
from tests.support.shops import computed_here, job_config, make_shop
from tests.support.yarn import Yarn

JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

EXECUTORS = 2

# A node of this cluster has a tenth of an instance's memory.
SMALL = {
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.memoryOverhead": "384m",
    "spark.executor.cores": "1",
    "spark.executor.instances": str(EXECUTORS),
    "spark.dynamicAllocation.enabled": "false",
    "spark.driver.extraJavaOptions": JVM,
    "spark.executor.extraJavaOptions": JVM,
    # The server accepts a key and forgets it, and the job looks whether Spark wrote with it.
    "spark.yarn.appMasterEnv.SPARKFEAT_KMS_KEY": "",
    "spark.sql.adaptive.coalescePartitions.initialPartitionNum": "4",
}
# Small results are not joined into one task: there must be a middle to kill an executor in.
MANY_TASKS = {
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.sql.shuffle.partitions": "16",
}
FEW = {"agg_primitives": ["count", "max"], "trans_primitives": [], "max_depth": 1}
MATRIX_BY_CUSTOMER = {name: values[::-1] for name, values in MATRIX.items()}
TYPES = {"x86_64": "m6i.xlarge", "aarch64": "m6g.xlarge"}

pytestmark = pytest.mark.xdist_group("yarn")


@pytest.fixture(scope="module")
def folder(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder, while everything in this process that looks for AWS finds the server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3_server.environment.items():
            patch.setenv(name, value)
        yield tmp_path_factory.mktemp("jobs")


def uploaded(repository: Path, folder: Path, server: S3Server, job: Path, **spark: str) -> Locations:
    """The package and a job's configuration, uploaded as `sparkfeat emr run` does it."""
    dist, package = get.package()
    found = Locations(_emr_config(repository, folder, server, job, spark), package)
    upload(connect(REGION), found, dist, print)
    return found


def small_job(folder: Path, server: S3Server) -> Path:
    """The configuration of a job whose few tables are on S3."""
    job = write_shop(folder, engine={"name": "partitioned"})
    server.put_folder(folder, "shop")
    job.write_text(_with_uris(job, server))
    return job


def _with_uris(job: Path, server: S3Server) -> str:
    content = yaml.safe_load(job.read_text())
    for section in (*content["entityset"]["dataframes"].values(), content["cutoff_time"], content["output"]):
        section["path"] = server.uri(f"shop/{Path(section['path']).name}")
    return yaml.safe_dump(content, sort_keys=False)


def _emr_config(
    repository: Path, folder: Path, server: S3Server, job: Path, spark: Mapping[str, str]
) -> EmrConfig:
    """The example's configuration, in this machine's sizes."""
    content = yaml.safe_load((repository / "conf" / "emr" / "example.yaml").read_text())
    content["job"] |= {"config": str(job), "spark": SMALL | dict(spark)}
    content["storage"] = {"artifacts": server.uri("artifacts"), "logs": server.uri("logs")}
    kind = TYPES[get.architecture()]
    core = content["cluster"]["core"] | {"types": [kind]}
    content["cluster"] |= {"primary": kind, "core": core, "task": None}
    file = folder / "emr.yaml"
    file.write_text(yaml.safe_dump(content))
    return read_emr_config(file)


def test_the_package_runs_on_yarn_and_publishes_though_its_driver_is_killed(
    repository: Path, folder: Path, s3_environment: S3Server, yarn_cluster: Yarn
) -> None:
    def is_computing() -> bool:
        return bool(s3_environment.keys("shop/out/runs/first/"))

    locations = uploaded(repository, folder, s3_environment, small_job(folder, s3_environment))
    output = s3_environment.uri("shop/out")
    with (
        reading(output, {"first": MATRIX_BY_CUSTOMER}) as seen,
        yarn_cluster.submitted(submit_arguments(locations)) as job,
    ):
        job.wait_until(is_computing)
        (driver,) = yarn_cluster.drivers()
        driver.kill()
        job.ended_well()

    assert len(yarn_cluster.drivers_of(job)) == 2
    assert seen.runs == [NOTHING, "first"]
    assert read_manifest(output).engine == "partitioned"
    assert equal(columns(output), MATRIX_BY_CUSTOMER)


def test_a_container_killed_while_tasks_write_changes_nothing(
    repository: Path, folder: Path, s3_environment: S3Server, yarn_cluster: Yarn
) -> None:
    def is_writing() -> bool:
        keys = s3_environment.keys("lost/out/runs/run/data")
        return any("__magic" in key and "/probe/" not in key for key in keys)

    shop, output = make_shop(folder / "lost"), s3_environment.uri("lost/out")
    config = job_config(shop, shop / "out", "spark")
    config["features"] |= FEW
    expected = computed_here(folder, config)
    job_file = folder / "lost.yaml"
    s3_environment.put_folder(shop, "lost")
    job_file.write_text(yaml.safe_dump(config).replace(str(shop), s3_environment.uri("lost")))
    locations = uploaded(repository, folder, s3_environment, job_file, **MANY_TASKS)
    with (
        reading(output, {"run": expected}) as seen,
        yarn_cluster.submitted(submit_arguments(locations)) as job,
    ):
        job.wait_until(is_writing)
        first, _ = yarn_cluster.executors()
        first.kill()
        job.ended_well()

    # The driver stays, and YARN gives it another container for the one that is gone.
    assert len(yarn_cluster.drivers_of(job)) == 1
    assert len(yarn_cluster.containers(job)) > 1 + EXECUTORS
    assert seen.runs == [NOTHING, "run"]
    assert equal(columns(output), expected)
