"""What instances cost, from a file of list prices: every figure made of it is an estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError

from sparkfeat.configuration import Section, conf_folder
from sparkfeat.emr.config import PRIMARY_DISK_GIB, EmrConfig
from sparkfeat.emr.instances import Architecture, InstanceType, find_types
from sparkfeat.errors import ConfigError
from sparkfeat.storage.failures import explained

Market = Literal["ON_DEMAND", "SPOT"]
_HOURS_OF_A_MONTH = 730


class ServerlessPrices(Section):
    """Price of an hour."""

    vcpu_hour: float
    gib_hour: float


class RegionPrices(Section):
    """Prices of one region."""

    disk_gib_month: float
    serverless: dict[Architecture, ServerlessPrices]
    vcpu_hour: dict[str, float]


class PriceFile(Section):
    """A price file; conf/emr/prices.yaml is one."""

    as_of: date
    currency: str
    emr_share: float
    emr_most_per_instance_hour: float
    spot_share: float
    regions: dict[str, RegionPrices]


@dataclass(frozen=True)
class Prices:
    """The prices of one region, and where they come from."""

    file: str
    region: str
    prices: PriceFile

    @property
    def source(self) -> str:
        """Say how old the estimate's basis is."""
        return f"list prices of {self.region} as of {self.prices.as_of}, {self.file}"

    def instance_hour(self, found: InstanceType, market: Market, disk_gib: int) -> float:
        """Return the price of one instance for an hour: EC2, EMR's fee and disk.

        Raises:
            ConfigError: the file has no price for its family.
        """
        here = self._here()
        if found.family not in here.vcpu_hour:
            raise self._missing(f"a price for {found.family}")
        listed = here.vcpu_hour[found.family] * found.vcpus
        fee = min(listed * self.prices.emr_share, self.prices.emr_most_per_instance_hour)
        paid = listed * (self.prices.spot_share if market == "SPOT" else 1)
        return paid + fee + disk_gib * here.disk_gib_month / _HOURS_OF_A_MONTH

    def serverless_hour(self, architecture: Architecture, vcpus: float, gib: float) -> float:
        """Return the price of an hour of EMR Serverless."""
        prices = self._here().serverless.get(architecture)
        if prices is None:
            raise self._missing(f"serverless prices for {architecture}")
        return vcpus * prices.vcpu_hour + gib * prices.gib_hour

    def _here(self) -> RegionPrices:
        if self.region not in self.prices.regions:
            raise self._missing(f"prices for {self.region}")
        return self.prices.regions[self.region]

    def _missing(self, what: str) -> ConfigError:
        hint = "Add it to a copy of the file, and name the copy in `prices:` of the configuration"
        return ConfigError(f"The price file has no {what.removeprefix('a ')}", where=self.file, hint=hint)


@dataclass(frozen=True)
class Estimate:
    """What an hour costs: as the cluster starts, and when it has grown as far as it may."""

    hour: float
    most_hour: float
    currency: str
    source: str


def read_prices(region: str, file: str | None = None) -> Prices:
    """Read a price file.

    Args:
        region: whose prices are used.
        file: a YAML file like conf/emr/prices.yaml. Default: that one.

    Raises:
        ConfigError: it is missing or holds something else.
    """
    place = conf_folder() / "emr" / "prices.yaml" if file is None else Path(file)
    name = "conf/emr/prices.yaml" if file is None else file
    if not place.is_file():
        raise ConfigError("No such price file", where=name)
    with explained("read the prices", name):
        text = place.read_text(encoding="utf-8")
    try:
        return Prices(name, region, PriceFile.model_validate(yaml.safe_load(text)))
    except (ValidationError, yaml.YAMLError) as error:
        raise ConfigError("Not a price file", where=name, why=str(error)) from error


def estimate(config: EmrConfig) -> Estimate:
    """Return what an hour of the configuration's target costs.

    Raises:
        ConfigError: the price file lacks the region or a family.
    """
    prices = read_prices(config.region, config.prices)
    hour, most = _serverless(config, prices) if config.target == "serverless" else _cluster(config, prices)
    return Estimate(hour, most, prices.prices.currency, prices.source)


def _cluster(config: EmrConfig, prices: Prices) -> tuple[float, float]:
    cluster = config.required_cluster()
    core, task = cluster.core, cluster.task
    primary = max(
        prices.instance_hour(found, "ON_DEMAND", PRIMARY_DISK_GIB)
        for found in find_types(cluster.primary, "cluster.primary")
    )
    core_vcpu = _vcpu_hour(prices, core.types, "ON_DEMAND", core.disk_gib)
    hour = primary + core.vcpus * core_vcpu
    most = primary + (core.max_vcpus or core.vcpus) * core_vcpu
    if task is not None:
        task_vcpu = _vcpu_hour(prices, task.types, "SPOT", task.disk_gib)
        hour, most = hour + task.vcpus * task_vcpu, most + task.max_vcpus * task_vcpu
    return hour, most


def _vcpu_hour(prices: Prices, names: Sequence[str], market: Market, disk_gib: int) -> float:
    """Return the price of one core in the dearest of a fleet's types: EMR chooses among them."""
    types = find_types(names, "cluster")
    return max(prices.instance_hour(found, market, disk_gib) / found.vcpus for found in types)


def _serverless(config: EmrConfig, prices: Prices) -> tuple[float, float]:
    serverless = config.required_serverless()
    gib = serverless.worker_memory_gib / serverless.worker_cores
    cores = min(serverless.max_vcpus, 3 * serverless.worker_cores)
    return (
        prices.serverless_hour(serverless.architecture, cores, cores * gib),
        prices.serverless_hour(serverless.architecture, serverless.max_vcpus, serverless.max_vcpus * gib),
    )
