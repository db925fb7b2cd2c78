"""Snapshots for these tests."""

from __future__ import annotations

from tests.snapshots.fixture import pytest_addoption, snapshot

__all__ = ["pytest_addoption", "snapshot"]
