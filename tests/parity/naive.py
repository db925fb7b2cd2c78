"""The time rules, written down once more and as plainly as they can be: an oracle that shares no code.

Rows are dicts. A transaction counts for a customer when it, its session and the customer are all visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """What is visible at a cutoff: see `visible`. Window and gap are lengths of time, or None."""

    include_cutoff_time: bool = True
    window: Any = None
    gap: Any = None


def visible(time: Any, cutoff: Any, rule: Rule) -> bool:
    """Whether a row of `time` is known at `cutoff`; a row without a time never is."""
    if time is None:
        return False
    end = cutoff if rule.gap is None else cutoff - rule.gap
    if not (time <= end if rule.include_cutoff_time else time < end):
        return False
    if rule.window is None:
        return True
    start = end - rule.window
    return bool(time > start if rule.include_cutoff_time else time >= start)


def totals(tables: dict[str, list[Row]], customer: Any, cutoff: Any, rule: Rule) -> Row | None:
    """Return what a customer's transactions amount to at a cutoff; None for no answer (no cutoff)."""
    if cutoff is None:
        return None
    alive = [row["id"] for row in tables["customers"] if visible(row["time"], cutoff, rule)]
    sessions = [row for row in tables["sessions"] if row["customer"] == customer and customer in alive]
    open_ones = {row["id"] for row in sessions if visible(row["time"], cutoff, rule)}
    reached = [row for row in tables["transactions"] if row["session"] in open_ones]
    amounts = [row["amount"] for row in reached if visible(row["time"], cutoff, rule)]
    ends = {"min": min(amounts), "max": max(amounts)} if amounts else {"min": None, "max": None}
    return {"sessions": len(open_ones), "count": len(amounts), "sum": sum(amounts)} | ends
