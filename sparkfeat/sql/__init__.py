"""The plan as SQL: one lowering, two dialects."""

from sparkfeat.sql.dialect import CutoffTime, Dialect
from sparkfeat.sql.lower import DIALECTS, lower

__all__ = ["DIALECTS", "CutoffTime", "Dialect", "lower"]
