"""A job run on EMR Serverless, followed to its end, and cancelled when following it is interrupted."""

from __future__ import annotations

from typing import Any

from sparkfeat.emr.check import check_request, check_serverless
from sparkfeat.emr.clients import Clients
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.follow import Reporter, Stage
from sparkfeat.emr.launch import Pace, new_token, uninterrupted
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.logs import JobLogs, read_log
from sparkfeat.emr.outcome import job_failure
from sparkfeat.emr.run import Ran
from sparkfeat.emr.serverless import application_name, create_application, log_folder, start_job_run
from sparkfeat.errors import ClusterError, ServiceError
from sparkfeat.storage.aws import aws

_LIVING = ("CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED")
_DONE, _FAILED, _CANCELLED = "SUCCESS", "FAILED", ("CANCELLED", "CANCELLING")
_PATIENCE = 20


def run_serverless(clients: Clients, locations: Locations, reporter: Reporter, pace: Pace) -> Ran:
    """Run the job on the configured application, or on one by name that is made where it is missing.

    An application that nothing runs on stops by itself and costs nothing.

    Raises:
        JobFailedError: the job failed.
        ClusterError: it was cancelled.
    """
    config = locations.config
    application = find_application(clients, config, reporter)
    request = start_job_run(locations, application_id=application, token=new_token())
    check_serverless(request)
    with aws("start the job", config.name):
        job = str(clients.serverless.start_job_run(**request)["jobRunId"])
    ran = Ran(application, job, log_folder(config, application, job))
    reporter.tell(f"job {application}/{job}; logs: {ran.logs}/")
    try:
        _follow(clients, ran, reporter, pace)
    except (KeyboardInterrupt, ServiceError):
        with uninterrupted():
            cancel_job(clients, application, job)
        raise
    return ran


def find_application(clients: Clients, config: EmrConfig, reporter: Reporter) -> str:
    """Return the id of the application to run on; makes one where none of its name lives."""
    given = config.required_serverless().application_id
    if given is not None:
        return given
    name = application_name(config)
    with aws("list the applications", config.region):
        pages = clients.serverless.get_paginator("list_applications").paginate(states=list(_LIVING))
        found = [item["id"] for page in pages for item in page["applications"] if item.get("name") == name]
    if found:
        return str(found[0])
    request = create_application(config, new_token())
    check_request("emr-serverless", "CreateApplication", request)
    reporter.tell(f"make the application {name}")
    with aws("make the application", name):
        return str(clients.serverless.create_application(**request)["applicationId"])


def job_run(clients: Clients, application: str, job: str) -> dict[str, Any]:
    """Return what EMR Serverless knows of a job."""
    with aws("look at the job", f"{application}/{job}"):
        found: dict[str, Any] = clients.serverless.get_job_run(applicationId=application, jobRunId=job)[
            "jobRun"
        ]
    return found


def cancel_job(clients: Clients, application: str, job: str) -> None:
    """Cancel a job."""
    with aws("cancel the job", f"{application}/{job}"):
        clients.serverless.cancel_job_run(applicationId=application, jobRunId=job)


def read_job_logs(clients: Clients, folder: str) -> JobLogs:
    """Read the driver's log of a job."""
    return JobLogs(folder, driver=read_log(clients, f"{folder}/SPARK_DRIVER/stderr.gz"))


def _follow(clients: Clients, ran: Ran, reporter: Reporter, pace: Pace) -> None:
    stage, failures = Stage(reporter, pace), 0
    while True:
        try:
            found, failures = job_run(clients, ran.place, ran.job), 0
        except ServiceError:
            failures += 1
            if failures == _PATIENCE:
                raise
        else:
            stage.change(f"job {found['state'].lower()}")
            if _ended(clients, ran, found, pace):
                stage.finish()
                return
        pace.sleep(pace.interval)


def _ended(clients: Clients, ran: Ran, found: dict[str, Any], pace: Pace) -> bool:
    state, details, where = found["state"], found.get("stateDetails", ""), f"{ran.place}/{ran.job}"
    if state == _FAILED:
        raise job_failure(where, _wait_for_logs(clients, ran.logs, pace), details)
    if state in _CANCELLED:
        raise ClusterError("The job was cancelled", where=where, why=details)
    return bool(state == _DONE)


def _wait_for_logs(clients: Clients, folder: str, pace: Pace) -> JobLogs:
    until = pace.now() + pace.logs
    logs = read_job_logs(clients, folder)
    while not logs.found and pace.now() < until:
        pace.sleep(pace.interval)
        logs = read_job_logs(clients, folder)
    return logs
