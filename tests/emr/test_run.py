from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from sparkfeat.emr import run as emr_run
from sparkfeat.emr.launch import ensure_security_configuration, uninterrupted
from sparkfeat.emr.locations import Locations
from sparkfeat.errors import (
    ClusterError,
    ConfigError,
    EnvironmentProblem,
    ServiceError,
)
from tests.emr.fakes import CLUSTER, HAPPY, STARTED, STEP, Clock, FakeEmr, Tick, Told, clients, refusal, run


def test_a_run_follows_the_step_and_tells_its_stages(locations: Locations) -> None:
    emr, told = FakeEmr(), Told()
    ran = run(emr, locations, told)

    assert (ran.place, ran.job) == (CLUSTER, STEP)
    assert told.stages == ["cluster starting", "cluster bootstrapping", "step running", "step completed"]
    assert any(f"s3://example-sparkfeat/logs/{CLUSTER}/steps/{STEP}/" in line for line in told.lines)
    assert emr.called("TerminateJobFlows") == []  # it was ending by itself


def test_a_step_longer_than_boto3s_waiters(locations: Locations) -> None:
    hours = [Tick("RUNNING", "RUNNING")] * 500
    emr = FakeEmr([*hours, HAPPY[-1]])
    run(emr, locations)

    assert len(emr.called("DescribeStep")) > 500


def test_a_run_that_takes_too_long_is_ended(locations: Locations) -> None:
    emr = FakeEmr([Tick("RUNNING", "RUNNING")])

    with pytest.raises(ClusterError, match="longer than 240 minutes"):
        run(emr, locations)
    assert not emr.living


@pytest.mark.parametrize("stage", ["cluster starting", "step running"])
def test_ctrl_c_ends_the_cluster(locations: Locations, stage: str) -> None:
    emr = FakeEmr()

    with pytest.raises(KeyboardInterrupt):
        run(emr, locations, Told(interrupt_at=stage))
    assert not emr.living
    assert emr.called("TerminateJobFlows") == [{"JobFlowIds": [CLUSTER]}]


def test_ctrl_c_while_the_answer_is_on_its_way_ends_the_cluster(locations: Locations) -> None:
    class Interrupted(FakeEmr):
        def run_job_flow(self, **request: Any) -> dict[str, Any]:
            super().run_job_flow(**request)
            raise KeyboardInterrupt

    emr = Interrupted()

    with pytest.raises(KeyboardInterrupt):
        run(emr, locations)
    assert not emr.living


def test_a_lost_answer_makes_no_second_cluster(locations: Locations) -> None:
    emr = FakeEmr(lost_answers=1)
    run(emr, locations)

    assert len(emr.called("RunJobFlow")) == 1


def test_throttled_launches_are_tried_again(locations: Locations) -> None:
    emr = FakeEmr(
        raises={"RunJobFlow": [refusal("ThrottlingException")] * 3}, ticks=[Tick("RUNNING")] * 5 + HAPPY
    )
    run(emr, locations)

    assert len(emr.called("RunJobFlow")) == 4


def test_throttled_looks_are_tried_again(locations: Locations) -> None:
    emr = FakeEmr(raises={"DescribeStep": [refusal("ThrottlingException")] * 5})
    run(emr, locations)

    assert len(emr.called("DescribeStep")) > 5


def test_a_service_that_stays_away_ends_the_cluster(locations: Locations) -> None:
    emr = FakeEmr(STARTED, raises={"DescribeStep": [refusal("ThrottlingException")] * 1000})

    with pytest.raises(ServiceError, match="too busy"):
        run(emr, locations)
    assert not emr.living


def test_ending_is_tried_again(locations: Locations) -> None:
    emr = FakeEmr(STARTED, raises={"TerminateJobFlows": [refusal("ThrottlingException")] * 2})

    with pytest.raises(KeyboardInterrupt):
        run(emr, locations, Told(interrupt_at="step running"))
    assert not emr.living


