"""Checks for users' tests: an engine's values against those of Featuretools itself."""

from __future__ import annotations

from sparkfeat.testing.parity import KnownDifference, assert_parity, known_difference

__all__ = ["KnownDifference", "assert_parity", "known_difference"]
