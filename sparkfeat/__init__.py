"""sparkfeat: deep feature synthesis at any scale.

Featuretools' definitions, computed by DuckDB on a laptop and by Spark on a cluster, with the values
that Featuretools gives, point-in-time correct.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sparkfeat import errors

if TYPE_CHECKING:
    from sparkfeat import primitives, testing
    from sparkfeat.definitions import describe_feature, graph_feature, load_features, save_features
    from sparkfeat.engines.duckdb import DuckDBOptions
    from sparkfeat.entityset import EntitySet
    from sparkfeat.matrix import FeatureMatrix
    from sparkfeat.primitives import register_primitive, unregister_primitive
    from sparkfeat.storage.manifest import read_manifest
    from sparkfeat.storage.read import read_matrix
    from sparkfeat.support import list_primitives
    from sparkfeat.synthesis import calculate_feature_matrix, dfs

__version__ = "0.1.0"

# Imported when first used: Featuretools takes seconds to import, and `sparkfeat --help` needs none of it.
_HOMES = {
    "DuckDBOptions": "sparkfeat.engines.duckdb",
    "EntitySet": "sparkfeat.entityset",
    "FeatureMatrix": "sparkfeat.matrix",
    "calculate_feature_matrix": "sparkfeat.synthesis",
    "describe_feature": "sparkfeat.definitions",
    "dfs": "sparkfeat.synthesis",
    "graph_feature": "sparkfeat.definitions",
    "list_primitives": "sparkfeat.support",
    "load_features": "sparkfeat.definitions",
    "read_manifest": "sparkfeat.storage.manifest",
    "read_matrix": "sparkfeat.storage.read",
    "register_primitive": "sparkfeat.primitives",
    "save_features": "sparkfeat.definitions",
    "unregister_primitive": "sparkfeat.primitives",
}
_MODULES = ("primitives", "testing")

__all__ = [
    "DuckDBOptions",
    "EntitySet",
    "FeatureMatrix",
    "calculate_feature_matrix",
    "describe_feature",
    "dfs",
    "errors",
    "graph_feature",
    "list_primitives",
    "load_features",
    "primitives",
    "read_manifest",
    "read_matrix",
    "register_primitive",
    "save_features",
    "testing",
    "unregister_primitive",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"sparkfeat.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'sparkfeat' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
