"""Which rows, in what order: definitions and time rules as a graph of relational nodes."""

from sparkfeat.plan.build import Part, Plan, build_plan
from sparkfeat.plan.cutoffs import CutoffShape, TimeRule

__all__ = ["CutoffShape", "Part", "Plan", "TimeRule", "build_plan"]
