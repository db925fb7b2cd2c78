"""What is asked: Featuretools' definitions as frozen nodes."""

from sparkfeat.definitions.describe import describe_feature, graph_feature
from sparkfeat.definitions.duration import Duration, read_duration
from sparkfeat.definitions.features import (
    AggregationFeature,
    DirectFeature,
    Feature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    IdentityFeature,
    Primitive,
    TransformFeature,
    bases_of,
    primitive_of,
    walk,
)
from sparkfeat.definitions.read import Definitions, features_text, load_features, read_features, save_features
from sparkfeat.definitions.search import search_features

__all__ = [
    "AggregationFeature",
    "Definitions",
    "DirectFeature",
    "Duration",
    "Feature",
    "FeatureOutputSlice",
    "GroupByTransformFeature",
    "IdentityFeature",
    "Primitive",
    "TransformFeature",
    "bases_of",
    "describe_feature",
    "features_text",
    "graph_feature",
    "load_features",
    "primitive_of",
    "read_duration",
    "read_features",
    "save_features",
    "search_features",
    "walk",
]
