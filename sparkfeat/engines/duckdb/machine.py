"""What DuckDB may use, as it says itself."""

from __future__ import annotations

import tempfile

from sparkfeat.engines.duckdb.engine import DuckDBOptions, Session
from sparkfeat.engines.memory import Machine, size_in_bytes


def machine_of(session: Session, options: DuckDBOptions) -> Machine:
    """Return the threads, the memory limit and the folder that a session spills to."""
    rows = session.table("SELECT name, value FROM duckdb_settings()").to_pylist()
    found = {row["name"]: row["value"] for row in rows}
    folder = options.temp_directory or tempfile.gettempdir()
    return Machine(int(found["threads"]), "thread", size_in_bytes(found["memory_limit"]), folder)
