"""EMR as a state machine, for what moto does not do: clusters that progress, fail and end.

Every request is checked against botocore's model, as the real client would.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sparkfeat.emr.check import check_request
from sparkfeat.emr.clients import Clients
from sparkfeat.emr.launch import Pace
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.run import Ran, run_on_new_cluster

CLUSTER, STEP = "j-1ABCDEFGHIJKL", "s-1ABCDEFGHIJKL"


def refusal(code: str, message: str = "", operation: str = "RunJobFlow") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@dataclass(frozen=True)
class Tick:
    """What EMR says between two looks."""

    cluster: str
    step: str = "PENDING"
    reason: tuple[str, str] = ("", "")
    details: str = ""


HAPPY = [
    Tick("STARTING"),
    Tick("BOOTSTRAPPING"),
    Tick("RUNNING", "RUNNING"),
    Tick("TERMINATING", "COMPLETED", ("ALL_STEPS_COMPLETED", "Steps completed")),
]


STARTED = [Tick("STARTING"), Tick("RUNNING", "RUNNING")]


@dataclass
class FakeEmr:
    """`ticks` follow one another as time passes; `raises` are raised by calls of an operation, one each."""

    ticks: list[Tick] = field(default_factory=lambda: list(HAPPY))
    raises: dict[str, list[BaseException]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    at: int = 0
    living: bool = False
    tags: list[dict[str, str]] = field(default_factory=list)
    security: dict[str, str] = field(default_factory=dict)
    stubborn: bool = False
    lost_answers: int = 0

    @property
    def now(self) -> Tick:
        return self.ticks[min(self.at, len(self.ticks) - 1)]

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.calls if name == operation]

    def run_job_flow(self, **request: Any) -> dict[str, Any]:
        self._called("RunJobFlow", request)
        self.living, self.tags = True, request["Tags"]
        if self.lost_answers:
            self.lost_answers -= 1
            raise refusal("ServiceUnavailable", "the answer was lost")
        return {"JobFlowId": CLUSTER}

    def describe_cluster(self, **request: Any) -> dict[str, Any]:
        self._called("DescribeCluster", request)
        code, message = self.now.reason
        state = self.now.cluster if self.living else "TERMINATING"
        status = {"State": state, "StateChangeReason": {"Code": code, "Message": message}}
        return {
            "Cluster": {
                "Id": CLUSTER,
                "Status": status,
                "Tags": self.tags,
                "LogUri": "s3n://cluster-logs/emr/",
            }
        }

    def describe_step(self, **request: Any) -> dict[str, Any]:
        self._called("DescribeStep", request)
        details = {"Reason": self.now.details} if self.now.details else {}
        return {"Step": {"Id": STEP, "Status": {"State": self.now.step, "FailureDetails": details}}}

    def terminate_job_flows(self, **request: Any) -> None:
        self._called("TerminateJobFlows", request)
        self.living = self.stubborn

    def add_job_flow_steps(self, **request: Any) -> dict[str, Any]:
        self._called("AddJobFlowSteps", request)
        return {"StepIds": [STEP]}

    def cancel_steps(self, **request: Any) -> dict[str, Any]:
        self._called("CancelSteps", request)
        return {"CancelStepsInfoList": [{"StepId": STEP, "Status": "SUBMITTED"}]}

    def describe_security_configuration(self, **request: Any) -> dict[str, Any]:
        self._called("DescribeSecurityConfiguration", request)
        if request["Name"] not in self.security:
            raise refusal(
                "InvalidRequestException", f"Security configuration {request['Name']} does not exist"
            )
        return {"Name": request["Name"]}

    def create_security_configuration(self, **request: Any) -> None:
        self._called("CreateSecurityConfiguration", request)
        self.security[request["Name"]] = request["SecurityConfiguration"]

    def get_paginator(self, operation: str) -> FakePages:
        pages = {
            "list_steps": lambda: [
                {"Steps": [{"Id": STEP, "Name": "job", "Status": {"State": self.now.step}}]}
            ],
            "list_clusters": lambda: [{"Clusters": [{"Id": CLUSTER}] if self.living else []}],
        }
        return FakePages(pages[operation])

    def _called(self, operation: str, request: dict[str, Any]) -> None:
        check_request("emr", operation, request)
        self.calls.append((operation, request))
        if self.raises.get(operation):
            raise self.raises[operation].pop(0)


@dataclass
class FakePages:
    pages: Callable[[], list[dict[str, Any]]]

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return self.pages()


@dataclass
class FakeServerless:
    """`states` of the job, one for each look."""

    states: list[str] = field(default_factory=lambda: ["SUBMITTED", "RUNNING", "SUCCESS"])
    applications: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    interrupted: bool = False
    looks: Iterator[int] = field(default_factory=itertools.count)

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.calls if name == operation]

    def get_paginator(self, operation: str) -> FakePages:
        assert operation == "list_applications"
        return FakePages(lambda: [{"applications": self.applications}])

    def create_application(self, **request: Any) -> dict[str, Any]:
        self._called("CreateApplication", request)
        return {"applicationId": "00made"}

    def start_job_run(self, **request: Any) -> dict[str, Any]:
        self._called("StartJobRun", request)
        return {"jobRunId": "00job"}

    def get_job_run(self, **request: Any) -> dict[str, Any]:
        self._called("GetJobRun", request)
        if self.interrupted:
            raise KeyboardInterrupt
        state = self.states[min(next(self.looks), len(self.states) - 1)]
        return {"jobRun": {"state": state, "stateDetails": "told by EMR"}}

    def cancel_job_run(self, **request: Any) -> None:
        self._called("CancelJobRun", request)

    def _called(self, operation: str, request: dict[str, Any]) -> None:
        check_request("emr-serverless", operation, request)
        self.calls.append((operation, request))


@dataclass
class Told:
    """A reporter that remembers; `interrupt_at` raises what Ctrl-C raises when that stage begins."""

    stages: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    interrupt_at: str = ""

    def begin(self, stage: str) -> None:
        self.stages.append(stage)
        if stage == self.interrupt_at:
            raise KeyboardInterrupt

    def end(self, stage: str, seconds: float) -> None:
        assert seconds >= 0
        assert stage == self.stages[-1]

    def tell(self, line: str) -> None:
        self.lines.append(line)


@dataclass
class Clock:
    """Time that passes only where somebody sleeps, and moves EMR on."""

    emr: FakeEmr
    seconds: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.emr.at += 1

    def pace(self) -> Pace:
        return Pace(interval=15, logs=60, sleep=self.sleep, now=lambda: self.seconds)


def clients(emr: FakeEmr, *, s3: Any = None, serverless: Any = None) -> Clients:
    return Clients("us-east-1", emr, emr, serverless, s3, None, None)


def run(emr: FakeEmr, locations: Locations, told: Told | None = None, **others: Any) -> Ran:
    """Run a job on a new cluster of the fake."""
    return run_on_new_cluster(clients(emr, **others), locations, told or Told(), Clock(emr).pace())
