from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.releases import Release
from sparkfeat.errors import ConfigError, MissingInputError
from sparkfeat.pipelines.emr_job import read_emr_config

JOB = {
    "entityset": {"dataframes": {"customers": {"path": "s3://bucket/customers", "index": "id"}}},
    "features": {"target_dataframe_name": "customers"},
    "output": {"path": "s3://bucket/out"},
}


@pytest.fixture
def example(repository: Path, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "example-features.yaml").write_text(yaml.safe_dump(JOB))
    found: dict[str, Any] = yaml.safe_load((repository / "conf" / "emr" / "example.yaml").read_text())
    return found


def read(folder: Path, data: dict[str, Any], **options: Any) -> EmrConfig:
    (folder / "emr.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    return read_emr_config(folder / "emr.yaml", **options)


def test_the_example_is_valid(example: dict[str, Any], tmp_path: Path) -> None:
    config = read(tmp_path, example)

    assert config.job.config == str(tmp_path / "example-features.yaml")
    assert config.required_cluster().primary == ["m6g.xlarge"]


def test_an_unknown_key_is_told_with_its_line(example: dict[str, Any], tmp_path: Path) -> None:
    example["cluster"]["core"]["vcpu"] = 4

    with pytest.raises(ConfigError, match=r"emr.yaml, line \d+, cluster.core.vcpu.*Did you mean 'vcpus'"):
        read(tmp_path, example)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("release", "emr-6.15.0", "no Spark 3.5 or 4.0 with Python 3.11"),
        ("release", "7.13.0", "is no release"),
        ("storage.artifacts", "/tmp/artifacts", "s3://bucket/folder"),
        ("storage.logs", "s3://Bucket/logs", "s3://bucket/folder"),
        ("encryption.kms_key", "alias/mine", "EMR takes no alias"),
        ("encryption.kms_key", "arn:aws:kms:eu-west-1:111122223333:key/1-2", "both must be the same"),
        ("cluster.service_role", "EMR_DefaultRole", "arn:aws:iam::ACCOUNT:role/NAME"),
        ("cluster.subnets", [], "at least 1 item"),
        ("cluster.core.vcpus", 1, "greater than or equal to 2"),
        ("cluster.core.max_vcpus", 8, "max_vcpus is below vcpus"),
        ("cluster.task.max_vcpus", 4, "max_vcpus is below vcpus"),
        ("cluster.notebooks", True, "notebooks need environment: bootstrap"),
        ("cluster.worker_security_group", "sg-1", "all three security groups"),
        ("cluster", None, "no section 'cluster'"),
        ("tags", {"aws:x": "y"}, "aws:x is set by sparkfeat or AWS"),
        ("job.spark", {"spark.hadoop.fs.s3a.secret.key": "x"}, "give the role access"),
        ("job.spark", {"spark.hadoop.javax.jdo.option.ConnectionPassword": "x"}, "give the role access"),
        ("target", "kubernetes", "'cluster' or 'serverless'"),
    ],
)
def test_what_does_not_fit_is_refused(
    example: dict[str, Any], tmp_path: Path, path: str, value: object, message: str
) -> None:
    *sections, key = path.split(".")
    place = example
    for section in sections:
        place = place[section]
    place[key] = value

    with pytest.raises(ConfigError, match=re.escape(message)) as refused:
        read(tmp_path, example)
    assert "emr.yaml, line" in str(refused.value)


def test_a_role_that_gives_credentials_is_a_setting_like_others(
    example: dict[str, Any], tmp_path: Path
) -> None:
    example["job"]["spark"] = {"spark.hadoop.fs.s3a.aws.credentials.provider": "x.Y"}

    assert read(tmp_path, example).job.spark == example["job"]["spark"]


def test_a_target_without_a_section(example: dict[str, Any], tmp_path: Path) -> None:
    del example["serverless"]

    with pytest.raises(ConfigError, match="No section 'serverless'"):
        read(tmp_path, example, target="serverless")


def test_a_missing_job(example: dict[str, Any], tmp_path: Path) -> None:
    example["job"]["config"] = "other.yaml"

    with pytest.raises(MissingInputError, match=r"No such configuration of the job .*other.yaml"):
        read(tmp_path, example)


def test_a_job_with_files_of_this_machine(example: dict[str, Any], tmp_path: Path) -> None:
    job = JOB | {"output": {"path": "out"}}
    (tmp_path / "example-features.yaml").write_text(yaml.safe_dump(job))

    with pytest.raises(ConfigError, match=r"files of this machine.*output.path: /"):
        read(tmp_path, example)


@pytest.mark.parametrize(
    ("label", "spark", "emrfs"),
    [
        ("emr-7.1.0", "3.5", True),
        ("emr-7.9.0", "3.5", True),
        ("emr-7.10.0", "3.5", False),
        ("emr-7.13.0", "3.5", False),
        ("emr-spark-8.0.0", "4.0", False),
    ],
)
def test_releases(label: str, spark: str, emrfs: bool) -> None:
    release = Release.parse(label)

    assert (release.spark, release.has_emrfs_keys) == (spark, emrfs)


@pytest.mark.parametrize("label", ["emr-7.0.0", "emr-8.0.0", "emr-spark-7.0.0", "emr-7.13", "latest"])
def test_releases_that_do_not_fit(label: str) -> None:
    with pytest.raises(ValueError, match=r"release|emr-7"):
        Release.parse(label)


@pytest.mark.parametrize(
    ("script", "job", "told"),
    [
        (
            "train_model",
            {"data": {"matrix": "m", "label": "l"}, "output": {"path": "s3://b/o"}},
            "data.matrix: /",
        ),
        ("score_model", {"model": "models:/m@champion", "output": {"path": "out"}}, "output.path: /"),
        ("score_model", {"model": "folder", "output": {"path": "s3://b/o"}}, "model: /"),
        ("train_model", {"model": "folder", "output": {"path": "s3://b/o"}}, "Unknown key 'model'"),
    ],
)
def test_jobs_of_training_and_scoring_are_read_as_what_they_are(
    example: dict[str, Any], tmp_path: Path, script: str, job: dict[str, Any], told: str
) -> None:
    example["job"]["script"] = script
    (tmp_path / "example-features.yaml").write_text(yaml.safe_dump(job))

    with pytest.raises(ConfigError, match=told):
        read(tmp_path, example)


def test_a_registered_model_is_no_file(example: dict[str, Any], tmp_path: Path) -> None:
    example["job"]["script"] = "score_model"
    job = {"model": "models:/m@champion", "output": {"path": "s3://bucket/out"}}
    (tmp_path / "example-features.yaml").write_text(yaml.safe_dump(job))

    assert read(tmp_path, example).job.script == "score_model"
