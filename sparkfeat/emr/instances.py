"""EC2 instance types: cores, memory, architecture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import yaml

from sparkfeat.configuration import conf_folder
from sparkfeat.errors import ConfigError, did_you_mean

Architecture = Literal["x86_64", "aarch64"]
_KNOWN = "conf/emr/instances.yaml"


@dataclass(frozen=True)
class InstanceType:
    """A type that EMR can launch. `memory_mib` is all of its memory."""

    name: str
    vcpus: int
    memory_mib: int
    architecture: Architecture

    @property
    def family(self) -> str:
        """The part before the dot."""
        return self.name.partition(".")[0]

    @property
    def yarn_mib(self) -> int:
        """Memory that YARN hands out, in MiB.

        EMR leaves a quarter of the memory, at most 8 GiB, to the system; that is its own table for Intel
        and AMD. Its figures for Graviton are 4.7 to 5.4 percent lower: 6 percent are taken off, to stay
        below all of them.
        """
        usable = self.memory_mib - min(self.memory_mib // 4, 8 * 1024)
        return usable if self.architecture == "x86_64" else usable * 94 // 100


@cache
def known_types() -> dict[str, InstanceType]:
    """Return the types of conf/emr/instances.yaml by name."""
    tables = yaml.safe_load((conf_folder() / "emr" / "instances.yaml").read_text(encoding="utf-8"))
    return {
        found.name: found
        for family, facts in tables["families"].items()
        for found in _family(family, facts, tables["sizes"])
    }


def find_types(names: Sequence[str], where: str) -> list[InstanceType]:
    """Return the types of one fleet.

    Args:
        names: e.g. ["r6g.4xlarge", "r7g.4xlarge"].
        where: the key of the configuration, for messages.

    Raises:
        ConfigError: a type is unknown, or they differ in architecture or in memory per core.
    """
    known = known_types()
    for name in names:
        if name not in known:
            hint = f"{did_you_mean(name, known)} Types that can be sized stand in {_KNOWN}"
            raise ConfigError(f"Unknown instance type '{name}'", where=where, hint=hint)
    types = [known[name] for name in names]
    _check_alike(types, where)
    return types


def one_architecture(types: Sequence[InstanceType], where: str) -> Architecture:
    """Return the architecture of all of the types.

    Raises:
        ConfigError: they differ: an archive of Python packages fits one architecture.
    """
    by_architecture = {found.architecture: found.name for found in types}
    if len(by_architecture) > 1:
        raise ConfigError(
            "Instance types of two architectures",
            where=where,
            why=", ".join(f"{name} is {kind}" for kind, name in sorted(by_architecture.items())),
            hint="Python packages are built for one: take types of one architecture",
        )
    return next(iter(by_architecture))


def _check_alike(types: Sequence[InstanceType], where: str) -> None:
    one_architecture(types, where)
    ratios = {found.memory_mib // found.vcpus: found.name for found in types}
    if len(ratios) > 1:
        told = ", ".join(f"{name} has {mib // 1024} GiB for a core" for mib, name in sorted(ratios.items()))
        raise ConfigError(
            "Instance types with different memory for a core",
            where=where,
            why=f"{told}; executors are cut for the smallest, and the rest would be paid for and not used",
            hint="Take types of one ratio, e.g. only r6g and r7g",
        )


def _family(family: str, facts: dict[str, Any], sizes: dict[str, int]) -> list[InstanceType]:
    most = sizes[facts.get("largest", "24xlarge")]
    return [
        InstanceType(f"{family}.{size}", vcpus, vcpus * facts["gib_per_vcpu"] * 1024, facts["architecture"])
        for size, vcpus in sizes.items()
        if vcpus <= most
    ]
