"""`sparkfeat emr status`, `logs`, `cancel`, `terminate` and `cost`: of what was launched before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkfeat.cli.console import show_line, show_table, show_text
from sparkfeat.errors import ConfigError

if TYPE_CHECKING:
    from sparkfeat.emr.logs import JobLogs

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="A cluster (j-...), or APPLICATION/JOB of EMR Serverless.", show_default=False
    ),
]
Region = Annotated[
    str, typer.Option(help="Where it runs.", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], show_default=False)
]
Step = Annotated[str | None, typer.Option(help="Default: the newest step.", show_default=False)]


def status(id_: Id, region: Region) -> None:
    """Print the state of a cluster and its steps, or of a serverless job."""
    from sparkfeat.emr.clients import connect
    from sparkfeat.emr.launch import describe
    from sparkfeat.emr.run import list_steps
    from sparkfeat.emr.run_serverless import job_run

    clients = connect(region)
    if parts := _serverless(id_):
        found = job_run(clients, *parts)
        show_table(("what", "state"), [(id_, _told(found["state"], found.get("stateDetails")))])
        return
    cluster = describe(clients, id_)["Status"]
    reason = cluster.get("StateChangeReason", {}).get("Message")
    rows = [(f"cluster {id_}", _told(cluster["State"], reason))]
    rows += [
        (f"step {step['Id']} {step['Name']}", step["Status"]["State"]) for step in list_steps(clients, id_)
    ]
    show_table(("what", "state"), rows)


def logs(id_: Id, region: Region, step: Step = None) -> None:
    """Print where the logs of a job are, and its last error's lines."""
    from sparkfeat.emr.clients import connect
    from sparkfeat.emr.launch import describe
    from sparkfeat.emr.logs import read_step_logs

    clients = connect(region)
    if parts := _serverless(id_):
        _show_logs(_job_logs(clients, *parts))
        return
    log_uri = describe(clients, id_).get("LogUri")
    if not log_uri:
        raise ConfigError("The cluster keeps no logs on S3", where=id_, hint="Launch it with storage.logs")
    # EMR answers with the scheme of its own old file system.
    log_uri = log_uri.replace("s3n://", "s3://")
    _show_logs(read_step_logs(clients, log_uri, id_, step or _newest_step(clients, id_)))


def cancel(id_: Id, region: Region, step: Step = None) -> None:
    """Cancel a step, the cluster stays; or a serverless job."""
    from sparkfeat.emr.clients import connect
    from sparkfeat.emr.run import cancel_step
    from sparkfeat.emr.run_serverless import cancel_job

    clients = connect(region)
    if parts := _serverless(id_):
        cancel_job(clients, *parts)
        show_text(f"{id_} SUBMITTED")
        return
    found = step or _newest_step(clients, id_)
    show_text(f"{found} {cancel_step(clients, id_, found)}")


def terminate(id_: Id, region: Region) -> None:
    """End a cluster, with all that runs on it."""
    from sparkfeat.emr.clients import connect
    from sparkfeat.emr.launch import Pace, cluster_state, end_cluster

    if _serverless(id_):
        raise ConfigError("There is no cluster to end", where=id_, hint="sparkfeat emr cancel ends a job")
    clients = connect(region)
    end_cluster(clients, id_, Pace(interval=5))
    show_text(f"{id_} {cluster_state(clients, id_)}")


def cost(
    id_: Id,
    region: Region,
    prices: Annotated[
        str | None, typer.Option(help="Price file. Default: the one delivered.", show_default=False)
    ] = None,
) -> None:
    """Estimate what a cluster or a serverless job has cost so far, from list prices."""
    from sparkfeat.emr.clients import connect
    from sparkfeat.emr.prices import read_prices
    from sparkfeat.emr.spent import cluster_spent, job_spent

    found = read_prices(region, prices)
    clients = connect(region)
    parts = _serverless(id_)
    spent = job_spent(clients, *parts, found) if parts else cluster_spent(clients, id_, found)
    rows = [(item.what, f"{item.count}", f"{item.hours:.2f}", f"{item.cost:.2f}") for item in spent]
    total = sum(item.cost for item in spent)
    rows.append(("total", "", f"{sum(item.hours for item in spent):.2f}", f"{total:.2f}"))
    show_table(("what", "count", "hours", found.prices.currency), rows)
    show_line(f"An estimate, without disks: {found.source}")


def _serverless(id_: str) -> tuple[str, str] | None:
    """Return application and job where the id has both."""
    application, slash, job = id_.partition("/")
    return (application, job) if slash else None


def _newest_step(clients: Any, cluster_id: str) -> str:
    from sparkfeat.emr.run import list_steps

    steps = list_steps(clients, cluster_id)
    if not steps:
        raise ConfigError("The cluster has no steps", where=cluster_id)
    return str(steps[0]["Id"])


def _job_logs(clients: Any, application: str, job: str) -> JobLogs:
    from sparkfeat.emr.run_serverless import job_run, read_job_logs

    found = job_run(clients, application, job)
    monitoring = found.get("configurationOverrides", {}).get("monitoringConfiguration", {})
    log_uri = monitoring.get("s3MonitoringConfiguration", {}).get("logUri", "").rstrip("/")
    if not log_uri:
        raise ConfigError("The job keeps no logs on S3", where=f"{application}/{job}")
    return read_job_logs(clients, f"{log_uri}/applications/{application}/jobs/{job}")


def _show_logs(found: JobLogs) -> None:
    show_line(f"logs: {found.folder}/")
    if not found.found:
        show_line("EMR has written none yet: it does so every five minutes, and when a cluster ends")
    for line in found.last_lines():
        show_text(line)


def _told(state: str, why: str | None) -> str:
    return f"{state}: {why}" if why else state
