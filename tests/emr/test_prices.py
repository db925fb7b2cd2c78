from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.instances import known_types
from sparkfeat.emr.prices import estimate, read_prices
from sparkfeat.emr.spent import cluster_spent, job_spent
from sparkfeat.errors import ConfigError
from tests.emr.fakes import FakePages, clients
from tests.emr.test_cluster import changed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def own_file(repository: Path, folder: Path, **changes: Any) -> str:
    data = yaml.safe_load((repository / "conf" / "emr" / "prices.yaml").read_text())
    (folder / "prices.yaml").write_text(yaml.safe_dump({**data, **changes}))
    return str(folder / "prices.yaml")


def test_the_delivered_file_prices_every_known_type() -> None:
    prices = read_prices("us-east-1")

    for found in known_types().values():
        assert 0 < prices.instance_hour(found, "SPOT", 0) < prices.instance_hour(found, "ON_DEMAND", 0)


def test_an_instance_costs_ec2_emr_and_disk() -> None:
    found = read_prices("us-east-1").instance_hour(known_types()["m5.xlarge"], "ON_DEMAND", 730)

    assert found == pytest.approx(0.192 + 0.048 + 0.08)


def test_emrs_fee_has_a_limit() -> None:
    found = read_prices("us-east-1").instance_hour(known_types()["m5.24xlarge"], "ON_DEMAND", 0)

    assert found == pytest.approx(4.608 + 0.27)


def test_the_estimate_of_a_cluster(config: EmrConfig) -> None:
    fixed = changed(config, "cluster", task=None)
    disk = 0.08 / 730
    # One m6g.xlarge with 64 GiB and two r7g.2xlarge, the dearer of the two types, with 256 GiB each.
    expected = 0.154 * 1.25 + 64 * disk + 2 * (8 * 0.05355 * 1.25 + 256 * disk)

    assert estimate(fixed).hour == pytest.approx(expected)
    assert estimate(fixed).most_hour == estimate(fixed).hour
    assert estimate(config).most_hour > estimate(config).hour > estimate(fixed).hour


def test_the_estimate_without_servers(config: EmrConfig) -> None:
    found = estimate(config.model_copy(update={"target": "serverless"}))

    assert found.most_hour == pytest.approx(64 * 0.042094 + 480 * 0.004628)
    assert "as of" in found.source


def test_a_file_of_ones_own(repository: Path, tmp_path: Path, config: EmrConfig) -> None:
    file = own_file(repository, tmp_path, spot_share=1.0)
    dear = config.model_copy(update={"prices": file})

    assert estimate(dear).most_hour > estimate(config).most_hour
    assert file in estimate(dear).source


def test_a_region_without_prices(config: EmrConfig) -> None:
    with pytest.raises(ConfigError, match=r"no prices for eu-north-1.*`prices:`"):
        estimate(config.model_copy(update={"region": "eu-north-1"}))


@pytest.mark.parametrize(
    ("content", "message"),
    [("- 1", "Not a price file"), ("as_of: x", "Not a price file"), (None, "No such price file")],
)
def test_files_that_are_none(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "prices.yaml"
    if content is not None:
        file.write_text(content)

    with pytest.raises(ConfigError, match=message):
        read_prices("us-east-1", str(file))


def instance(name: str, market: str, hours: float, *, ended: bool = False) -> dict[str, Any]:
    timeline = {"CreationDateTime": NOW - timedelta(hours=hours)}
    if ended:
        timeline["EndDateTime"] = timeline["CreationDateTime"] + timedelta(hours=1)
    return {"InstanceType": name, "Market": market, "Status": {"Timeline": timeline}}


class Instances:
    """An EMR that lists instances."""

    def __init__(self, *instances: dict[str, Any]) -> None:
        self.instances = list(instances)

    def get_paginator(self, operation: str) -> FakePages:
        assert operation == "list_instances"
        return FakePages(lambda: [{"Instances": self.instances}])


def test_what_a_cluster_has_cost() -> None:
    emr = Instances(
        instance("m5.xlarge", "ON_DEMAND", 2),
        instance("m5.xlarge", "ON_DEMAND", 2),
        instance("m5.xlarge", "SPOT", 5, ended=True),
        instance("x9.huge", "SPOT", 1),
    )
    found = cluster_spent(clients(emr), "j-1", read_prices("us-east-1"), NOW)  # type: ignore[arg-type]

    assert [(item.count, item.hours) for item in found] == [(2, 4), (1, 1), (1, 1)]
    assert found[0].cost == pytest.approx(4 * 0.24)
    assert found[1].cost == pytest.approx(0.192 * 0.4 + 0.048)
    assert "price unknown" in found[2].what


def test_a_minute_is_the_least() -> None:
    emr = Instances(instance("m5.xlarge", "ON_DEMAND", 0.001))
    (found,) = cluster_spent(clients(emr), "j-1", read_prices("us-east-1"), NOW)  # type: ignore[arg-type]

    assert found.hours == pytest.approx(1 / 60)


class Job:
    """An EMR Serverless with one job."""

    def get_job_run(self, **_: str) -> dict[str, Any]:
        return {"jobRun": {"billedResourceUtilization": {"vCPUHour": 10.0, "memoryGBHour": 40.0}}}

    def get_application(self, **_: str) -> dict[str, Any]:
        return {"application": {"architecture": "ARM64"}}


def test_what_a_job_without_servers_has_cost() -> None:
    found = job_spent(clients(None, serverless=Job()), "00a", "00b", read_prices("us-east-1"))  # type: ignore[arg-type]

    assert found[0].cost == pytest.approx(10 * 0.042094 + 40 * 0.004628)
