"""The step of a job: a call of spark-submit."""

from __future__ import annotations

from typing import Any

from sparkfeat.emr.config import JobSection
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.spark_settings import cluster_settings


def job_step(locations: Locations, *, last: bool) -> dict[str, Any]:
    """Return the step.

    Args:
        locations: where the job's files lie.
        last: whether the cluster is to end when the step fails.
    """
    return {
        "Name": locations.config.name,
        "ActionOnFailure": "TERMINATE_CLUSTER" if last else "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": submit_arguments(locations)},
    }


def submit_arguments(locations: Locations) -> list[str]:
    """Return the command; the driver runs in a container, where the archive is unpacked too."""
    config = locations.config
    archive = config.required_cluster().environment == "archive"
    return [
        *("spark-submit", "--deploy-mode", "cluster", "--name", config.name),
        *("--py-files", locations.wheel),
        *(("--archives", f"{locations.environment}#environment") if archive else ()),
        *conf_arguments(cluster_settings(config)),
        locations.script,
        *job_arguments(config.job, locations.job_config),
    ]


def conf_arguments(settings: dict[str, str]) -> list[str]:
    """Return the settings as options of spark-submit."""
    return [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]


def job_arguments(job: JobSection, config_uri: str) -> list[str]:
    """Return what the entry point is given: everything else is in its configuration, which has no limit."""
    run = ("--run-id", job.run_id) if job.run_id else ()
    return ["--config", config_uri, *run, *(("--overwrite",) if job.overwrite else ())]
