"""Clusters and jobs that end badly, and what is said about them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.locations import Locations
from sparkfeat.errors import (
    CapacityError,
    ClusterError,
    ConfigError,
    JobFailedError,
    SparkfeatError,
)
from tests.emr.fakes import CLUSTER, STARTED, STEP, FakeEmr, Tick, run


def failing(account: Clients, step: str, **logs: str) -> dict[str, Any]:
    """Put a failed step's logs on S3, and return moto's S3 as an argument."""
    for name, text in logs.items():
        key = f"logs/{CLUSTER}/steps/{step}/{name}.gz"
        account.s3.put_object(Bucket="example-sparkfeat", Key=key, Body=gzip.compress(text.encode()))
    return {"s3": account.s3}


@pytest.mark.parametrize(
    ("code", "message", "error", "told"),
    [
        (
            "BOOTSTRAP_FAILURE",
            "On the master instance (i-1), bootstrap action 1 failed",
            ClusterError,
            "bootstrap",
        ),
        ("INSTANCE_FLEET_TIMEOUT", "timed out", CapacityError, "more instance types or more subnets"),
        (
            "VALIDATION_ERROR",
            "subnet has insufficient free capacity",
            CapacityError,
            "No instances were free",
        ),
        (
            "VALIDATION_ERROR",
            "Instance type r6g.2xlarge is not supported",
            ConfigError,
            "instance types of the zone",
        ),
        (
            "INTERNAL_ERROR",
            "Client.InvalidKMSKey.InvalidState",
            ConfigError,
            "its policy name the service role",
        ),
        ("INTERNAL_ERROR", "Failed to start the job flow", ClusterError, "INTERNAL_ERROR: Failed to start"),
        ("INSTANCE_FAILURE", "Spot instances were taken back: core lost", CapacityError, "try again later"),
        ("USER_REQUEST", "Terminated by user request", ClusterError, "ended by somebody"),
    ],
)
def test_clusters_that_end_before_their_step(
    locations: Locations, code: str, message: str, error: type[SparkfeatError], told: str
) -> None:
    ended = Tick("TERMINATED_WITH_ERRORS", "CANCELLED", (code, message))

    with pytest.raises(error, match=told) as raised:
        run(FakeEmr([Tick("STARTING"), ended]), locations)
    assert type(raised.value) is error
    assert message in str(raised.value)


CONTROLLER = "INFO total process run time: 40 seconds\nWARN Step failed with exitCode 1 and took 40 seconds\n"
DRIVER = """26/11/23 10:00:00 INFO SparkContext: Running
Traceback (most recent call last):
  File "compute_features.py", line 31, in <module>
error: No such column 'amount' (dataframe 'sessions')
26/11/23 10:00:01 INFO ShutdownHookManager: Shutdown hook called
"""
SUBMIT = """INFO Client: Application report for application_1_0001 (state: FAILED)
diagnostics: User application exited with status 2
Exception in thread "main" org.apache.spark.SparkException: Application application_1_0001 failed
"""


def test_a_failed_step_gives_its_exit_code_and_its_last_lines(account: Clients, locations: Locations) -> None:
    s3 = failing(account, STEP, controller=CONTROLLER, stderr=SUBMIT)
    key = f"logs/{CLUSTER}/containers/application_1_0001/container_1_0001_01_000001/stderr.gz"
    account.s3.put_object(Bucket="example-sparkfeat", Key=key, Body=gzip.compress(DRIVER.encode()))
    emr = FakeEmr([*STARTED, Tick("TERMINATING", "FAILED", ("STEP_FAILURE", ""), "Unknown Error.")])

    with pytest.raises(JobFailedError, match="No such column 'amount'") as raised:
        run(emr, locations, **s3)
    assert raised.value.exit_code == 2
    assert "ShutdownHook" not in str(raised.value)
    assert f"s3://example-sparkfeat/logs/{CLUSTER}/steps/{STEP}/" in str(raised.value)


def test_a_step_killed_for_want_of_memory(account: Clients, locations: Locations) -> None:
    text = "ERROR YarnClusterScheduler: Lost executor 3: Container killed on request. Exit code is 137\n"
    emr = FakeEmr([*STARTED, Tick("TERMINATING", "FAILED", ("STEP_FAILURE", ""))])

    with pytest.raises(JobFailedError, match=r"(?s)want of memory.*executor_cores") as raised:
        run(emr, locations, **failing(account, STEP, controller=CONTROLLER, stderr=text))
    assert raised.value.exit_code == 137


def test_logs_that_never_come(account: Clients, locations: Locations) -> None:
    emr = FakeEmr([*STARTED, Tick("TERMINATING", "FAILED", ("STEP_FAILURE", ""), "main() threw")])

    with pytest.raises(JobFailedError, match=r"main\(\) threw.*has not written its logs yet") as raised:
        run(emr, locations, s3=account.s3)
    assert raised.value.exit_code == 1
