"""From `make package` to a published table on YARN, as `sparkfeat emr run` submits it on EMR."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sparkfeat.emr.clients import connect
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.package import Package
from sparkfeat.emr.steps import submit_arguments
from sparkfeat.emr.upload import upload
from sparkfeat.pipelines.emr_job import read_emr_config
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_matrix
from tests.pipelines.small_shop import MATRIX, write_shop
from tests.support.parts import get
from tests.support.s3 import REGION, S3Server
from tests.support.yarn import Yarn

# YARN gives this cluster's nodes a hundredth of an instance's memory.
SMALL = {
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.memoryOverhead": "384m",
    "spark.executor.cores": "1",
    "spark.executor.instances": "2",
    "spark.dynamicAllocation.enabled": "false",
}
TYPES = {"x86_64": "m6i.xlarge", "aarch64": "m6g.xlarge"}

pytestmark = pytest.mark.xdist_group("rig")


@pytest.fixture(scope="module")
def package() -> tuple[Path, Package]:
    return get.package()


def emr_config(repository: Path, folder: Path, server: S3Server, job: Path) -> EmrConfig:
    """The example's configuration, with this machine's architecture and sizes."""
    content = yaml.safe_load((repository / "conf" / "emr" / "example.yaml").read_text())
    content["job"] |= {"config": str(job), "spark": SMALL}
    content["storage"] = {"artifacts": server.uri("artifacts"), "logs": server.uri("logs")}
    kind = TYPES[get.architecture()]
    content["cluster"] |= {"primary": kind, "core": content["cluster"]["core"] | {"types": [kind]}, "task": None}
    file = folder / "emr.yaml"
    file.write_text(yaml.safe_dump(content))
    return read_emr_config(file)


def test_the_package_runs_on_yarn_and_publishes(
    repository: Path,
    tmp_path: Path,
    s3_environment: S3Server,
    yarn_cluster: Yarn,
    package: tuple[Path, Package],
) -> None:
    job = write_shop(tmp_path, engine={"name": "partitioned"})
    c = yaml.safe_load(job.read_text())
    for d in (*c["entityset"]["dataframes"].values(), c["cutoff_time"], c["output"]): d["path"] = (tmp_path / d["path"]).as_uri()
    job.write_text(yaml.safe_dump(c, sort_keys=False))
    dist, built = package
    config = emr_config(repository, tmp_path, s3_environment, job)
    locations = Locations(config, built)
    assert upload(connect(REGION), locations, dist, print) > 0

    answer = yarn_cluster.submit(submit_arguments(locations))

    assert answer.returncode == 0, answer.stderr[-3_000:] + yarn_cluster.logs()
    assert read_manifest(tmp_path / "out").engine == "partitioned"
    assert read_matrix(tmp_path / "out", verify=True).to_table().to_pydict() == MATRIX
