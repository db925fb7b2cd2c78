"""Windows over whole tables in ranges: none of them is left to one task."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

import sparkfeat as sf
from sparkfeat.plan.nodes import TIME
from sparkfeat.sql import Lowered
from sparkfeat.sql.reach import Reach, reach_of
from tests.parity.cases.native import CASES, FAMILIES, features_of_events
from tests.parity.data import day

ALONG_ROWS = [
    name for family in ("order", "rolling") for name in FAMILIES[family] if CASES[name].kind == "along rows"
]


def lowered(case: str, rows_of_range: int | None) -> Lowered:
    data = CASES[case].data()
    matrix = sf.calculate_feature_matrix(features_of_events(case), data, cutoff_time=day(10), engine="spark")
    return matrix._computation.on("spark").lowered("spark", rows_of_range=rows_of_range)


def over_whole_tables(select: exp.Select) -> list[str]:
    """Return the windows whose rows all go to one task, or all of a cutoff time to one."""
    return [
        window.sql()
        for window in select.find_all(exp.Window)
        if {key.name for key in window.args.get("partition_by") or []} <= {TIME}
    ]


@pytest.mark.parametrize("case", ALONG_ROWS)
def test_no_task_takes_a_whole_table(case: str) -> None:
    found = lowered(case, 1000)

    left = [cte.name for cte in found.ctes if over_whole_tables(cte.select) and not cte.collected]
    assert left == []
    assert not over_whole_tables(found.select)


def test_without_ranges_nothing_is_collected() -> None:
    assert not any(cte.collected for cte in lowered("cum_sum", None).ctes)


def test_rows_are_cut_once_for_each_order() -> None:
    """Steps that follow run over the ranges that are there."""
    names = [cte.name for cte in lowered("expanding_trend", 1000).ctes]

    assert sum("_cut" in name for name in names) == 1
    assert sum("_step" in name for name in names) > 1


def test_no_query_reads_the_rows_twice() -> None:
    """Else the plan doubles with every step: what joins rows joins them to something collected."""
    found = lowered("rolling_std_days", 1000)
    collected = {cte.name for cte in found.ctes if cte.collected}

    joined = {
        join.this.name
        for cte in found.ctes
        for join in cte.select.args.get("joins") or []
        if "_cut" in cte.name
    }
    assert joined
    assert joined <= collected


REACHES = {
    "lag(x, 3) OVER (ORDER BY o)": Reach(3, 0),
    "lead(x) OVER (ORDER BY o)": Reach(0, 1),
    "sum(x) OVER (ORDER BY o ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)": Reach(6, 0),
    "sum(x) OVER (ORDER BY o ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)": Reach(0, 2),
    "max(x) OVER (ORDER BY o RANGE BETWEEN 86399999999 PRECEDING AND CURRENT ROW)": Reach(
        86399999999, 0, True
    ),
    "sum(x) OVER (ORDER BY o ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)": None,
    "sum(x) OVER (ORDER BY o)": None,
}


@pytest.mark.parametrize(("text", "reach"), REACHES.items())
def test_reach(text: str, reach: Reach | None) -> None:
    window = sqlglot.parse_one(text, dialect="spark")
    assert isinstance(window, exp.Window)
    assert reach_of(window) == reach


def test_the_wider_reach_counts() -> None:
    assert Reach(3, 0) | Reach(1, 2) == Reach(3, 2)
