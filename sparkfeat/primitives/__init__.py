"""How each primitive is written in SQL: one row a primitive, in tuples by category."""

from sparkfeat.primitives.macros import MACROS
from sparkfeat.primitives.rows import Level, Row, Shape
from sparkfeat.primitives.support import find_row, reason_against

__all__ = ["MACROS", "Level", "Row", "Shape", "find_row", "reason_against"]
