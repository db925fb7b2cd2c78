"""Sums of one pass, and a second one over some groups."""

from __future__ import annotations

from featuretools import primitives as p

from sparkfeat.sql.lower import Lowered
from tests.entityset.shop import column, day, matrix
from tests.plan.features import aggregated


def lowered(*, reread: bool) -> Lowered:
    skew = aggregated(column("sessions", "length"), "customers", p.Skew)
    return matrix([skew], cutoff_time=day(6)).computation.lowered("duckdb", reread=reread)


def readers_of_sessions(found: Lowered) -> list[int]:
    return [cte.uses for cte in found.ctes if cte.name.startswith("customers_sessions_rows")]


def test_rows_are_kept_for_the_second_pass() -> None:
    assert readers_of_sessions(lowered(reread=False)) == [2]


def test_large_tables_are_read_again() -> None:
    assert readers_of_sessions(lowered(reread=True)) == [1, 1]
