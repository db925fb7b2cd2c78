"""Trie nodes as they are built: which relations their features are found in."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparkfeat.entityset import Table
from sparkfeat.plan.cutoffs import Visibility
from sparkfeat.plan.nodes import Node
from sparkfeat.plan.spans import LastingRows, Owners, Span, Timeline, Versions
from sparkfeat.plan.trie import Edge

Way = tuple[tuple[Edge, ...], str]
"""How aggregates are found: the path down, and the column of the condition ('' for none)."""


@dataclass(frozen=True)
class Found:
    """A relation with computed features.

    `visible` is set where rows still have to be checked. `carried` are the columns of ancestors' keys that
    all rows of a table have taken over.
    """

    node: Node
    timed: bool
    visible: Visibility | None = None
    carried: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lasting:
    """Rows reached that stand once for all cutoff times that see them, with what is the same at these.

    `rows` are the table's rows, `node` those with the features called `aliases`, whose spans are in `span`.
    """

    rows: Owners | LastingRows
    node: Node
    span: Span
    timeline: Timeline
    aliases: frozenset[str]


@dataclass
class Place:
    """A trie node as built: the rows reached, all rows where they are needed, and the places below.

    `lasting` are the rows reached where those stand once for several cutoff times, `versions` the aggregates
    of the places below by the way they are found.
    """

    table: Table
    label: str
    reached: Found
    full: Found | None = None
    children: dict[Edge, Place] = field(default_factory=dict)
    lasting: Lasting | None = None
    versions: dict[Way, Versions] = field(default_factory=dict)

    def relation(self, *, full: bool) -> Found:
        """Return the relation that features on full rows, or on the rows reached, are found in."""
        return self.full if full and self.full is not None else self.reached
