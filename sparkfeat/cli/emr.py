"""`sparkfeat emr`: a job on Amazon EMR, planned, launched, followed and ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sparkfeat.cli import emr_manage
from sparkfeat.cli.console import show_line, show_table, show_text, shown_progress
from sparkfeat.pipelines.emr_job import read_emr_config

if TYPE_CHECKING:
    from sparkfeat.emr.config import EmrConfig
    from sparkfeat.emr.package import Package
    from sparkfeat.emr.plan import EmrPlan

app = typer.Typer(
    help="Run a job on Amazon EMR: on a cluster of its own, or without servers.", no_args_is_help=True
)

Config = Annotated[str, typer.Argument(metavar="CONFIG", help="Path of a YAML file.", show_default=False)]
Target = Annotated[
    Literal["cluster", "serverless"] | None,
    typer.Option(help="Where to run, in place of the configured target."),
]
Dist = Annotated[Path, typer.Option("--package", help="Folder that `make package` filled.")]
Form = Literal["table", "json", "step-functions", "airflow", "iam", "security-configuration", "notebook"]

_DIST = Path("dist")


@app.command()
def plan(
    config: Config,
    target: Target = None,
    form: Annotated[Form, typer.Option("--format", help="What to print of it.")] = "table",
    package: Dist = _DIST,
) -> None:
    """Print the requests that a configuration makes, checked, with sizes and costs; nothing is called."""
    from sparkfeat.emr.package import find_package
    from sparkfeat.emr.plan import plan as plan_emr

    settings = read_emr_config(config, target)
    found = find_package(package)
    planned = plan_emr(settings, found)
    if form == "table":
        show_table(("what", "planned"), _lines(settings, planned))
    else:
        show_text(json.dumps(_document(form, settings, found, planned), indent=2))
    for note in planned.notes:
        show_line(f"note: {note}")


@app.command()
def launch(config: Config, package: Dist = _DIST) -> None:
    """Start a cluster that waits for jobs, and ends when it is idle; prints its id."""
    from sparkfeat.emr import run as emr_run
    from sparkfeat.emr.clients import connect
    from sparkfeat.emr.launch import Pace

    settings = read_emr_config(config, "cluster")
    clients = connect(settings.region)
    with shown_progress() as progress:
        locations = emr_run.prepare(clients, settings, package, progress)
        cluster_id = emr_run.launch(clients, locations, Pace())
    show_line(f"It ends when it was idle for {settings.required_cluster().idle_minutes} minutes")
    show_text(cluster_id)


@app.command()
def run(
    config: Config,
    target: Target = None,
    cluster_id: Annotated[
        str | None, typer.Option(help="A cluster that runs already; it is left running.", show_default=False)
    ] = None,
    interval: Annotated[float, typer.Option(min=1, help="Seconds between two looks.")] = 15,
    package: Dist = _DIST,
) -> None:
    """Upload what changed, run the job and follow it; a cluster made for it is ended whatever happens."""
    from sparkfeat.emr import run as emr_run
    from sparkfeat.emr.clients import connect
    from sparkfeat.emr.launch import Pace
    from sparkfeat.emr.run_serverless import run_serverless

    settings = read_emr_config(config, "cluster" if cluster_id else target)
    clients, pace = connect(settings.region), Pace(interval)
    with shown_progress() as progress:
        locations = emr_run.prepare(clients, settings, package, progress)
        if cluster_id:
            ran = emr_run.run_on_cluster(clients, locations, cluster_id, progress, pace)
        elif settings.target == "serverless":
            ran = run_serverless(clients, locations, progress, pace)
        else:
            ran = emr_run.run_on_new_cluster(clients, locations, progress, pace)
    for name, value in {"job": f"{ran.place}/{ran.job}", "logs": f"{ran.logs}/"}.items():
        show_text(f"{name:<8} {value}")


@app.command("package")
def build_package(
    output: Annotated[Path, typer.Option("--output", help="Folder to fill.")] = _DIST,
    architecture: Annotated[
        Literal["x86_64", "aarch64"] | None, typer.Option(help="Default: both.", show_default=False)
    ] = None,
) -> None:
    """Build what a job needs on EMR: wheel, Python environments, wheelhouses, checksums."""
    from sparkfeat.emr.build import ARCHITECTURES, build

    build(output, (architecture,) if architecture else ARCHITECTURES, show_line)


def _document(form: Form, config: EmrConfig, package: Package, planned: EmrPlan) -> object:
    """Return what a format other than the table shows."""
    from sparkfeat.emr import security, workflows
    from sparkfeat.emr.locations import Locations
    from sparkfeat.emr.plan import notebook_block

    if form == "iam":
        return security.policies(config)
    if form == "security-configuration":
        return security.security_configuration(config)
    if form == "notebook":
        return notebook_block(config)
    locations = Locations(config, package)
    if form == "step-functions":
        return workflows.state_machine(locations)
    return workflows.airflow_operators(locations) if form == "airflow" else planned.as_dict()


def _lines(config: EmrConfig, planned: EmrPlan) -> Iterator[tuple[str, str]]:
    yield "job", f"{config.name} on {config.target}, {config.release}, {config.region}"
    if config.target == "cluster":
        yield from _fleets(config)
    sizing, cost = planned.sizing, planned.estimate
    yield "executors", f"{sizing.executors} to {sizing.most_executors}, each {sizing.cores} tasks at once"
    yield "memory", f"{sizing.container_mib:,} MiB an executor, {sizing.heap_mib:,} of it for the JVM"
    yield "Python", f"{sizing.task_mib:,} MiB for each task"
    yield "driver", f"{sizing.driver_heap_mib:,} MiB"
    grown = f"{cost.most_hour:.2f} when fully grown"
    yield "cost", f"about {cost.hour:.2f} {cost.currency} an hour, {grown} ({cost.source})"
    yield (
        "at most",
        f"{cost.most_hour * config.job.timeout_minutes / 60:,.2f} {cost.currency} until the timeout",
    )
    yield (
        "request",
        f"{', '.join(planned.requests)}: accepted by the model of the API; --format json prints it",
    )


def _fleets(config: EmrConfig) -> Iterator[tuple[str, str]]:
    cluster = config.required_cluster()
    yield "primary", f"1 on-demand: {', '.join(cluster.primary)}"
    core = cluster.core
    cores = f"{core.vcpus}" + (f" to {core.max_vcpus}" if core.max_vcpus else "")
    yield "core", f"{cores} cores on-demand: {', '.join(core.types)}"
    if cluster.task is not None:
        task = cluster.task
        yield "task", f"{task.vcpus} to {task.max_vcpus} cores spot: {', '.join(task.types)}"


for command in (emr_manage.status, emr_manage.logs, emr_manage.cancel, emr_manage.terminate, emr_manage.cost):
    app.command()(command)
