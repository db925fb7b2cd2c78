"""How each primitive is written in SQL: one row a primitive, in tuples by category."""

from sparkfeat.primitives.custom import register_primitive, unregister_primitive
from sparkfeat.primitives.macros import MACROS
from sparkfeat.primitives.rows import LETTERS, Level, Row, Shape
from sparkfeat.primitives.support import find_row, reason_against

__all__ = [
    "LETTERS",
    "MACROS",
    "Level",
    "Row",
    "Shape",
    "find_row",
    "reason_against",
    "register_primitive",
    "unregister_primitive",
]
