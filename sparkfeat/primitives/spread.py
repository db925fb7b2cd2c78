"""Aggregations of how values lie around their mean in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.primitives.rows import Row

SPREAD: tuple[Row, ...] = ()
