"""Trie nodes as they are built: which relations their features are found in."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparkfeat.entityset import Table
from sparkfeat.plan.cutoffs import Visibility
from sparkfeat.plan.nodes import Node
from sparkfeat.plan.trie import Edge


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


@dataclass
class Place:
    """A trie node as built: the rows reached, all rows where they are needed, and the places below."""

    table: Table
    label: str
    reached: Found
    full: Found | None = None
    children: dict[Edge, Place] = field(default_factory=dict)

    def relation(self, *, full: bool) -> Found:
        """Return the relation that features on full rows, or on the rows reached, are found in."""
        return self.full if full and self.full is not None else self.reached
