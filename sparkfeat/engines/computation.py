"""One feature matrix to compute: everything an engine is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sparkfeat.definitions import AggregationFeature, Definitions, Feature, walk
from sparkfeat.engines.cutoffs import Cutoffs, passed_name
from sparkfeat.engines.windows import Asked, Window, asked_of, widest_first
from sparkfeat.entityset import EntitySet, Table
from sparkfeat.plan import Part, Plan, TimeRule, build_plan
from sparkfeat.primitives import counts_from_cutoff, reason_against
from sparkfeat.sql import DIALECTS, Lowered, lower


@dataclass(frozen=True, eq=False)
class Computation:
    """The tables, features, cutoffs and time rule of one matrix.

    `approximate` is Featuretools' argument of that name. `forced` sends every feature to Featuretools.
    `dialect` is that of the engine: a user's primitive may have SQL in one of the two. `windows` are several
    training windows in place of that of the rule, as given: aggregations are computed for each of them.
    `refused` are features that the engine cannot compute though they have SQL, by name, with the reason.
    """

    entityset: EntitySet
    definitions: Definitions
    cutoffs: Cutoffs
    rule: TimeRule
    approximate: object = None
    forced: bool = False
    dialect: str = "duckdb"
    windows: tuple[Window, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> Table:
        """The table whose rows the features describe."""
        return self.entityset[self.definitions.target]

    @cached_property
    def rules(self) -> tuple[TimeRule, ...]:
        """The time rules, that of the widest training window first."""
        return tuple(replace(self.rule, training_window=window) for window in self._sorted) or (self.rule,)

    @cached_property
    def _sorted(self) -> tuple[Window, ...]:
        return widest_first(self.windows, self.cutoffs.time) if self.windows else ()

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """What the matrix consists of, in order."""
        return asked_of(self.definitions, self.windows, self._sorted)

    @cached_property
    def reasons(self) -> dict[str, str]:
        """Why features are left to Featuretools, by name in the matrix; those with SQL are not in it."""
        known = {feature: self._reason(feature) for feature in self.definitions.features}
        found = {one.name: reason for one in self.asked if (reason := known[one.feature]) is not None}
        return {**self.refused, **found}

    def _reason(self, feature: Feature) -> str | None:
        if self.forced:
            return "engine='featuretools' was asked for"
        if self.approximate is not None and self.rule.approximate is None:
            return "approximate with one time for all rows"
        if self.cutoffs.numeric and counts_from_cutoff(feature):
            return "the cutoff times are numbers, and it counts the time until them"
        return reason_against(feature, self.entityset, self.dialect)

    def on(self, dialect: str) -> Computation:
        """Return the same computation for an engine of another dialect."""
        return self if dialect == self.dialect else replace(self, dialect=dialect)

    def only(self, names: Collection[str]) -> Computation:
        """Return the computation of the features with SQL that are called so."""
        kept = {id(one.original) for one in self.native if one.name in names}
        pairs = zip(self.definitions.originals, self.definitions.features, strict=True)
        chosen = [(original, feature) for original, feature in pairs if id(original) in kept]
        definitions = Definitions(tuple(o for o, _ in chosen), tuple(f for _, f in chosen))
        return replace(self, definitions=definitions)

    def aliases(self, part: Computation, passed: str) -> list[str]:
        """Return what this matrix calls the columns of a part of it, passed columns by a prefix."""
        known = {name: f"f{n}" for n, name in enumerate(self.native_names)}
        columns = [known[name] for name in part.native_names]
        return columns + [f"{passed}{n}" for n in range(len(part.cutoffs.pass_through))]

    @property
    def native(self) -> tuple[Asked, ...]:
        """What SQL computes, rule by rule."""
        found = [one for one in self.asked if one.name not in self.reasons]
        return tuple(sorted(found, key=lambda one: one.part))

    @property
    def native_names(self) -> list[str]:
        """The columns that SQL computes, in the order of the plan's outputs."""
        return [name for one in self.native for name in one.names]

    @property
    def fallback(self) -> tuple[Asked, ...]:
        """What Featuretools computes, rule by rule."""
        found = [one for one in self.asked if one.name in self.reasons]
        return tuple(sorted(found, key=lambda one: one.part))

    @property
    def fallback_parts(self) -> list[tuple[TimeRule, list[Asked]]]:
        """What Featuretools computes, by time rule, in one call each."""
        parts = [[one for one in self.fallback if one.part == number] for number in range(len(self.rules))]
        return [(rule, part) for rule, part in zip(self.rules, parts, strict=True) if part]

    @cached_property
    def plan(self) -> Plan:
        """The plan of the native features."""
        features = [
            tuple(one.feature for one in self.native if one.part == number)
            for number in range(len(self.rules))
        ]
        parts = [Part(rule, part) for rule, part in zip(self.rules, features, strict=True)]
        kept = [part for number, part in enumerate(parts) if part.features or not number]
        return build_plan(self.entityset, self.target, self.cutoffs.shape(self.dialect), kept)

    def lowered(
        self,
        dialect: str,
        names: Sequence[str] | None = None,
        *,
        sort: bool = True,
        rows_of_range: int | None = None,
        reread: bool = False,
    ) -> Lowered:
        """Return the native features in SQL; see `sparkfeat.sql.lower` for the columns."""
        passed = [passed_name(n) for n in range(len(self.cutoffs.pass_through))]
        return lower(
            self.plan,
            DIALECTS[dialect],
            self.cutoffs.time,
            passed,
            names,
            ordered=self.cutoffs.ordered,
            sort=sort,
            rows_of_range=rows_of_range,
            reread=reread,
        )

    @property
    def known_rows(self) -> int | None:
        """The rows of all tables, where that takes no reading of them."""
        counts = [table.source.row_count for table in self.tables]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

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
