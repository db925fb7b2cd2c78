"""Clusters started and, whatever happens, ended."""

from __future__ import annotations

import json
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.cluster import RUN_TAG
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.security import security_configuration, security_configuration_name
from sparkfeat.errors import ClusterError, ConfigError, ServiceError, SparkfeatError
from sparkfeat.storage.aws import aws

ALIVE = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING")
ENDED = ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS")
_ATTEMPTS = 6
_CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True)
class Pace:
    """How long to wait: between looks, and for logs, which EMR writes some minutes late; in seconds."""

    interval: float = 15
    logs: float = 300
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


def new_token() -> str:
    """Return a token for one launch."""
    return uuid.uuid4().hex


def ensure_security_configuration(clients: Clients, config: EmrConfig) -> str:
    """Make the security configuration unless it is there; its name is the hash of its content.

    Raises:
        ConfigError: the configuration names one that is not there.
    """
    name = security_configuration_name(config)
    try:
        with aws("look for the security configuration", name):
            clients.emr.describe_security_configuration(Name=name)
            return name
    except ConfigError:
        if config.encryption.security_configuration is not None:
            raise
    document = json.dumps(security_configuration(config))
    with aws("make the security configuration", name):
        clients.emr.create_security_configuration(Name=name, SecurityConfiguration=document)
    return name


@contextmanager
def transient_cluster(clients: Clients, request: dict[str, Any], pace: Pace) -> Iterator[str]:
    """Start a cluster for the block, and end it when the block is left by any way.

    Also ends a cluster whose id was never received: the request may have arrived when its answer was lost.
    """
    token, began = _token_of(request), datetime.now(UTC)
    cluster_id: str | None = None
    try:
        cluster_id = start_cluster(clients, request, pace)
        yield cluster_id
    finally:
        with uninterrupted():
            left = [cluster_id] if cluster_id else clusters_of_launch(clients, token, began)
            for found in left:
                end_cluster(clients, found, pace)


def start_cluster(clients: Clients, request: dict[str, Any], pace: Pace) -> str:
    """Send a RunJobFlow request and return the cluster's id.

    A request that may have arrived is not repeated before a cluster with its token was looked for.

    Raises:
        ServiceError: AWS cannot be reached, or stays too busy.
        ConfigError: EMR refuses the request.
    """
    token, began = _token_of(request), datetime.now(UTC)
    for attempt in range(_ATTEMPTS):
        try:
            with aws("launch the cluster", request["Name"]):
                return str(clients.launcher.run_job_flow(**request)["JobFlowId"])
        except ServiceError:
            if found := clusters_of_launch(clients, token, began):
                return found[0]
            if attempt == _ATTEMPTS - 1:
                raise
        pace.sleep(pace.interval * 2**attempt)
    raise AssertionError("unreachable")


def clusters_of_launch(clients: Clients, token: str, began: datetime) -> list[str]:
    """Return the ids of living clusters that carry the token of a launch."""
    with aws("look for the cluster", token):
        pages = clients.emr.get_paginator("list_clusters").paginate(
            CreatedAfter=began - _CLOCKS_DIFFER, ClusterStates=list(ALIVE)
        )
        ids = [cluster["Id"] for page in pages for cluster in page["Clusters"]]
        return [found for found in ids if _has_token(clients, found, token)]


def end_cluster(clients: Clients, cluster_id: str, pace: Pace) -> None:
    """End a cluster and wait until EMR says that it is ending.

    Raises:
        ClusterError: it still lives; says how to end it by hand.
    """
    for attempt in range(_ATTEMPTS):
        try:
            if cluster_state(clients, cluster_id) in ENDED:
                return
            with aws("end the cluster", cluster_id):
                clients.emr.terminate_job_flows(JobFlowIds=[cluster_id])
            if cluster_state(clients, cluster_id) in ENDED:
                return
        except ServiceError:
            pass  # the cluster costs money while it lives: try again
        except SparkfeatError as problem:
            raise _left_behind(clients, cluster_id, str(problem)) from problem
        pace.sleep(min(pace.interval, 2**attempt))
    raise _left_behind(clients, cluster_id)


def cluster_state(clients: Clients, cluster_id: str) -> str:
    """Return the state of a cluster."""
    return str(describe(clients, cluster_id)["Status"]["State"])


def describe(clients: Clients, cluster_id: str) -> dict[str, Any]:
    """Return what EMR knows of a cluster."""
    with aws("look at the cluster", cluster_id):
        found: dict[str, Any] = clients.emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
    return found


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no Ctrl-C or SIGTERM interrupt the block: a second one must not leave a cluster behind."""
    if threading.current_thread() is not threading.main_thread():  # only there can signals be set
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _left_behind(clients: Clients, cluster_id: str, why: str = "") -> ClusterError:
    return ClusterError(
        "The cluster could not be ended and still costs money",
        where=cluster_id,
        why=why,
        hint=f"sparkfeat emr terminate {cluster_id} --region {clients.region}",
    )


def _has_token(clients: Clients, cluster_id: str, token: str) -> bool:
    tags = describe(clients, cluster_id).get("Tags", ())
    return any(tag["Key"] == RUN_TAG and tag["Value"] == token for tag in tags)


def _token_of(request: dict[str, Any]) -> str:
    tokens: list[str] = [tag["Value"] for tag in request["Tags"] if tag["Key"] == RUN_TAG]
    return tokens[0]
