"""Which rows a trie node is computed on."""

from __future__ import annotations

from collections.abc import Iterable

from sparkfeat.definitions import (
    DirectFeature,
    Feature,
    GroupByTransformFeature,
    IdentityFeature,
    TransformFeature,
    primitive_of,
)
from sparkfeat.definitions.facts import INSTANCE_SET_TRANSFORMS, PREFIX_TRANSFORMS
from sparkfeat.entityset import Relationship, Table
from sparkfeat.plan.cutoffs import TimeRule, Visibility
from sparkfeat.plan.nodes import ChildRows, Rows
from sparkfeat.plan.trie import PathNode


def columns_of(node: PathNode, table: Table, extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the columns the rows of a trie node must have: keys, identity features, order."""
    names = [table.index]
    names += [feature.column for feature in node.features.values() if isinstance(feature, IdentityFeature)]
    for edge, below in node.children.items():
        link = edge.relationship
        names.append(link.child_column if edge.forward else link.parent_column)
        names += [] if edge.forward else [base.column for _, base in climbing(below, link)]
    if node.ordered:
        names += table.order
    if node.timed and table.time_index is not None:
        names.append(table.time_index)
    return tuple(dict.fromkeys([*names, *extra]))


def ancestor(distance: int) -> str:
    """Return the column that holds the key of the ancestor so many steps up."""
    return f"__up{distance}"


def climbing(node: PathNode, link: Relationship) -> list[tuple[DirectFeature, IdentityFeature]]:
    """Return the columns of the parent that the rows of a node ask for, which came down from it by `link`.

    Only those of the rows reached: their parents are at hand, and as visible as they are.
    """
    return [
        (feature, feature.base)
        for feature in node.rest.values()
        if isinstance(feature, DirectFeature)
        and feature.relationship == link
        and isinstance(feature.base, IdentityFeature)
    ]


def carried_keys(node: PathNode, parent: Rows) -> tuple[tuple[str, str], ...]:
    """Return the ancestors' keys a child takes over: (column here, column of the parent's rows)."""
    return tuple((ancestor(up), _source(parent, up)) for up in sorted(node.carried))


def _source(parent: Rows, up: int) -> str:
    if up > 2:
        return ancestor(up - 1)
    assert isinstance(parent, ChildRows)
    return parent.relationship.child_column


def is_lookup(node: PathNode, visible: Visibility) -> bool:
    """Tell whether a parent's features depend on nothing but the parent's own row.

    Then its table can be joined as it is, without asking which of its rows are needed.
    """
    return not (node.children or node.binned or visible.masks) and all(
        is_row_local(f) for f in node.features.values()
    )


def is_stable(node: PathNode, table: Table, visible: Visibility, rule: TimeRule) -> bool:
    """Tell whether a node's full features have one value per row at every cutoff time that sees the row.

    So it is with functions of the rows before a row, when rows come by time and none drops out of a
    window or is masked; and with any function of a table without time.
    """
    if visible.masks or rule.training_window is not None or not table.ordered_by_time:
        return False
    return all(is_row_local(f) or _prefix(f) or _timeless(f, table) for f in node.full.values())


def is_row_local(feature: Feature) -> bool:
    """Tell whether a feature is a function of its row, whatever the time."""
    if isinstance(feature, IdentityFeature):
        return True
    primitive = primitive_of(feature)
    return (
        isinstance(feature, TransformFeature)
        and primitive is not None
        and primitive.standard
        and not (primitive.uses_full_dataframe or primitive.uses_calc_time)
        and primitive.name not in INSTANCE_SET_TRANSFORMS
    )


def _prefix(feature: Feature) -> bool:
    """Tell whether a transform looks back only; a negative shift looks ahead."""
    primitive = primitive_of(feature)
    if primitive is not None and getattr(primitive.custom, "looks_back", False):
        return True
    if primitive is None or not primitive.standard or primitive.name not in PREFIX_TRANSFORMS:
        return False
    shifts = [value for name, value in primitive.arguments if name in {"periods", "gap"}]
    return all(isinstance(shift, int) and shift >= 0 for shift in shifts)


def _timeless(feature: Feature, table: Table) -> bool:
    """Tell whether a feature is made of a timeless table's own columns: what other tables hold has a time."""
    primitive = primitive_of(feature)
    own = isinstance(feature, TransformFeature | GroupByTransformFeature)
    return table.time_index is None and own and primitive is not None and not primitive.uses_calc_time
