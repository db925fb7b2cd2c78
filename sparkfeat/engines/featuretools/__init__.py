"""Featuretools itself as an engine: in this process, or on Spark inside partitions of customers."""

from __future__ import annotations

from sparkfeat.engines.featuretools.local import build_entityset, compute_local
from sparkfeat.engines.featuretools.reach import partition_reason
from sparkfeat.engines.featuretools.reference import reference
from sparkfeat.engines.featuretools.spark import compute_spark

__all__ = ["build_entityset", "compute_local", "compute_spark", "partition_reason", "reference"]
