"""The partitioned engine: Spark moves each customer's rows to one partition, DuckDB computes there."""

from sparkfeat.engines.partitioned.runner import PartitionedRunner

__all__ = ["PartitionedRunner"]
