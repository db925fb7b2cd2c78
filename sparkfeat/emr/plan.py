"""What a configuration asks of EMR, checked, with what it costs; no call is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sparkfeat.emr.check import check_cluster, check_request, check_serverless
from sparkfeat.emr.cluster import run_job_flow
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.package import Package
from sparkfeat.emr.prices import Estimate, estimate
from sparkfeat.emr.serverless import create_application, start_job_run
from sparkfeat.emr.sizing import Sizing
from sparkfeat.emr.spark_settings import cluster_settings, sizing_of

_UNKNOWN_APPLICATION = "00000000"
"""Stands for an application that is made when the job runs."""
_PLANNED = "planned"
"""Stands for the token that makes a repeated request harmless."""


@dataclass(frozen=True)
class EmrPlan:
    """The requests, under the names of their operations, the sizing and the estimate."""

    requests: dict[str, dict[str, Any]]
    sizing: Sizing
    estimate: Estimate
    notes: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values; the requests are at the top."""
        sizing = asdict(self.sizing) | {"task_mib": self.sizing.task_mib}
        return {**self.requests, "sizing": sizing, "cost": asdict(self.estimate), "notes": self.notes}


def plan(config: EmrConfig, package: Package, *, transient: bool = True) -> EmrPlan:
    """Make the requests of a configuration and check them.

    Args:
        config: the configuration.
        package: what is uploaded.
        transient: whether the cluster runs the job and ends; else it is kept for steps.

    Raises:
        ConfigError: an instance type, size or price is unknown, or a request would be refused.
    """
    locations = Locations(config, package)
    if config.target == "serverless":
        requests = _serverless(locations)
    else:
        requests = {"run_job_flow": run_job_flow(locations, transient=transient)}
        check_cluster(requests["run_job_flow"])
    return EmrPlan(requests, sizing_of(config), estimate(config), _notes(config))


def notebook_block(config: EmrConfig) -> dict[str, Any]:
    """Return what follows `%%configure -f` in a notebook on EMR: a step's settings, for a session.

    Livy's driver runs on the primary node or in a container, always in the environment of the bootstrap
    action.
    """
    settings = cluster_settings(config)
    python = settings["spark.executorEnv.PYSPARK_PYTHON"]
    return {"conf": settings | {"spark.pyspark.python": python, "spark.pyspark.driver.python": python}}


def _serverless(locations: Locations) -> dict[str, dict[str, Any]]:
    config = locations.config
    given = config.required_serverless().application_id
    requests = {
        "start_job_run": start_job_run(
            locations, application_id=given or _UNKNOWN_APPLICATION, token=_PLANNED
        )
    }
    check_serverless(requests["start_job_run"])
    if given is None:
        requests["create_application"] = create_application(config, _PLANNED)
        check_request("emr-serverless", "CreateApplication", requests["create_application"])
    return requests


def _notes(config: EmrConfig) -> list[str]:
    """Return what the reader should know and no request says."""
    notes = []
    if config.target == "cluster":
        if config.encryption.certificates is None and config.encryption.security_configuration is None:
            notes.append(
                "no certificates: rows between executors are encrypted by Spark, Hadoop's own traffic is not "
                "(encryption.certificates)"
            )
        if config.required_cluster().runtime_role is None:
            notes.append("no runtime role: the step runs as the instance profile (cluster.runtime_role)")
    return notes
