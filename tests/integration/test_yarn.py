"""From `make package` to a published table on YARN, submitted as `sparkfeat emr run` submits it on EMR."""

from __future__ import annotations

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
from tests.support.yarn import Yarn

JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# A node of this cluster has a tenth of an instance's memory.
SMALL = {
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.memoryOverhead": "384m",
    "spark.executor.cores": "1",
    "spark.executor.instances": "2",
    "spark.dynamicAllocation.enabled": "false",
    "spark.driver.extraJavaOptions": JVM,
    "spark.executor.extraJavaOptions": JVM,
    # The server accepts a key and forgets it, and the job looks whether Spark wrote with it.
    "spark.yarn.appMasterEnv.SPARKFEAT_KMS_KEY": "",
    "spark.sql.adaptive.coalescePartitions.initialPartitionNum": "4",
}
MATRIX_BY_CUSTOMER = {name: values[::-1] for name, values in MATRIX.items()}
TYPES = {"x86_64": "m6i.xlarge", "aarch64": "m6g.xlarge"}

pytestmark = pytest.mark.xdist_group("rig")


@pytest.fixture(scope="module")
def locations(repository: Path, s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Locations:
    """The package, and a job whose tables are on S3, uploaded as the example's configuration says."""
    folder = tmp_path_factory.mktemp("shop")
    job = write_shop(folder, engine={"name": "partitioned"})
    s3_server.put_folder(folder, "shop")
    job.write_text(_with_uris(job, s3_server))
    dist, package = get.package()
    found = Locations(_emr_config(repository, folder, s3_server, job), package)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3_server.environment.items():
            patch.setenv(name, value)
        upload(connect(REGION), found, dist, print)
    return found


def _with_uris(job: Path, server: S3Server) -> str:
    content = yaml.safe_load(job.read_text())
    for section in (*content["entityset"]["dataframes"].values(), content["cutoff_time"], content["output"]):
        section["path"] = server.uri(f"shop/{Path(section['path']).name}")
    return yaml.safe_dump(content, sort_keys=False)


def _emr_config(repository: Path, folder: Path, server: S3Server, job: Path) -> EmrConfig:
    """The example's configuration, in this machine's sizes."""
    content = yaml.safe_load((repository / "conf" / "emr" / "example.yaml").read_text())
    content["job"] |= {"config": str(job), "spark": SMALL}
    content["storage"] = {"artifacts": server.uri("artifacts"), "logs": server.uri("logs")}
    kind = TYPES[get.architecture()]
    core = content["cluster"]["core"] | {"types": [kind]}
    content["cluster"] |= {"primary": kind, "core": core, "task": None}
    file = folder / "emr.yaml"
    file.write_text(yaml.safe_dump(content))
    return read_emr_config(file)


def test_the_package_runs_on_yarn_and_publishes_though_its_driver_is_killed(
    locations: Locations, s3_environment: S3Server, yarn_cluster: Yarn
) -> None:
    def is_computing() -> bool:
        return bool(s3_environment.keys("shop/out/runs/first/"))

    output = s3_environment.uri("shop/out")
    with (
        reading(output, {"first": MATRIX_BY_CUSTOMER}) as seen,
        yarn_cluster.submitted(submit_arguments(locations)) as job,
    ):
        job.wait_until(is_computing)
        (driver,) = yarn_cluster.drivers()
        driver.kill()
        job.ended_well()

    assert yarn_cluster.attempts() == 2
    assert seen.runs == [NOTHING, "first"]
    assert read_manifest(output).engine == "partitioned"
    assert equal(columns(output), MATRIX_BY_CUSTOMER)
