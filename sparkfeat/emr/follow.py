"""A step followed to its end, however long it takes: the waiters of boto3 give up after 30 minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.launch import ENDED, Pace, describe
from sparkfeat.emr.logs import wait_for_step_logs
from sparkfeat.emr.outcome import cluster_failure, job_failure
from sparkfeat.errors import ClusterError, ServiceError
from sparkfeat.storage.aws import aws

STEP_FAILED = ("FAILED", "CANCELLED", "INTERRUPTED")
_DONE = "COMPLETED"
_PATIENCE = 20
"""Looks in a row that may fail because AWS is too busy or cannot be reached."""


class Reporter(Protocol):
    """Where progress is shown."""

    def begin(self, stage: str) -> None:
        """Show that a stage has begun."""
        ...

    def end(self, stage: str, seconds: float) -> None:
        """Show that the stage has ended well."""
        ...

    def tell(self, line: str) -> None:
        """Show a line."""
        ...


@dataclass
class Stage:
    """The state that is shown now, and since when."""

    reporter: Reporter
    pace: Pace
    name: str = ""
    since: float = 0.0

    def change(self, name: str) -> None:
        """Show another state."""
        if name == self.name:
            return
        self.finish()
        self.name, self.since = name, self.pace.now()
        self.reporter.begin(name)

    def finish(self) -> None:
        """Show how long the last state took."""
        if self.name:
            self.reporter.end(self.name, self.pace.now() - self.since)
            self.name = ""


@dataclass(frozen=True)
class StepRun:
    """A step of a cluster, and how long it may take."""

    cluster_id: str
    step_id: str
    log_uri: str
    timeout: float


def follow_step(clients: Clients, run: StepRun, reporter: Reporter, pace: Pace) -> None:
    """Return when the step has completed.

    Raises:
        JobFailedError: it failed; carries its exit code and the last lines of its log.
        ClusterError, ConfigError: it was cancelled, took too long, or its cluster ended before it.
        ServiceError: AWS did not answer many times in a row.
    """
    stage, until, failures = Stage(reporter, pace), pace.now() + run.timeout, 0
    while pace.now() < until:
        try:
            cluster, step = describe(clients, run.cluster_id), _step(clients, run)
            failures = 0
        except ServiceError:
            failures += 1
            if failures == _PATIENCE:
                raise
            pace.sleep(pace.interval * min(failures, 4))
            continue
        stage.change(_shown(cluster, step))
        if _ended(clients, run, cluster, step, pace):
            stage.finish()
            return
        pace.sleep(pace.interval)
    raise ClusterError(
        f"The job took longer than {run.timeout / 60:,.0f} minutes",
        where=f"{run.cluster_id}, {run.step_id}",
        hint="Raise job.timeout_minutes, or give the cluster more cores",
    )


def _ended(clients: Clients, run: StepRun, cluster: dict[str, Any], step: dict[str, Any], pace: Pace) -> bool:
    """Whether the step has completed; raises where it or its cluster has failed."""
    state = step["Status"]["State"]
    if state == _DONE:
        return True
    if state == "FAILED":
        logs = wait_for_step_logs(clients, run.log_uri, run.cluster_id, run.step_id, pace)
        raise job_failure(f"{run.cluster_id}, {run.step_id}", logs, _details(step))
    reason = cluster["Status"].get("StateChangeReason", {}).get("Code")
    if cluster["Status"]["State"] in ENDED and reason != "ALL_STEPS_COMPLETED":
        raise cluster_failure(cluster, run.log_uri)
    if state in STEP_FAILED:
        raise ClusterError(f"The step was {state.lower()}", where=run.step_id, why=_details(step))
    return False


def _step(clients: Clients, run: StepRun) -> dict[str, Any]:
    with aws("look at the step", run.step_id):
        answer = clients.emr.describe_step(ClusterId=run.cluster_id, StepId=run.step_id)
    found: dict[str, Any] = answer["Step"]
    return found


def _shown(cluster: dict[str, Any], step: dict[str, Any]) -> str:
    state, step_state = cluster["Status"]["State"], step["Status"]["State"]
    return f"cluster {state.lower()}" if step_state == "PENDING" else f"step {step_state.lower()}"


def _details(step: dict[str, Any]) -> str:
    details = step["Status"].get("FailureDetails", {})
    return " ".join(details[key] for key in ("Reason", "Message") if details.get(key))
