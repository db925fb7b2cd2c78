from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from typer.testing import CliRunner

import sparkfeat as sf
from sparkfeat.cli.app import app


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    answer = CliRunner().invoke(app, ["primitives", "--format", "json"])
    assert answer.exit_code == 0
    return json.loads(answer.stdout)  # type: ignore[no-any-return]


def test_json_has_a_row_for_every_primitive(rows: list[dict[str, Any]]) -> None:
    assert len(rows) == len(sf.list_primitives()) > 100
    for row in rows:
        assert set(row) == {"name", "kind", "origin", "duckdb", "spark"}
        assert row["kind"] in {"aggregation", "transform"}
        assert set(row["duckdb"]) == set(row["spark"]) == {"level", "reason"}


def test_what_is_not_exact_has_a_reason(rows: list[dict[str, Any]]) -> None:
    levels = [row[dialect] for row in rows for dialect in ("duckdb", "spark")]

    assert all(level["reason"] for level in levels if level["level"] != "exact")


def test_sum_is_exact_on_both(rows: list[dict[str, Any]]) -> None:
    (row,) = [row for row in rows if row["name"] == "sum"]

    assert row["duckdb"]["level"] == row["spark"]["level"] == "exact"


def test_csv_holds_the_same_rows(rows: list[dict[str, Any]]) -> None:
    answer = CliRunner().invoke(app, ["primitives", "--format", "csv"])

    written = list(csv.DictReader(io.StringIO(answer.stdout)))
    assert [row["name"] for row in written] == [row["name"] for row in rows]
    assert [row["spark"] for row in written] == [row["spark"]["level"] for row in rows]


def test_table_is_the_default(rows: list[dict[str, Any]]) -> None:
    answer = CliRunner().invoke(app, ["primitives"])

    assert len(answer.stdout.splitlines()) == len(rows)


def test_a_summary_follows_the_table(rows: list[dict[str, Any]]) -> None:
    answer = CliRunner().invoke(app, ["primitives"])

    for origin in ("featuretools", "sparkfeat"):
        levels = [row["spark"]["level"] for row in rows if row["origin"] == origin]
        exact = levels.count("exact")
        told = f"{origin}: {len(levels)} primitives, {exact} exact in duckdb, {exact} exact in spark"
        assert told in answer.stderr
