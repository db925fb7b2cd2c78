"""A job run on a cluster: uploaded, launched or added, followed to its end, and cleaned up after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkfeat.emr.check import check_cluster, check_steps
from sparkfeat.emr.clients import Clients
from sparkfeat.emr.cluster import add_job_flow_steps, run_job_flow
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.follow import Reporter, StepRun, follow_step
from sparkfeat.emr.launch import (
    ALIVE,
    Pace,
    cluster_state,
    ensure_security_configuration,
    new_token,
    start_cluster,
    transient_cluster,
    uninterrupted,
)
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.logs import step_folder
from sparkfeat.emr.package import find_package
from sparkfeat.emr.preflight import check_account
from sparkfeat.emr.upload import upload
from sparkfeat.errors import ClusterError, ServiceError
from sparkfeat.storage.aws import aws


@dataclass(frozen=True)
class Ran:
    """A job that has completed: where it ran and where its logs are."""

    place: str
    job: str
    logs: str


def prepare(clients: Clients, config: EmrConfig, dist: Path, reporter: Reporter) -> Locations:
    """Check the account and upload what is missing.

    Raises:
        SparkfeatError: nothing was started; see `check_account` and `upload`.
    """
    locations = Locations(config, find_package(dist))
    check_account(clients, config, reporter.tell)
    upload(clients, locations, dist, reporter.tell)
    return locations


def run_on_new_cluster(clients: Clients, locations: Locations, reporter: Reporter, pace: Pace) -> Ran:
    """Run the job on a cluster of its own, which is gone when this returns or raises.

    Raises:
        JobFailedError: the job failed; carries its exit code.
        ClusterError, ConfigError: the cluster could not be made, or ended before the job.
    """
    config = locations.config
    request = run_job_flow(locations, token=new_token())
    check_cluster(request)
    ensure_security_configuration(clients, config)
    with transient_cluster(clients, request, pace) as cluster_id:
        step_id = _only_step(clients, cluster_id)
        ran = _ran(config, cluster_id, step_id)
        reporter.tell(f"cluster {cluster_id}; logs: {ran.logs}/")
        follow_step(clients, _step_run(config, ran), reporter, pace)
    return ran


def run_on_cluster(
    clients: Clients, locations: Locations, cluster_id: str, reporter: Reporter, pace: Pace
) -> Ran:
    """Run the job on a cluster that is there, and stays.

    When this is interrupted or the job takes too long, the step is cancelled.

    Raises:
        JobFailedError: the job failed; carries its exit code.
        ClusterError: the cluster has ended.
    """
    state = cluster_state(clients, cluster_id)
    if state not in ALIVE:
        hint = "Launch another one: sparkfeat emr launch"
        raise ClusterError(f"The cluster is {state.lower()}", where=cluster_id, hint=hint)
    request = add_job_flow_steps(locations, cluster_id)
    check_steps(request["Steps"])
    with aws("add the step", cluster_id):
        (step_id,) = clients.emr.add_job_flow_steps(**request)["StepIds"]
    ran = _ran(locations.config, cluster_id, step_id)
    reporter.tell(f"step {step_id}; logs: {ran.logs}/")
    try:
        follow_step(clients, _step_run(locations.config, ran), reporter, pace)
    except (KeyboardInterrupt, ClusterError, ServiceError):
        with uninterrupted():
            cancel_step(clients, cluster_id, step_id)
        raise
    return ran


def launch(clients: Clients, locations: Locations, pace: Pace) -> str:
    """Start a cluster that waits for steps until it is idle for too long; return its id."""
    request = run_job_flow(locations, transient=False, token=new_token())
    check_cluster(request)
    ensure_security_configuration(clients, locations.config)
    return start_cluster(clients, request, pace)


def cancel_step(clients: Clients, cluster_id: str, step_id: str) -> str:
    """Cancel a step, one that runs too; return what EMR says: SUBMITTED, or why not."""
    with aws("cancel the step", step_id):
        answer = clients.emr.cancel_steps(
            ClusterId=cluster_id, StepIds=[step_id], StepCancellationOption="TERMINATE_PROCESS"
        )
    (info,) = answer["CancelStepsInfoList"]
    return str(info.get("Reason") or info["Status"])


def list_steps(clients: Clients, cluster_id: str) -> list[dict[str, Any]]:
    """Return the steps of a cluster, the newest first."""
    with aws("list the steps", cluster_id):
        pages = clients.emr.get_paginator("list_steps").paginate(ClusterId=cluster_id)
        return [step for page in pages for step in page["Steps"]]


def _only_step(clients: Clients, cluster_id: str) -> str:
    return str(list_steps(clients, cluster_id)[0]["Id"])


def _ran(config: EmrConfig, cluster_id: str, step_id: str) -> Ran:
    return Ran(cluster_id, step_id, step_folder(config.storage.logs, cluster_id, step_id))


def _step_run(config: EmrConfig, ran: Ran) -> StepRun:
    return StepRun(ran.place, ran.job, config.storage.logs, config.job.timeout_minutes * 60)
