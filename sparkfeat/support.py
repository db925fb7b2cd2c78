"""The table of primitives: how each is computed in each dialect, and why where it is not SQL."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sparkfeat.definitions.catalog import catalog, kind_of
from sparkfeat.definitions.own import OWN
from sparkfeat.primitives.custom import custom_rows
from sparkfeat.primitives.families import ROWS, WITHOUT_SQL, family_of
from sparkfeat.primitives.own import OWN_ROWS
from sparkfeat.primitives.support import OWN_FUNCTION, missing_dialect
from sparkfeat.sql import DIALECTS


def list_primitives() -> pd.DataFrame:
    """Return a row for each primitive.

    Columns: name, kind ('aggregation' or 'transform'), origin ('featuretools', 'sparkfeat' for those of
    `sf.primitives`, or 'custom' for those registered by `register_primitive`), and for each of duckdb and
    spark a level ('exact' where SQL computes it, or 'fallback') and a reason, empty for exact ones.
    """
    return pd.DataFrame([*_standard(), *_own(), *_custom()])


def _standard() -> list[dict[str, str]]:
    found = []
    for entry in catalog():
        level = ("exact", "") if entry.name in ROWS else ("fallback", WITHOUT_SQL[entry.name])
        found.append(_row(entry.name, entry.kind, "featuretools", dict.fromkeys(DIALECTS, level)))
    return found


def _own() -> list[dict[str, str]]:
    found = []
    for name, primitive in OWN.items():
        level = ("exact", "") if primitive in OWN_ROWS else ("fallback", OWN_FUNCTION)
        found.append(_row(name, str(kind_of(primitive)), "sparkfeat", dict.fromkeys(DIALECTS, level)))
    return found


def _custom() -> list[dict[str, str]]:
    found = []
    for primitive, row in custom_rows().items():
        without = ("fallback", missing_dialect(row))
        levels = {name: ("exact", "") if name in row.dialects else without for name in DIALECTS}
        found.append(_row(row.name, str(kind_of(primitive)), "custom", levels))
    return found


def _row(name: str, kind: str, origin: str, levels: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    found = {"name": name, "kind": kind, "origin": origin}
    for dialect, (level, reason) in levels.items():
        found |= {f"{dialect}_level": level, f"{dialect}_reason": reason}
    return found


def as_markdown() -> str:
    """Return docs/primitives.md: the tables of Featuretools' primitives and of sparkfeat's."""
    table = pd.DataFrame(_standard())
    exact = int((table["duckdb_level"] == "exact").sum())
    lines = [
        "# Primitives",
        "",
        "Made from `sparkfeat/primitives/` by `make docs`; `make check` fails while it is out of date.",
        "",
        f"{exact} of Featuretools' {len(table)} primitives are computed by SQL, exactly; the others by",
        "Featuretools itself, beside them in the same matrix. A call whose arguments SQL cannot do exactly",
        "goes there too; `explain()` says why. Each name leads to the cases in which it is compared with",
        "Featuretools on both engines.",
        "",
        *_table(table),
        "",
        "## sparkfeat's own",
        "",
        "See [Primitives beyond Featuretools'](own-primitives.md).",
        "",
        *_table(pd.DataFrame(_own())),
    ]
    return "\n".join(lines) + "\n"


def _table(primitives: pd.DataFrame) -> list[str]:
    lines = ["| primitive | kind | duckdb | spark | reason |", "|---|---|---|---|---|"]
    for row in primitives.itertuples(index=False):
        told = (_linked(str(row.name)), row.kind, row.duckdb_level, row.spark_level, row.duckdb_reason)
        lines.append(f"| {' | '.join(map(str, told))} |")
    return lines


def _linked(name: str) -> str:
    own = OWN.get(name)
    family = family_of(name) if own is None else f"own_{own.__module__.rpartition('.')[2]}"
    return f"[{name}](../tests/parity/cases/{family}.py)"
