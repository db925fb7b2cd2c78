"""MLflow, imported here only. Runs are logged from plain values; what fails is told, not raised."""

from sparkfeat.tracking.config import ServerConfig, TrackingConfig
from sparkfeat.tracking.log import log_run
from sparkfeat.tracking.place import Place, find_place, why_away
from sparkfeat.tracking.records import Column, DatasetRecord, Logged, ModelRecord, RunRecord, StepMetric
from sparkfeat.tracking.registry import (
    Registered,
    add_version,
    download,
    find_version,
    load_pipeline,
    promote,
    tag_version,
)
from sparkfeat.tracking.secrets import hidden

__all__ = [
    "Column",
    "DatasetRecord",
    "Logged",
    "ModelRecord",
    "Place",
    "Registered",
    "RunRecord",
    "ServerConfig",
    "StepMetric",
    "TrackingConfig",
    "add_version",
    "download",
    "find_place",
    "find_version",
    "hidden",
    "load_pipeline",
    "log_run",
    "promote",
    "tag_version",
    "why_away",
]
