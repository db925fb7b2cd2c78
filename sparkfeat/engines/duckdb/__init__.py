"""The embedded engine: DuckDB in this process."""

from sparkfeat.engines.duckdb.engine import DuckDBOptions
from sparkfeat.engines.duckdb.runner import DuckDBRunner

__all__ = ["DuckDBOptions", "DuckDBRunner"]
