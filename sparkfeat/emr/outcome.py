"""How a job or cluster ended, and what to do about it."""

from __future__ import annotations

import re
from typing import Any

from sparkfeat.emr.logs import JobLogs
from sparkfeat.errors import CapacityError, ClusterError, ConfigError, JobFailedError, SparkfeatError

KILLED = 137
"""The exit code of a process that was killed: on YARN, for taking more memory than its container has."""

_USER_STATUS = re.compile(r"User application exited with status (\d+)")
_STEP_STATUS = re.compile(r"exitCode (\d+)|exit code (\d+)")
_KILLED = re.compile(
    r"[Ee]xit (?:code|status)(?: is)?:? ?137|exitCode:? 137|killed by YARN for exceeding|physical memory used"
)
_NO_CAPACITY = re.compile(r"(?i)insufficient|capacity|max spot instance count|spot")
_BAD_KEY = re.compile(r"(?i)kms|InvalidKMSKey|key .* incorrect state")
_MEMORY_HINT = (
    "Python workers took more than the executors' overhead. Take types with more memory for a core, set "
    "cluster.executor_cores to 2, or see the hottest keys with `sparkfeat plan`"
)


def job_failure(name: str, logs: JobLogs, message: str = "") -> JobFailedError:
    """Return the error of a failed job, with its exit code, where its logs are, and their last lines.

    Args:
        name: the step or job run.
        logs: what was found on S3.
        message: what EMR itself says.
    """
    text = f"{logs.controller}\n{logs.submit}\n{logs.driver}\n{message}"
    code = exit_code(text)
    if _KILLED.search(text):
        what, hint = f"Executors were killed for want of memory (exit {KILLED})", _MEMORY_HINT
    else:
        what, hint = f"The job failed with exit code {code}", ""
    told = "\n".join(["", *logs.last_lines()]) if logs.found else "EMR has not written its logs yet"
    why = f"{message}. {told}".removeprefix(". ") if message else told
    return JobFailedError(
        what, code, where=name, why=why, hint=f"{hint}\nIts logs are in {logs.folder}/ on S3".strip()
    )


def exit_code(text: str) -> int:
    """Return the exit code that logs tell: of the job's own process, else killed, else the step's, else 1."""
    if found := _USER_STATUS.search(text):
        return int(found[1]) or 1
    if _KILLED.search(text):
        return KILLED
    codes = [int(first or second) for first, second in _STEP_STATUS.findall(text)]
    return next((code for code in codes if 0 < code < 256), 1)


def cluster_failure(cluster: dict[str, Any], log_uri: str) -> SparkfeatError:
    """Return the error of a cluster that ended before its job could.

    Args:
        cluster: what DescribeCluster says.
        log_uri: where its logs are.
    """
    cluster_id, reason = cluster["Id"], cluster["Status"].get("StateChangeReason", {})
    code, message = reason.get("Code", "INTERNAL_ERROR"), reason.get("Message", "")
    folder = f"{log_uri.rstrip('/')}/{cluster_id}"
    if code == "BOOTSTRAP_FAILURE":
        return ClusterError(
            "An instance could not be set up",
            where=cluster_id,
            why=message,
            hint=f"Its reason is in {folder}/node/INSTANCE/bootstrap-actions/1/stderr.gz on S3",
        )
    if code == "USER_REQUEST":
        return ClusterError("The cluster was ended by somebody", where=cluster_id, why=message)
    if _BAD_KEY.search(message):
        hint = (
            "Enable the key, and let its policy name the service role and the instance profile (docs/emr.md)"
        )
        return ConfigError("The key cannot be used by the cluster", where=cluster_id, why=message, hint=hint)
    if code == "INSTANCE_FLEET_TIMEOUT" or (code != "STEP_FAILURE" and _NO_CAPACITY.search(message)):
        hint = "Give more instance types or more subnets in other zones, or try again later"
        return CapacityError("No instances were free", where=cluster_id, why=message, hint=hint)
    return _other_failure(code, message, cluster_id, folder)


def _other_failure(code: str, message: str, cluster_id: str, folder: str) -> SparkfeatError:
    if code == "VALIDATION_ERROR":
        hint = "Correct what it names: instance types of the zone, subnets, roles, limits of the account"
        return ConfigError("EMR could not make the cluster", where=cluster_id, why=message, hint=hint)
    told = f"{code}: {message}" if message else code
    return ClusterError(
        "The cluster ended with errors", where=cluster_id, why=told, hint=f"Its logs are in {folder}/ on S3"
    )
