"""Feature definitions as frozen nodes: what is asked for, with no engine in sight."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from sparkfeat.definitions.duration import Duration
from sparkfeat.entityset.schema import Relationship

Scalar = bool | int | float | str | None
Default = Scalar | tuple[Scalar, ...]
"""What stands in place of nulls: of a multi-output feature, one for each output."""


@dataclass(frozen=True)
class Primitive:
    """One primitive with its arguments.

    `arguments` holds every constructor argument, defaults included. `default` is the value for
    instances without data; None stands for null. `custom` is the class of a user's primitive, None
    for Featuretools' own: users may call theirs as they like.
    """

    name: str
    arguments: tuple[tuple[str, Hashable], ...] = ()
    default: Scalar = None
    outputs: int = 1
    uses_full_dataframe: bool = False
    uses_calc_time: bool = False
    custom: type | None = None

    @property
    def standard(self) -> bool:
        """Whether Featuretools ships the primitive."""
        return self.custom is None

    def argument(self, name: str) -> Hashable:
        """Return an argument's value."""
        return dict(self.arguments)[name]


@dataclass(frozen=True, eq=False)
class Feature:
    """A column to compute for the rows of `table`; equal only to itself.

    `names` are the output columns: one, or several for a multi-output primitive.
    """

    table: str
    names: tuple[str, ...]
    logical_type: str | None
    semantic_tags: frozenset[str]

    @property
    def name(self) -> str:
        """Name of the feature, the first output's for a multi-output one."""
        return self.names[0]

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the feature: two features of one table and the same names are one column."""
        return self.table, "\n".join(self.names)

    @property
    def default(self) -> Scalar:
        """Value for instances without data; None is null."""
        return None

    @property
    def column_default(self) -> Default:
        """The default of the column that holds the values: lists, of a multi-output feature."""
        several = len(self.names) > 1 and self.default is not None
        return (self.default,) * len(self.names) if several else self.default

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """Features this one is computed from."""
        return ()


@dataclass(frozen=True, eq=False)
class IdentityFeature(Feature):
    """A column of the table itself."""

    column: str


@dataclass(frozen=True, eq=False)
class DirectFeature(Feature):
    """A feature of the parent row that a row points at."""

    base: Feature
    relationship: Relationship

    @property
    def default(self) -> Scalar:
        """The base's default: what a missing parent gives."""
        return self.base.default

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The parent's feature."""
        return (self.base,)


@dataclass(frozen=True, eq=False)
class AggregationFeature(Feature):
    """A statistic of the rows that point at a row, along `path`, nearest table first."""

    primitive: Primitive
    bases: tuple[Feature, ...]
    path: tuple[Relationship, ...]
    where: Feature | None = None
    use_previous: Duration | int | None = None

    @property
    def default(self) -> Scalar:
        """The primitive's default."""
        return self.primitive.default

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The child table's features, the condition included."""
        return (*self.bases, self.where) if self.where else self.bases


@dataclass(frozen=True, eq=False)
class TransformFeature(Feature):
    """A function of features of the same row, or of the rows before it."""

    primitive: Primitive
    bases: tuple[Feature, ...]

    @property
    def default(self) -> Scalar:
        """The primitive's default."""
        return self.primitive.default

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The features it is a function of."""
        return self.bases


@dataclass(frozen=True, eq=False)
class GroupByTransformFeature(Feature):
    """A transform within the groups of rows that share a value."""

    primitive: Primitive
    bases: tuple[Feature, ...]
    groupby: Feature

    @property
    def default(self) -> Scalar:
        """The primitive's default."""
        return self.primitive.default

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The features it is a function of, and the group."""
        return (*self.bases, self.groupby)


@dataclass(frozen=True, eq=False)
class FeatureOutputSlice(Feature):
    """One output of a multi-output feature."""

    base: Feature
    position: int

    @property
    def key(self) -> tuple[str, str]:
        """The base's, and which output: the first output is called as the base is."""
        return self.table, f"{self.base.key[1]} [{self.position}]"

    @property
    def default(self) -> Scalar:
        """The sliced feature's default."""
        return self.base.default

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The sliced feature."""
        return (self.base,)


def primitive_of(feature: Feature) -> Primitive | None:
    """Return the primitive of an aggregation or transform, None for the others."""
    if isinstance(feature, AggregationFeature | TransformFeature | GroupByTransformFeature):
        return feature.primitive
    return None


def bases_of(feature: Feature) -> tuple[Feature, ...]:
    """Return the features a primitive is applied to, without its condition or groups."""
    if isinstance(feature, AggregationFeature | TransformFeature | GroupByTransformFeature):
        return feature.bases
    return ()


def walk(feature: Feature) -> Iterator[Feature]:
    """Yield `feature` and everything it depends on, each once, inputs after what needs them."""
    seen: set[tuple[str, str]] = set()
    queue = [feature]
    while queue:
        current = queue.pop()
        if current.key not in seen:
            seen.add(current.key)
            yield current
            queue.extend(current.inputs)
