from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from sparkfeat.cli.app import app
from sparkfeat.emr import clients, launch
from sparkfeat.emr import run as emr_run
from sparkfeat.emr.check import check_cluster, check_request
from sparkfeat.emr.clients import Clients
from sparkfeat.emr.launch import Pace
from tests.emr.fakes import CLUSTER, STEP, Clock, FakeEmr, Tick

COMMANDS = ["plan", "launch", "run", "status", "logs", "cancel", "terminate", "cost", "package"]
REGION = ["--region", "us-east-1"]


@pytest.fixture
def example(repository: Path) -> str:
    return str(repository / "conf" / "emr" / "example.yaml")


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["emr", *arguments])


def test_help_names_every_command() -> None:
    answer = invoke("--help")

    assert answer.exit_code == 0
    assert all(f" {command} " in answer.output for command in COMMANDS)


def test_plan_prints_the_request_that_botocore_accepts(example: str) -> None:
    answer = invoke("plan", example, "--format", "json")
    found = json.loads(answer.stdout)

    assert answer.exit_code == 0
    check_cluster(found["run_job_flow"])
    assert found["sizing"]["executors"] > 0
    assert found["cost"]["most_hour"] > found["cost"]["hour"] > 0


def test_plan_without_servers(example: str) -> None:
    found = json.loads(invoke("plan", example, "--target", "serverless", "--format", "json").stdout)

    check_request("emr-serverless", "StartJobRun", found["start_job_run"])


def test_plan_as_a_table(example: str) -> None:
    answer = invoke("plan", example)
    rows = dict(line.split("\t", 1) for line in answer.stdout.splitlines())

    assert rows["job"] == "shop-features on cluster, emr-7.13.0, us-east-1"
    assert "USD an hour" in rows["cost"]
    assert "as of" in rows["cost"]


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ("step-functions", "StartAt"),
        ("iam", "runtime-role"),
        ("security-configuration", "EncryptionConfiguration"),
        ("notebook", "conf"),
    ],
)
def test_plan_in_other_forms(example: str, form: str, key: str) -> None:
    assert key in json.loads(invoke("plan", example, "--format", form).stdout)


def test_plan_for_airflow(example: str) -> None:
    assert len(json.loads(invoke("plan", example, "--format", "airflow").stdout)) == 2


def test_the_documentation_names_commands_that_there_are(repository: Path) -> None:
    text = (repository / "docs" / "emr.md").read_text(encoding="utf-8")
    used = set(re.findall(r"sparkfeat emr ([a-z]+)", text))

    assert set(COMMANDS) - {"package"} <= used | {"plan"}
    assert used <= set(COMMANDS)


def test_a_wrong_configuration(tmp_path: Path) -> None:
    (tmp_path / "emr.yaml").write_text("name: x\n")
    answer = invoke("plan", str(tmp_path / "emr.yaml"))

    assert answer.exit_code == 2
    assert "Missing key 'region'" in answer.stderr


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Moto's S3, with the buckets of the example and of the fake's logs."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        for bucket in ("example-sparkfeat", "cluster-logs"):
            client.create_bucket(Bucket=bucket)
        yield client


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, s3: Any) -> FakeEmr:
    """EMR as a state machine, and no waiting; what is checked and uploaded before is tested elsewhere."""
    emr = FakeEmr()
    clock = Clock(emr)
    monkeypatch.setattr(clients, "connect", lambda region: Clients(region, emr, emr, None, s3, None, None))
    monkeypatch.setattr(
        launch, "Pace", lambda interval=15: Pace(interval, 60, clock.sleep, lambda: clock.seconds)
    )
    monkeypatch.setattr(emr_run, "check_account", lambda *_: None)
    monkeypatch.setattr(emr_run, "upload", lambda *_: 0)
    return emr


def test_run_follows_the_job_and_says_where_its_logs_are(fake: FakeEmr, example: str) -> None:
    answer = invoke("run", example)

    assert answer.exit_code == 0, answer.stderr
    assert f"{CLUSTER}/{STEP}" in answer.stdout
    assert f"s3://example-sparkfeat/logs/{CLUSTER}/steps/{STEP}/" in answer.stdout
    assert "step running" in answer.stderr


