"""Measures sparkfeat against the alternatives: `python -m benchmarks.run --help`."""

from __future__ import annotations
