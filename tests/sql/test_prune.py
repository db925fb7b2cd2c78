"""Columns that nothing reads."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from sparkfeat.sql.prune import AT_MOST_ONE, prune


def parsed(text: str) -> exp.Select:
    found = sqlglot.parse_one(text, dialect="duckdb")
    assert isinstance(found, exp.Select)
    return found


def pruned(ctes: dict[str, str], select: str) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    made = {name: parsed(text) for name, text in ctes.items()}
    read = prune(made, parsed(select), lambda _: None)
    return {name: body.sql(dialect="duckdb") for name, body in made.items()}, read


def test_what_no_later_relation_reads_is_dropped() -> None:
    made, read = pruned(
        {
            "a": "SELECT r.k AS k, r.x AS x, r.y + r.z AS y FROM t AS r WHERE r.w > 0",
            "b": "SELECT r.k AS k, sum(r.x) AS total, count(*) AS n FROM a AS r GROUP BY r.k",
        },
        "SELECT f.total AS f0 FROM b AS f",
    )

    assert made["a"] == "SELECT r.k AS k, r.x AS x FROM t AS r WHERE r.w > 0"
    assert made["b"] == "SELECT SUM(r.x) AS total FROM a AS r GROUP BY r.k"
    assert read == {"t": {"k", "x", "w"}}


def test_all_columns_of_a_relation_are_those_that_are_wanted_of_them() -> None:
    made, read = pruned(
        {
            "a": "SELECT r.k AS k, r.x AS x, r.y AS y FROM t AS r",
            "b": "SELECT r.*, j.z AS z FROM a AS r LEFT JOIN u AS j ON j.k = r.k",
        },
        "SELECT f.x AS f0, f.z AS f1 FROM b AS f",
    )

    assert made["a"] == "SELECT r.k AS k, r.x AS x FROM t AS r"
    assert read == {"t": {"k", "x"}, "u": {"k", "z"}}


def test_rows_that_are_counted_only_keep_a_column() -> None:
    made, _ = pruned({"a": "SELECT r.x AS x, r.y AS y FROM t AS r"}, "SELECT count(*) AS f0 FROM a AS f")

    assert made["a"] == "SELECT r.x AS x FROM t AS r"


def test_distinct_rows_keep_all_columns() -> None:
    made, _ = pruned({"a": "SELECT DISTINCT r.x AS x, r.y AS y FROM t AS r"}, "SELECT f.x AS f0 FROM a AS f")

    assert made["a"] == "SELECT DISTINCT r.x AS x, r.y AS y FROM t AS r"


def test_in_a_nested_select_a_name_counts_for_every_relation() -> None:
    made, read = pruned(
        {
            "a": "SELECT r.x AS x, r.y AS y FROM t AS r",
            "b": "SELECT k.x AS x FROM (SELECT c.y AS x FROM a AS c) AS k JOIN u AS r ON r.x = k.x",
        },
        "SELECT f.x AS f0 FROM b AS f",
    )

    assert made["a"] == "SELECT r.x AS x, r.y AS y FROM t AS r"
    assert read == {"t": {"x", "y"}, "u": {"x", "y"}}


def test_a_join_that_finds_nothing_wanted_is_dropped_with_what_it_reads() -> None:
    select = parsed("SELECT f.x AS f0 FROM b AS f")
    made = {
        "a": parsed("SELECT r.k AS k, sum(r.z) AS z FROM u AS r GROUP BY r.k"),
        "b": parsed("SELECT r.*, j1.z AS z FROM t AS r LEFT JOIN a AS j1 ON j1.k = r.k"),
    }
    (join,) = made["b"].args["joins"]
    join.meta[AT_MOST_ONE] = True
    released: list[str] = []

    read = prune(made, select, released.append)

    assert {name: body.sql() for name, body in made.items()} == {"b": "SELECT r.* FROM t AS r"}
    assert read == {"t": {"x"}}
    assert released == ["a", "u"]


def test_a_join_without_wanted_columns_stays_where_it_may_find_several_rows() -> None:
    text = "SELECT r.x AS x FROM t AS r LEFT JOIN u AS j1 ON j1.k = r.k"

    made, _ = pruned({"b": text}, "SELECT f.x AS f0 FROM b AS f")

    assert made["b"] == text
