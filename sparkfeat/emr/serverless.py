"""The requests for EMR Serverless: an application, and a job on it."""

from __future__ import annotations

import shlex
from typing import Any

from sparkfeat.emr.config import EmrConfig, ServerlessSection
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.spark_settings import serverless_settings
from sparkfeat.emr.steps import conf_arguments, job_arguments

Request = dict[str, Any]
_ARCHITECTURES = {"x86_64": "X86_64", "aarch64": "ARM64"}
_DISK_GIB = 200
"""Disk of a worker, for shuffles and spills: the most that standard disks have."""


def application_name(config: EmrConfig) -> str:
    """Return the name of the application, which belongs to one release and one architecture."""
    return f"sparkfeat-{config.release}-{config.required_serverless().architecture}"


def create_application(config: EmrConfig, token: str) -> Request:
    """Return the request for the application: it starts with a job, and stops when it is idle.

    Args:
        config: the configuration.
        token: the same token twice makes one application.
    """
    serverless = config.required_serverless()
    request: Request = {
        "name": application_name(config),
        "releaseLabel": config.release,
        "type": "SPARK",
        "clientToken": token,
        "architecture": _ARCHITECTURES[serverless.architecture],
        "maximumCapacity": _capacity(serverless),
        "autoStartConfiguration": {"enabled": True},
        "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": serverless.idle_minutes},
        "tags": {"sparkfeat:job": config.name, **config.tags},
    }
    if serverless.subnets:
        network = {"subnetIds": serverless.subnets, "securityGroupIds": serverless.security_groups}
        request["networkConfiguration"] = network
    return request


def start_job_run(locations: Locations, *, application_id: str, token: str) -> Request:
    """Return the request for the job.

    Args:
        locations: where the job's files lie.
        application_id: what it runs on.
        token: the same token twice starts one job.
    """
    config = locations.config
    serverless = config.required_serverless()
    return {
        "applicationId": application_id,
        "clientToken": token,
        "executionRoleArn": serverless.execution_role,
        "name": config.name,
        "executionTimeoutMinutes": config.job.timeout_minutes,
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": locations.script,
                "entryPointArguments": job_arguments(config.job, locations.job_config),
                "sparkSubmitParameters": submit_parameters(locations),
            }
        },
        "configurationOverrides": {"monitoringConfiguration": _logs(config)},
        "tags": {"sparkfeat:job": config.name, **config.tags},
    }


def submit_parameters(locations: Locations) -> str:
    """Return the options of spark-submit as one string."""
    disks = {f"spark.emr-serverless.{kind}.disk": f"{_DISK_GIB}g" for kind in ("driver", "executor")}
    options = ["--py-files", locations.wheel, "--archives", f"{locations.environment}#environment"]
    return shlex.join([*options, *conf_arguments(disks | serverless_settings(locations.config))])


def log_folder(config: EmrConfig, application_id: str, job_run_id: str) -> str:
    """Return the folder on S3 that the job's logs are in."""
    return f"{config.storage.logs}/applications/{application_id}/jobs/{job_run_id}"


def _capacity(serverless: ServerlessSection) -> dict[str, str]:
    gib = serverless.max_vcpus * serverless.worker_memory_gib // serverless.worker_cores
    workers = serverless.max_vcpus // serverless.worker_cores
    return {
        "cpu": f"{serverless.max_vcpus} vCPU",
        "memory": f"{gib} GB",
        "disk": f"{workers * _DISK_GIB} GB",
    }


def _logs(config: EmrConfig) -> Request:
    key = config.encryption.kms_key
    return {
        "s3MonitoringConfiguration": {"logUri": f"{config.storage.logs}/", "encryptionKeyArn": key},
        "managedPersistenceMonitoringConfiguration": {"enabled": True, "encryptionKeyArn": key},
    }
