"""Which calls are computed with columns stacked into rows, and what their SQL is."""

from __future__ import annotations

import featuretools as ft
import pytest
from featuretools import primitives as p
from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.plan.nodes import Aggregate
from sparkfeat.sql import DIALECTS, Lowered
from sparkfeat.sql import stacks as module
from sparkfeat.sql.context import walk
from sparkfeat.sql.stacks import Stack, stacks_of
from tests.entityset.shop import day, matrix
from tests.parity.cases.made import aggregate, column
from tests.parity.data import traps

SPARK = DIALECTS["spark"]
MANY = 2
FOUR = (p.Sum, p.Mean, p.Min, p.Skew)


@pytest.fixture(autouse=True)
def two_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SPARK, "stacked_from", MANY)
    monkeypatch.setattr(module, "STATISTICS_THAT_PAY", 1)


def of(*names: str, by: tuple[type, ...] = FOUR) -> list[ft.Feature]:
    return [aggregate(column("events", name), "customers", one) for name in names for one in by]


COUNT = aggregate(column("events", "event_id"), "customers", p.Count)


def lowered(*features: ft.Feature, dialect: str = "spark") -> Lowered:
    return matrix(list(features), traps(), cutoff_time=day(6)).computation.lowered(dialect)


def stacks(*features: ft.Feature) -> list[Stack]:
    plan = matrix(list(features), traps(), cutoff_time=day(6)).computation.plan
    (calls,) = [list(node.calls) for node in walk(plan.matrix) if isinstance(node, Aggregate)]
    return stacks_of(calls, SPARK)


def names_of(calls: list[Call]) -> set[str]:
    return {call.alias for call in calls}


def explosions(found: Lowered) -> int:
    return sum(len(list(cte.select.find_all(exp.Posexplode))) for cte in found.ctes)


def test_a_statistic_is_computed_once_for_all_columns_of_a_type() -> None:
    (stack,) = stacks(*of("amount", "other"))

    assert set(stack.columns) == {"amount", "other"}
    assert len(stack.statistics) == len(FOUR)
    assert len(stack.calls) == len(FOUR) * MANY
    assert {place for place, _ in stack.found.values()} == {0, 1}


def test_types_are_stacked_apart() -> None:
    found = stacks(*of("amount", "other", "whole", "count"))

    assert {tuple(sorted(stack.columns)) for stack in found} == {("amount", "other"), ("count", "whole")}
    assert {stack.sql_type.sql("spark") for stack in found} == {"DOUBLE", "BIGINT"}


def test_what_few_columns_share_is_left() -> None:
    features = [*of("amount", "other", by=(p.Sum,)), *of("amount", by=(p.Min,)), *of("whole")]
    (stack,) = stacks(*features)

    assert names_of(stack.calls) == {"SUM(events.amount)", "SUM(events.other)"}


def test_arguments_make_another_statistic() -> None:
    total = [
        aggregate(column("events", "amount"), "customers", p.Mean(skipna=False)),
        *of("other", by=(p.Mean,)),
    ]

    assert stacks(*total) == []


def test_what_needs_more_than_a_value_is_left() -> None:
    assert stacks(*of("amount", "other", by=(p.Last, p.First))) == []
    assert stacks(*of("size", "digit", by=(p.Mode, p.NumUnique))) == []


def test_count_is_computed_beside_them() -> None:
    (stack,) = stacks(*of("amount", "other"), COUNT)

    assert "COUNT(events)" in names_of(stack.calls)
    assert stacks(COUNT) == []


def test_relations_do_not_grow_with_columns() -> None:
    two, three = lowered(*of("amount", "other")), lowered(*of("amount", "other", "whole", "count"))

    assert explosions(two) == 1
    assert explosions(three) == MANY
    assert [cte.uses for cte in two.ctes if cte.name == "customers_events_rows"] == [1]


def test_other_calls_are_joined_on_the_key() -> None:
    found = lowered(*of("amount", "other"), *of("amount", by=(p.Last,)))

    assert sum(cte.name.startswith("customers_by_events_part") for cte in found.ctes) == MANY
    assert [cte.uses for cte in found.ctes if cte.name == "customers_events_rows"] == [MANY]


def test_duckdb_computes_columns_as_columns() -> None:
    assert explosions(lowered(*of("amount", "other"), dialect="duckdb")) == 0


def test_narrow_plans_are_not_stacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SPARK, "stacked_from", MANY + 1)

    assert explosions(lowered(*of("amount", "other"))) == 0


def test_few_statistics_of_many_columns_are_not_stacked(monkeypatch: pytest.MonkeyPatch) -> None:
    features = of("amount", "other")
    monkeypatch.setattr(module, "STATISTICS_THAT_PAY", len(FOUR))
    assert len(stacks(*features)) == 1

    monkeypatch.setattr(module, "STATISTICS_THAT_PAY", len(FOUR) + 1)
    assert stacks(*features) == []
