"""What stands at each position of the feature vector, back to the columns of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Slot:
    """One position of a vector.

    Args:
        name: short and unique within its vector, as in `kind = a`.
        sources: the columns of the table it was made of.
        meaning: how it was made, in words.
        group: the category that this position is one of; empty for a number.
    """

    name: str
    sources: tuple[str, ...]
    meaning: str
    group: str = ""

    def then(self, step: str) -> Slot:
        """Return the slot after one more step; an empty text leaves it as it is."""
        return replace(self, meaning=f"{self.meaning}, {step}") if step else self


Layout = Mapping[str, tuple[Slot, ...]]
"""The slots of each column: one for a number, several for an array or a vector."""


def slots_of(layout: Layout, column: str) -> tuple[Slot, ...]:
    """Return the slots of a column; one that no step made is itself."""
    return layout.get(column, (Slot(column, (column,), column),))


def sources_of(layout: Layout, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the table's columns behind several columns, each once, in order."""
    return tuple(
        dict.fromkeys(
            source for column in columns for slot in slots_of(layout, column) for source in slot.sources
        )
    )


def categorical_positions(slots: tuple[Slot, ...]) -> list[list[int]]:
    """Return the positions of each category in a vector, for SMOTE-NC.

    Args:
        slots: of the vector, from `feature_slots`.
    """
    groups: dict[str, list[int]] = {}
    for place, slot in enumerate(slots):
        if slot.group:
            groups.setdefault(slot.group, []).append(place)
    return list(groups.values())
