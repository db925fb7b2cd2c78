"""The table of primitives: how each is computed in each dialect, and why where it is not SQL."""

from __future__ import annotations

import pandas as pd

from sparkfeat.definitions.catalog import catalog
from sparkfeat.primitives.families import ROWS
from sparkfeat.primitives.support import NO_SQL
from sparkfeat.sql import DIALECTS


def list_primitives() -> pd.DataFrame:
    """Return a row for each primitive.

    Columns: name, kind ('aggregation' or 'transform'), origin ('featuretools'), and for each of duckdb
    and spark a level ('exact' or 'fallback') and a reason, empty for exact ones.
    """
    return pd.DataFrame([_row(entry.name, entry.kind) for entry in catalog()])


def _row(name: str, kind: str) -> dict[str, str]:
    exact = name in ROWS
    level = {"level": "exact" if exact else "fallback", "reason": "" if exact else NO_SQL}
    found = {"name": name, "kind": kind, "origin": "featuretools"}
    return found | {f"{dialect}_{key}": value for dialect in DIALECTS for key, value in level.items()}


def as_markdown() -> str:
    """Return docs/primitives.md: the table of primitives, made from the rows."""
    table = list_primitives()
    exact = int((table["duckdb_level"] == "exact").sum())
    lines = [
        "# Primitives",
        "",
        "Made from `sparkfeat/primitives/` by `make docs`; `make check` fails while it is out of date.",
        "",
        f"{exact} of Featuretools' {len(table)} primitives are computed by SQL, exactly; the others by",
        "Featuretools itself, beside them in the same matrix. A call whose arguments SQL cannot do exactly",
        "goes there too; `explain()` says why.",
        "",
        "| primitive | kind | duckdb | spark | reason |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.kind} | {row.duckdb_level} | {row.spark_level} | {row.duckdb_reason} |"
        for row in table.itertuples(index=False)
    ]
    return "\n".join(lines) + "\n"
