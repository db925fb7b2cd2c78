"""MLflow, imported here only. Runs are logged from plain values; what fails is told, not raised."""

from sparkfeat.tracking.config import TrackingConfig
from sparkfeat.tracking.log import log_run
from sparkfeat.tracking.place import Place, find_place, why_away
from sparkfeat.tracking.records import Column, DatasetRecord, Logged, ModelRecord, RunRecord, StepMetric
from sparkfeat.tracking.registry import (
    Registered,
    add_version,
    find_version,
    load_version,
    promote,
    tag_version,
)

__all__ = [
    "Column",
    "DatasetRecord",
    "Logged",
    "ModelRecord",
    "Place",
    "Registered",
    "RunRecord",
    "StepMetric",
    "TrackingConfig",
    "add_version",
    "find_place",
    "find_version",
    "load_version",
    "log_run",
    "promote",
    "tag_version",
    "why_away",
]
