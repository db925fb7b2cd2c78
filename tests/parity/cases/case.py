"""What a case is: a primitive, and the features that it is tried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import featuretools as ft
import featuretools.primitives as p

from tests.parity.data import traps

Columns = dict[str, list[str]]
Kind = Literal["aggregation", "transform", "along rows"]
Data = Callable[[], ft.EntitySet]


@dataclass(frozen=True)
class Case:
    """A primitive as it is tried: on every column that it takes, of customers and of all they are joined to.

    Attributes:
        primitive: a class or an instance.
        kind: aggregations are filtered and stacked too; functions along rows are taken in groups too.
        data: makes the EntitySet; it has the tables customers and events, with the ids and days of `traps`.
        ignored: columns left out.
        in_groups: try a function along rows in groups.
        always_null: the primitive has no other value, whatever the rows.
    """

    primitive: Any
    kind: Kind
    data: Data = traps
    ignored: Columns = field(default_factory=dict)
    in_groups: bool = True
    always_null: bool = False

    @property
    def name(self) -> str:
        """Featuretools' name of the primitive."""
        return str(self.primitive.name)


aggregation = partial(Case, kind="aggregation")
transform = partial(Case, kind="transform")
along_rows = partial(Case, kind="along rows")

MOST_FEATURES = 16


def search(target: str, data: Data = traps, **options: Any) -> list[ft.Feature]:
    """Return what dfs finds, in an order that does not depend on the hash seed."""
    made = ft.dfs(entityset=data(), target_dataframe_name=target, features_only=True, **options)
    return sorted(made, key=lambda feature: str(feature.get_name()))


def for_customers(case: Case) -> list[ft.Feature]:
    """Return the features of a case for customers, sixteen of them at most.

    Of an aggregation: of the events, and of what stands below and beside them. Of a transform: of
    customers' columns, and customers' last value of the transform of events' columns.
    """
    return _fewer(_found(case, "customers", [p.Last]))


def for_events(case: Case) -> list[ft.Feature]:
    """Return the transform of a case for every event: of its own columns and of its parents'."""
    return _fewer(_found(case, "events", []))


def _found(case: Case, target: str, stacked: list[Any]) -> list[ft.Feature]:
    aggregates = case.kind == "aggregation"
    groups = case.kind == "along rows" and case.in_groups
    made = search(
        target,
        case.data,
        agg_primitives=[case.primitive] if aggregates else stacked,
        where_primitives=[case.primitive] if aggregates else None,
        trans_primitives=[] if aggregates else [case.primitive],
        groupby_trans_primitives=[case.primitive] if groups else [],
        max_depth=2,
        ignore_columns=case.ignored or None,
        # Places, times and spans of time are left out by dfs unless it is asked for them.
        return_types="all" if _type_of_result(case) in {"Datetime", "LatLong", "Timedelta"} else None,
    )
    return [feature for feature in made if _is_of(case, feature)]


def _type_of_result(case: Case) -> str | None:
    schema = case.primitive.return_type
    return None if schema is None or schema.logical_type is None else str(schema.logical_type)


def _is_of(case: Case, feature: ft.Feature) -> bool:
    inside = parts(feature)
    made = case.name in {each.primitive.name for each in inside}
    return made and not any(map(is_fault_of_pandas, inside))


def _fewer(features: Sequence[ft.Feature]) -> list[ft.Feature]:
    return list(features[:: len(features) // MOST_FEATURES + 1])


def is_fault_of_pandas(feature: ft.Feature) -> bool:
    """Tell what pandas gets wrong for nullable integers: see test_known_differences.

    A modulo by 0 is 0 there, where integers may be nullable or not; and a null has the rank of a 1.
    """
    kinds = [str(base.column_schema.logical_type) for base in feature.base_features]
    if feature.primitive.name == "percentile":
        return "IntegerNullable" in kinds
    inside = {str(each.column_schema.logical_type) for each in parts(feature)}
    mixed = "Double" not in kinds and set(kinds) != {"IntegerNullable"}
    return feature.primitive.name == "modulo_numeric" and "IntegerNullable" in inside and mixed


def parts(feature: ft.Feature) -> list[ft.Feature]:
    """Return a feature and all that it is made of."""
    return [feature, *feature.get_dependencies(deep=True)]


def needs_time(feature: ft.Feature) -> bool:
    """Tell what measures time from now: two engines never compute at the same moment."""
    return any(part.primitive.uses_calc_time for part in parts(feature))
