"""How an EntitySet shows itself, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from sparkfeat.entityset.schema import Relationship, Table


def as_text(name: str, tables: Mapping[str, Table], relationships: Iterable[Relationship]) -> str:
    """Return the tables with rows and keys, and the relationships, a line each."""
    lines = [f"EntitySet: {name}", "  DataFrames:"]
    lines += [f"    {_table_line(table)}" for table in tables.values()] or ["    none"]
    lines += ["  Relationships:"]
    lines += [f"    {link}" for link in relationships] or ["    none"]
    return "\n".join(lines)


def _table_line(table: Table) -> str:
    time = f", time {table.time_index}" if table.time_index else ""
    return f"{table.name}: {len(table.columns)} columns, index {table.index}{time}; {table.source.describe()}"


def as_html(name: str, tables: Mapping[str, Table], relationships: Iterable[Relationship]) -> str:
    """Return the same as an HTML fragment for notebooks."""
    head = "".join(f"<th>{title}</th>" for title in ("dataframe", "columns", "index", "time index", "rows"))
    rows = "".join(_html_row(table) for table in tables.values())
    links = "".join(f"<li>{escape(str(link))}</li>" for link in relationships)
    return (
        f"<div><strong>EntitySet: {escape(name)}</strong><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table><ul>{links}</ul></div>"
    )


def _html_row(table: Table) -> str:
    columns = "".join(
        f"<li>{escape(column.name)}: {escape(column.logical_type)}</li>" for column in table.columns
    )
    details = f"<details><summary>{len(table.columns)}</summary><ul>{columns}</ul></details>"
    cells = (escape(table.name), details, escape(table.index), escape(table.time_index or ""))
    described = escape(table.source.describe())
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, described)) + "</tr>"
