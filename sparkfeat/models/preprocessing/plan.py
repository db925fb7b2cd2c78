"""The columns of a pipeline while it is built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sparkfeat.errors import SchemaError, did_you_mean
from sparkfeat.models.preprocessing.base import Step
from sparkfeat.models.preprocessing.raw import BOOLEAN, CATEGORY, NUMBER, TIME, WorkingColumns
from sparkfeat.models.roles import Roles

GROUPS = ("numeric", "boolean", "categorical", "times", "all")


@dataclass
class Plan:
    """The working columns while a pipeline is built.

    Args:
        roles: what the table's columns are.
        stages: the steps so far.
        working: table's column -> its working column, which is in the vector.
        texts: table's columns that are texts still.
        extra: other columns of the vector.
        drop: all columns that are left out of the result.
        skip_dropped: whether a step leaves columns out, which is known only when it is fitted.
    """

    roles: Roles
    stages: list[Any] = field(default_factory=list)
    working: dict[str, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    extra: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    skip_dropped: bool = False

    @staticmethod
    def of(roles: Roles) -> Plan:
        """Return the plan with the working columns as its first step."""
        kinds = {
            **dict.fromkeys(roles.numeric, NUMBER),
            **dict.fromkeys(roles.boolean, BOOLEAN),
            **dict.fromkeys(roles.categorical, CATEGORY),
            **dict.fromkeys(roles.times, TIME),
        }
        working = {name: f"__x{place}" for place, name in enumerate(kinds)}
        plan = Plan(roles, working=working, texts=set(roles.categorical), drop=list(working.values()))
        first = WorkingColumns(
            inputCols=list(kinds),
            outputCols=list(working.values()),
            kinds=list(kinds.values()),
            cutoffCol=roles.cutoff_time if roles.times else None,
        )
        plan.stages.append(first)
        return plan

    @property
    def vector(self) -> list[str]:
        """The columns of the vector, in order."""
        return [*self.working.values(), *self.extra]

    def add(self, stage: Step) -> None:
        """Add a step on working columns, which are finite or null."""
        stage._set(assumeFinite=True, skipDropped=self.skip_dropped)
        self.stages.append(stage)

    def new_column(self) -> str:
        """Return the name of one more column of the vector."""
        name = f"__x{len(self.drop)}"
        self.extra.append(name)
        self.drop.append(name)
        return name

    def chosen(self, selectors: Iterable[str], step: str) -> list[str]:
        """Return the table's columns that selectors name, in the table's order.

        Raises:
            SchemaError: a name or a pattern fits no feature.
        """
        found = {name for selector in selectors for name in self._matching(selector, step)}
        return [name for name in self.working if name in found]

    def _matching(self, selector: str, step: str) -> tuple[str, ...]:
        if selector in GROUPS:
            group: tuple[str, ...] = getattr(self.roles, "features" if selector == "all" else selector)
            return group
        names = self.roles.features
        if selector in names:
            return (selector,)
        found = tuple(name for name in names if fnmatchcase(name, selector))
        if not found:
            hint = did_you_mean(selector, [*names, *GROUPS])
            raise SchemaError(f"No feature '{selector}'", where=f"preprocessing step {step}", hint=hint)
        return found
