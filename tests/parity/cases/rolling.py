"""Functions of a window of rows, as they are tried."""

from __future__ import annotations

from tests.parity.cases.case import Case

CASES: dict[str, Case] = {}
