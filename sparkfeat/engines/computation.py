"""One feature matrix to compute: everything an engine is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sparkfeat.definitions import AggregationFeature, Definitions, Feature, walk
from sparkfeat.engines.cutoffs import Cutoffs, passed_name
from sparkfeat.entityset import EntitySet, Table
from sparkfeat.plan import Plan, TimeRule, build_plan
from sparkfeat.primitives import reason_against
from sparkfeat.sql import DIALECTS, Lowered, lower


@dataclass(frozen=True, eq=False)
class Computation:
    """The tables, features, cutoffs and time rule of one matrix.

    `approximate` is Featuretools' argument of that name. `forced` sends every feature to Featuretools.
    `dialect` is that of the engine: a user's primitive may have SQL in one of the two.
    """

    entityset: EntitySet
    definitions: Definitions
    cutoffs: Cutoffs
    rule: TimeRule
    approximate: object = None
    forced: bool = False
    dialect: str = "duckdb"

    @property
    def target(self) -> Table:
        """The table whose rows the features describe."""
        return self.entityset[self.definitions.target]

    @cached_property
    def reasons(self) -> dict[str, str]:
        """Why features are left to Featuretools, by feature name; those with SQL are not in it."""
        return {
            feature.name: reason
            for feature in self.definitions.features
            if (reason := self._reason(feature)) is not None
        }

    def _reason(self, feature: Feature) -> str | None:
        if self.forced:
            return "engine='featuretools' was asked for"
        if self.approximate is not None and self.rule.approximate is None:
            return "approximate with one time for all rows"
        return reason_against(feature, self.entityset, self.dialect)

    def on(self, dialect: str) -> Computation:
        """Return the same computation for an engine of another dialect."""
        return self if dialect == self.dialect else replace(self, dialect=dialect)

    @property
    def native(self) -> tuple[Feature, ...]:
        """The features that SQL computes."""
        return tuple(f for f in self.definitions.features if f.name not in self.reasons)

    @property
    def native_names(self) -> list[str]:
        """The columns that SQL computes, in order."""
        return [name for feature in self.native for name in feature.names]

    @property
    def fallback(self) -> tuple[Feature, ...]:
        """The features that Featuretools computes."""
        return tuple(f for f in self.definitions.features if f.name in self.reasons)

    @cached_property
    def plan(self) -> Plan:
        """The plan of the native features."""
        return build_plan(self.entityset, self.target, self.native, self.cutoffs.shape, self.rule)

    def lowered(self, dialect: str, names: Sequence[str] | None = None) -> Lowered:
        """Return the native features in SQL; see `sparkfeat.sql.lower` for the columns."""
        passed = [passed_name(n) for n in range(len(self.cutoffs.pass_through))]
        return lower(
            self.plan, DIALECTS[dialect], self.cutoffs.time, passed, names, ordered=self.cutoffs.ordered
        )

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables that some feature reads, the target first."""
        names = {self.target.name: None}
        for feature in self.definitions.features:
            for part in walk(feature):
                names[part.table] = None
                if isinstance(part, AggregationFeature):
                    names |= dict.fromkeys(link.child for link in part.path)
        return tuple(self.entityset[name] for name in names)
