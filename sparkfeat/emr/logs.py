"""Logs of steps and jobs, read from S3, with what is secret taken out."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.launch import Pace
from sparkfeat.storage.aws import aws
from sparkfeat.storage.locations import s3_path

SHOWN_LINES = 20
_GZIP, _ANY_HEADER = b"\x1f\x8b", 47

_APPLICATION = re.compile(r"application_\d+_\d+")
_DRIVER = re.compile(r"/container_(?:e\d+_)?\d+_\d+_\d+_000001/stderr\.gz$")
_BEGINNING = re.compile(r"^(Traceback \(most recent call last\)|error: |Error: |Exception in thread)")
_NOISE = re.compile(r"^\d\d/\d\d/\d\d \d\d:\d\d:\d\d (INFO|WARN) |^\s*at [\w.$]+\(")
# Keys of AWS, and values of settings and URLs that are named as secrets.
_SECRETS = (
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{12,}\b"), r"\1***"),
    (
        re.compile(
            r"(?i)([\w.-]*(?:secret|password|passwd|token|credential|signature)[\w.-]*\s*[=:]\s*)[^\s,;&'\"]+"
        ),
        r"\1***",
    ),
    (re.compile(r"(\w+://[^\s/:@]+:)[^\s/@]+@"), r"\1***@"),
)


@dataclass(frozen=True)
class JobLogs:
    """What was found of a failed job: texts are empty where a log is not on S3."""

    folder: str
    controller: str = ""
    submit: str = ""
    driver: str = ""

    @property
    def found(self) -> bool:
        """Whether any log was there."""
        return bool(self.controller or self.submit or self.driver)

    def last_lines(self) -> list[str]:
        """Return the last error's lines, of the driver where its log is there, else of spark-submit."""
        return error_lines(self.driver or self.submit or self.controller)


def step_folder(log_uri: str, cluster_id: str, step_id: str) -> str:
    """Return the folder of a step's logs."""
    return f"{log_uri.rstrip('/')}/{cluster_id}/steps/{step_id}"


def read_step_logs(clients: Clients, log_uri: str, cluster_id: str, step_id: str) -> JobLogs:
    """Read the logs of a step; in cluster mode the driver's are with the containers."""
    folder = step_folder(log_uri, cluster_id, step_id)
    controller = read_log(clients, f"{folder}/controller.gz")
    submit = read_log(clients, f"{folder}/stderr.gz")
    application = _APPLICATION.search(submit)
    driver = ""
    if application:
        driver = _driver_log(clients, f"{log_uri.rstrip('/')}/{cluster_id}/containers/{application[0]}/")
    return JobLogs(folder, controller, submit, driver)


def wait_for_step_logs(clients: Clients, log_uri: str, cluster_id: str, step_id: str, pace: Pace) -> JobLogs:
    """Read the logs of a step that has ended, when EMR has written them: that takes it up to five minutes."""
    until = pace.now() + pace.logs
    logs = read_step_logs(clients, log_uri, cluster_id, step_id)
    while not (logs.controller and logs.submit) and pace.now() < until:
        pace.sleep(pace.interval)
        logs = read_step_logs(clients, log_uri, cluster_id, step_id)
    return logs


def read_log(clients: Clients, uri: str) -> str:
    """Return a log without its secrets, or "" where it is not there (yet)."""
    from botocore.exceptions import ClientError

    place = s3_path(uri)
    bucket, key = place.bucket, place.key
    with aws("read the log", uri):
        try:
            content = clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return ""
            raise
    return masked(_text(content))


def masked(text: str) -> str:
    """Return the text with keys, passwords and tokens replaced by asterisks."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def error_lines(text: str, most: int = SHOWN_LINES) -> list[str]:
    """Return the lines of the last error in a log, or its last lines where none is recognised."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    begins = [at for at, line in enumerate(lines) if _BEGINNING.match(line)]
    if not begins:
        return lines[-most:]
    error = [line for line in lines[begins[-1] :] if not _NOISE.match(line)]
    return error if len(error) <= most else [error[0], "...", *error[-(most - 2) :]]


def _driver_log(clients: Clients, folder: str) -> str:
    """Return the driver's standard error: the first container of an application is its driver."""
    place = s3_path(folder)
    bucket, prefix = place.bucket, f"{place.key}/"
    with aws("list the logs", folder):
        pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    drivers = sorted(key for key in keys if _DRIVER.search(key))
    return read_log(clients, f"s3://{bucket}/{drivers[-1]}") if drivers else ""


def _text(content: bytes) -> str:
    """Unpack a log; one that is still being written ends early."""
    try:
        return gzip.decompress(content).decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error):
        whole = zlib.decompressobj(wbits=_ANY_HEADER).decompress(content) if content[:2] == _GZIP else content
        return whole.decode("utf-8", "replace")
