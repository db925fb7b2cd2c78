"""The plan as SQL: one lowering, two dialects."""

from sparkfeat.sql.dialect import CutoffTime, Dialect
from sparkfeat.sql.lower import DIALECTS, Cte, Lowered, lower, needed, with_ctes

__all__ = ["DIALECTS", "Cte", "CutoffTime", "Dialect", "Lowered", "lower", "needed", "with_ctes"]
