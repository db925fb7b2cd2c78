"""Functions of a window of rows before a row in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.primitives.rows import Row

ROLLING: tuple[Row, ...] = ()
