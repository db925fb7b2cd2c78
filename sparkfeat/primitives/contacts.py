"""Addresses, names and files in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.primitives.rows import Row

CONTACTS: tuple[Row, ...] = ()
