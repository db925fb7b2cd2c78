"""The columns that transforms and aggregations add: definitions made into calls."""

from __future__ import annotations

from collections import defaultdict

from sparkfeat.definitions import (
    Feature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    TransformFeature,
    primitive_of,
)
from sparkfeat.definitions.calls import Call, input_of, output_at
from sparkfeat.entityset import EntitySet
from sparkfeat.plan.names import Names


class Calls:
    """Makes calls of features, their inputs under the names that columns have."""

    def __init__(self, entityset: EntitySet, names: Names) -> None:
        self._entityset = entityset
        self._names = names

    def levels(self, features: list[Feature]) -> list[list[Call]]:
        """Sort transforms into levels: each needs only the levels before it."""
        depths: dict[tuple[str, str], int] = {}
        levels: dict[int, list[Call]] = defaultdict(list)
        for feature in features:
            if isinstance(feature, TransformFeature | GroupByTransformFeature):
                levels[_depth(feature, depths)].append(self._transform(feature))
            elif isinstance(feature, FeatureOutputSlice):
                levels[_depth(feature, depths)].append(self._slice(feature))
        return [levels[depth] for depth in sorted(levels)]

    def _transform(self, feature: TransformFeature | GroupByTransformFeature) -> Call:
        groupby = self._names.alias(feature.groupby) if isinstance(feature, GroupByTransformFeature) else None
        return self.call(feature, feature.bases, groupby)

    def _slice(self, feature: FeatureOutputSlice) -> Call:
        base = input_of(feature.base, self._names.alias(feature.base), self._entityset)
        return Call(self._names.alias(feature), output_at(feature.position), (base,))

    def call(self, feature: Feature, bases: tuple[Feature, ...], groupby: str | None = None) -> Call:
        """Return the call of a feature's primitive on `bases`."""
        primitive = primitive_of(feature)
        assert primitive is not None
        inputs = tuple(input_of(base, self._names.alias(base), self._entityset) for base in bases)
        alias = self._names.alias(feature)
        return Call(alias, primitive, inputs, groupby, feature.column_default, feature.logical_type)


def _depth(feature: Feature, depths: dict[tuple[str, str], int]) -> int:
    """Return 0 for what comes with the rows or from other tables, else one more than the deepest input."""
    if not isinstance(feature, TransformFeature | GroupByTransformFeature | FeatureOutputSlice):
        return 0
    if feature.key not in depths:
        depths[feature.key] = 1 + max((_depth(base, depths) for base in feature.inputs), default=0)
    return depths[feature.key]
