"""One module per way of computing a workload: `run(data, output, ...)`, Parquet in, Parquet out."""

from __future__ import annotations
