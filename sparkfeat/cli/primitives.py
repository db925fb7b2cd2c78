"""`sparkfeat primitives`: how well each engine computes each primitive."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from sparkfeat.cli.console import show_line, show_table, show_text

DIALECTS = ("duckdb", "spark")
CSV_COLUMNS = ("name", "kind", "origin", "duckdb", "duckdb_reason", "spark", "spark_reason")
TABLE_COLUMNS = ("name", "kind", "origin", "duckdb", "spark", "reason")


def primitives(
    form: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="How to print them.")
    ] = "table",
) -> None:
    """List the primitives and how each engine computes them; a fallback has its reason."""
    import sparkfeat as sf

    rows = [_row(row) for row in sf.list_primitives().to_dict("records")]
    if form == "json":
        show_text(json.dumps(rows, indent=2))
    elif form == "csv":
        csv.writer(sys.stdout).writerows([CSV_COLUMNS, *map(_csv_row, rows)])
    else:
        show_table(TABLE_COLUMNS, map(_table_row, rows))
        for origin in dict.fromkeys(row["origin"] for row in rows):
            show_line(_summary(origin, [row for row in rows if row["origin"] == origin]))


def _row(record: dict[Any, Any]) -> dict[str, Any]:
    """Return a row with one object a dialect."""
    row = {key: record[key] for key in ("name", "kind", "origin")}
    return row | {
        dialect: {"level": record[f"{dialect}_level"], "reason": record[f"{dialect}_reason"]}
        for dialect in DIALECTS
    }


def _summary(origin: str, rows: Sequence[dict[str, Any]]) -> str:
    exact = (
        f"{sum(row[dialect]['level'] == 'exact' for row in rows)} exact in {dialect}" for dialect in DIALECTS
    )
    return f"{origin}: {len(rows)} primitives, {', '.join(exact)}"


def _csv_row(row: dict[str, Any]) -> tuple[str, ...]:
    levels = (row[dialect][key] for dialect in DIALECTS for key in ("level", "reason"))
    return (row["name"], row["kind"], row["origin"], *levels)


def _table_row(row: dict[str, Any]) -> tuple[str, ...]:
    """Return a row that says a reason common to both dialects once."""
    levels = (row[dialect]["level"] for dialect in DIALECTS)
    reasons = dict.fromkeys(row[dialect]["reason"] for dialect in DIALECTS)
    return (row["name"], row["kind"], row["origin"], *levels, "; ".join(filter(None, reasons)))