def test_credentials_that_expire_leave_no_cluster_unmentioned(locations: Locations) -> None:
    emr = FakeEmr(STARTED, raises={"TerminateJobFlows": [refusal("ExpiredTokenException", "expired")]})

    with pytest.raises(ClusterError, match=rf"still costs money.*have expired.*terminate {CLUSTER}"):
        run(emr, locations, Told(interrupt_at="step running"))


def test_a_cluster_that_cannot_be_ended_is_told(locations: Locations) -> None:
    emr = FakeEmr(STARTED, stubborn=True)

    with pytest.raises(ClusterError, match=rf"still costs money.*sparkfeat emr terminate {CLUSTER}"):
        run(emr, locations, Told(interrupt_at="step running"))


def test_the_security_configuration_is_made_once(locations: Locations) -> None:
    emr = FakeEmr()
    for _ in range(2):
        ensure_security_configuration(clients(emr), locations.config)
    (request,) = emr.called("CreateSecurityConfiguration")
    document = json.loads(request["SecurityConfiguration"])

    assert document["InstanceMetadataServiceConfiguration"]["MinimumInstanceMetadataServiceVersion"] == 2
    assert document["EncryptionConfiguration"]["EnableInTransitEncryption"] is True


def test_a_security_configuration_of_ones_own_must_be_there(locations: Locations) -> None:
    encryption = locations.config.encryption.model_copy(update={"security_configuration": "mine"})
    config = locations.config.model_copy(update={"encryption": encryption})

    with pytest.raises(ConfigError, match="mine does not exist"):
        ensure_security_configuration(clients(FakeEmr()), config)


def test_a_refused_launch(locations: Locations) -> None:
    problem = refusal("ValidationException", "The requested instance type r6g.2xlarge is not supported")

    with pytest.raises(ConfigError, match=r"cluster.core.types"):
        run(FakeEmr(raises={"RunJobFlow": [problem]}), locations)


def test_a_launch_without_permission(locations: Locations) -> None:
    problem = refusal("AccessDeniedException", "not authorized to perform: elasticmapreduce:RunJobFlow")

    with pytest.raises(EnvironmentProblem, match=r"No permission.*format iam"):
        run(FakeEmr(raises={"RunJobFlow": [problem]}), locations)


def test_a_job_on_a_running_cluster_leaves_it_running(locations: Locations) -> None:
    emr = FakeEmr([Tick("WAITING"), Tick("RUNNING", "RUNNING"), Tick("WAITING", "COMPLETED")], living=True)
    emr_run.run_on_cluster(clients(emr), locations, CLUSTER, Told(), Clock(emr).pace())

    assert emr.living
    assert emr.called("RunJobFlow") == emr.called("TerminateJobFlows") == emr.called("CancelSteps") == []


def test_ctrl_c_cancels_the_step_and_leaves_the_cluster(locations: Locations) -> None:
    emr = FakeEmr([Tick("RUNNING", "RUNNING")], living=True)

    with pytest.raises(KeyboardInterrupt):
        emr_run.run_on_cluster(
            clients(emr), locations, CLUSTER, Told(interrupt_at="step running"), Clock(emr).pace()
        )
    assert emr.living
    assert emr.called("CancelSteps")[0]["StepIds"] == [STEP]


def test_a_cluster_that_has_ended_takes_no_job(locations: Locations) -> None:
    emr = FakeEmr([Tick("TERMINATED")], living=True)

    with pytest.raises(ClusterError, match="is terminated"):
        emr_run.run_on_cluster(clients(emr), locations, CLUSTER, Told(), Clock(emr).pace())


def test_a_launched_cluster_is_left_alive(locations: Locations) -> None:
    emr = FakeEmr()

    assert emr_run.launch(clients(emr), locations, Clock(emr).pace()) == CLUSTER
    assert emr.living


def test_a_second_ctrl_c_does_not_interrupt_the_clean_up() -> None:
    # A process that a shell starts in the background ignores it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _interrupted_twice()
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted_twice() -> None:
    with uninterrupted():
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
