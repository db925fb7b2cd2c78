from __future__ import annotations

import gzip

import pytest

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.run_serverless import run_serverless
from sparkfeat.errors import (
    ClusterError,
    JobFailedError,
)
from tests.emr.fakes import Clock, FakeEmr, FakeServerless, Told, clients

DRIVER = "error: No such column 'amount' (dataframe 'sessions')\n"


def serverless(locations: Locations) -> Locations:
    config = locations.config.model_copy(update={"target": "serverless"})
    return Locations(config, locations.package)


def test_a_job_without_servers(locations: Locations) -> None:
    fake, emr = FakeServerless(), FakeEmr()
    told = Told()
    ran = run_serverless(clients(emr, serverless=fake), serverless(locations), told, Clock(emr).pace())

    assert (ran.place, ran.job) == ("00made", "00job")
    assert told.stages == ["job submitted", "job running", "job success"]
    assert ran.logs == "s3://example-sparkfeat/logs/applications/00made/jobs/00job"


def test_an_application_is_used_again(locations: Locations) -> None:
    fake, emr = (
        FakeServerless(applications=[{"id": "00old", "name": "sparkfeat-emr-7.13.0-aarch64"}]),
        FakeEmr(),
    )
    run_serverless(clients(emr, serverless=fake), serverless(locations), Told(), Clock(emr).pace())

    assert fake.called("CreateApplication") == []
    assert fake.called("StartJobRun")[0]["applicationId"] == "00old"


def test_ctrl_c_cancels_a_job_without_servers(locations: Locations) -> None:
    fake, emr = FakeServerless(interrupted=True), FakeEmr()

    with pytest.raises(KeyboardInterrupt):
        run_serverless(clients(emr, serverless=fake), serverless(locations), Told(), Clock(emr).pace())
    assert len(fake.called("CancelJobRun")) == 1


def test_a_failed_job_without_servers(account: Clients, locations: Locations) -> None:
    key = "logs/applications/00made/jobs/00job/SPARK_DRIVER/stderr.gz"
    account.s3.put_object(Bucket="example-sparkfeat", Key=key, Body=gzip.compress(DRIVER.encode()))
    fake, emr = FakeServerless(states=["RUNNING", "FAILED"]), FakeEmr()

    with pytest.raises(JobFailedError, match=r"(?s)told by EMR.*No such column"):
        run_serverless(
            clients(emr, serverless=fake, s3=account.s3), serverless(locations), Told(), Clock(emr).pace()
        )


def test_a_cancelled_job_without_servers(locations: Locations) -> None:
    fake, emr = FakeServerless(states=["CANCELLED"]), FakeEmr()

    with pytest.raises(ClusterError, match="was cancelled"):
        run_serverless(clients(emr, serverless=fake), serverless(locations), Told(), Clock(emr).pace())
