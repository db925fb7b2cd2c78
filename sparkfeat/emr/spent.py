"""What a cluster or a serverless job has cost so far: an estimate, from list prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.instances import Architecture, known_types
from sparkfeat.emr.prices import Market, Prices
from sparkfeat.emr.run_serverless import job_run
from sparkfeat.storage.aws import aws

_LEAST_SECONDS = 60
"""EC2 and EMR bill each instance by the second, a minute at least."""


@dataclass(frozen=True)
class Spent:
    """The cost of all instances of one type and market, or of a serverless job."""

    what: str
    count: int
    hours: float
    cost: float


def cluster_spent(
    clients: Clients, cluster_id: str, prices: Prices, now: datetime | None = None
) -> list[Spent]:
    """Return the cost of a cluster's instances by type and market, those that are gone included.

    Disks are left out: EMR does not say what an instance had. They are a few percent of the rest.

    Raises:
        ConfigError: the price file lacks the region or a family.
    """
    now = now or datetime.now(UTC)
    with aws("list the instances", cluster_id):
        pages = clients.emr.get_paginator("list_instances").paginate(ClusterId=cluster_id)
        instances = [instance for page in pages for instance in page["Instances"]]
    kinds = dict.fromkeys((item["InstanceType"], item.get("Market", "ON_DEMAND")) for item in instances)
    return list(_by_kind(instances, list(kinds), prices, now))


def job_spent(clients: Clients, application: str, job: str, prices: Prices) -> list[Spent]:
    """Return the cost of a serverless job; EMR counts it when the job has ended."""
    found = job_run(clients, application, job)
    used = found.get("billedResourceUtilization") or found.get("totalResourceUtilization") or {}
    vcpu_hours, gib_hours = used.get("vCPUHour", 0.0), used.get("memoryGBHour", 0.0)
    architecture = _architecture(clients, application)
    cost = prices.serverless_hour(architecture, vcpu_hours, gib_hours)
    return [Spent(f"vCPU hours, {architecture}", 1, vcpu_hours, cost)]


def _by_kind(
    instances: Sequence[dict[str, Any]], kinds: Sequence[tuple[str, Market]], prices: Prices, now: datetime
) -> Iterator[Spent]:
    known = known_types()
    for name, market in kinds:
        of_kind = [
            item
            for item in instances
            if item["InstanceType"] == name and item.get("Market", "ON_DEMAND") == market
        ]
        hours = sum(_seconds(item, now) for item in of_kind) / 3600
        rate = prices.instance_hour(known[name], market, 0) if name in known else 0.0
        shown = f"{name} {market.lower().replace('_', '-')}" + ("" if name in known else ", price unknown")
        yield Spent(shown, len(of_kind), hours, hours * rate)


def _seconds(instance: dict[str, Any], now: datetime) -> float:
    timeline = instance["Status"].get("Timeline", {})
    began = timeline.get("CreationDateTime")
    if began is None:
        return 0.0
    ended = timeline.get("EndDateTime", now)
    return max(float((ended - began).total_seconds()), float(_LEAST_SECONDS))


def _architecture(clients: Clients, application: str) -> Architecture:
    with aws("look at the application", application):
        found = clients.serverless.get_application(applicationId=application)["application"]
    return "aarch64" if found.get("architecture") == "ARM64" else "x86_64"
