"""sparkfeat: deep feature synthesis at any scale.

Featuretools' definitions, computed by DuckDB on a laptop and by Spark on a cluster, with the values
that Featuretools gives, point-in-time correct.
"""

from sparkfeat import errors
from sparkfeat.definitions import load_features, save_features
from sparkfeat.engines.duckdb import DuckDBOptions
from sparkfeat.entityset import EntitySet
from sparkfeat.matrix import FeatureMatrix
from sparkfeat.support import list_primitives
from sparkfeat.synthesis import calculate_feature_matrix, dfs

__version__ = "0.1.0"

__all__ = [
    "DuckDBOptions",
    "EntitySet",
    "FeatureMatrix",
    "calculate_feature_matrix",
    "dfs",
    "errors",
    "list_primitives",
    "load_features",
    "save_features",
]