def test_run_ends_with_the_jobs_exit_code(fake: FakeEmr, s3: Any, example: str) -> None:
    fake.ticks = [Tick("RUNNING", "RUNNING"), Tick("TERMINATING", "FAILED", ("STEP_FAILURE", ""))]
    text = "User application exited with status 42"
    for name in ("controller", "stderr"):
        key = f"logs/{CLUSTER}/steps/{STEP}/{name}.gz"
        s3.put_object(Bucket="example-sparkfeat", Key=key, Body=gzip.compress(text.encode()))
    answer = invoke("run", example)

    assert answer.exit_code == 42
    assert text in answer.stderr


def test_ctrl_c_ends_the_cluster(fake: FakeEmr, example: str) -> None:
    fake.ticks = [Tick("RUNNING", "RUNNING")]
    fake.raises = {"DescribeStep": [KeyboardInterrupt()]}
    answer = invoke("run", example)

    assert answer.exit_code == 1
    assert not fake.living


def test_run_on_a_running_cluster(fake: FakeEmr, example: str) -> None:
    fake.living, fake.ticks = True, [Tick("WAITING"), Tick("WAITING", "COMPLETED")]
    answer = invoke("run", example, "--cluster-id", CLUSTER)

    assert answer.exit_code == 0, answer.stderr
    assert fake.living


def test_launch_prints_the_id(fake: FakeEmr, example: str) -> None:
    answer = invoke("launch", example)

    assert answer.stdout == f"{CLUSTER}\n"
    assert fake.living


def test_status_of_a_cluster(fake: FakeEmr) -> None:
    fake.living, fake.ticks = True, [Tick("RUNNING", "RUNNING", ("", "Running step"))]
    answer = invoke("status", CLUSTER, *REGION)

    assert answer.stdout == f"cluster {CLUSTER}\tRUNNING: Running step\nstep {STEP} job\tRUNNING\n"


def test_logs_of_the_newest_step(fake: FakeEmr, s3: Any) -> None:
    key = f"emr/{CLUSTER}/steps/{STEP}/stderr.gz"
    body = gzip.compress(b"working\nerror: No such column. password=hunter2\n")
    s3.put_object(Bucket="cluster-logs", Key=key, Body=body)
    answer = invoke("logs", CLUSTER, *REGION)

    assert answer.stdout == "error: No such column. password=***\n"
    assert f"s3://cluster-logs/emr/{CLUSTER}/steps/{STEP}/" in answer.stderr


def test_logs_that_are_not_there_yet(fake: FakeEmr) -> None:
    answer = invoke("logs", CLUSTER, *REGION)

    assert answer.stdout == ""
    assert "every five minutes" in answer.stderr


def test_cancel_and_terminate(fake: FakeEmr) -> None:
    fake.living, fake.ticks = True, [Tick("RUNNING", "RUNNING")]

    assert invoke("cancel", CLUSTER, *REGION).stdout == f"{STEP} SUBMITTED\n"
    assert invoke("terminate", CLUSTER, *REGION).stdout == f"{CLUSTER} TERMINATING\n"
    assert not fake.living


def test_a_job_without_servers_has_no_cluster_to_end(fake: FakeEmr) -> None:
    answer = invoke("terminate", "00app/00job", *REGION)

    assert answer.exit_code == 2
    assert "sparkfeat emr cancel" in answer.stderr


def test_cost_of_a_cluster_at_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    instances = {
        "InstanceGroups": [{"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}],
        "KeepJobFlowAliveWhenNoSteps": True,
    }
    with mock_aws():
        emr = boto3.client("emr", region_name="us-east-1")
        request = {"Name": "x", "ReleaseLabel": "emr-7.13.0", "Instances": instances}
        cluster = emr.run_job_flow(**request, JobFlowRole="profile", ServiceRole="role")["JobFlowId"]
        answer = invoke("cost", cluster, *REGION)

    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout.splitlines()[-1].startswith("total\t")
    assert "An estimate" in answer.stderr


def test_a_region_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    assert invoke("status", CLUSTER).exit_code == 2


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, example: str, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    answer = invoke("run", example)

    assert answer.exit_code == 1
    assert "No AWS credentials to find out who you are" in answer.stderr
