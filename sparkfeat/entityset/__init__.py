"""Tables, keys, times and relationships: what features are made of."""

from sparkfeat.entityset.entityset import EntitySet
from sparkfeat.entityset.schema import POSITION, Column, Relationship, Table
from sparkfeat.entityset.sources import ArrowSource, ParquetSource, Source, SparkSource

__all__ = [
    "POSITION",
    "ArrowSource",
    "Column",
    "EntitySet",
    "ParquetSource",
    "Relationship",
    "Source",
    "SparkSource",
    "Table",
]
