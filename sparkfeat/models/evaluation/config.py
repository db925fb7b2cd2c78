"""How a model is judged."""

from __future__ import annotations

from pydantic import Field

from sparkfeat.configuration import Section


class EvaluationConfig(Section):
    """What is measured beside the metrics themselves, and how finely."""

    replicates: int = Field(
        200, ge=0, le=5_000, description="Bootstrap samples for intervals; 0: no intervals"
    )
    confidence: float = Field(0.95, gt=0.5, lt=1, description="Share of the samples that an interval holds")
    slices: list[str] = Field([], description="Columns whose values have metrics of their own")
    max_slices: int = Field(20, ge=1, le=100, description="Most frequent values shown of each of them")
    false_positive_cost: float = Field(1.0, ge=0, description="For the curve of costs by threshold")
    false_negative_cost: float = Field(1.0, ge=0, description="For the curve of costs by threshold")
    permutations: int = Field(5, ge=2, le=50, description="Shuffles of each feature for its importance")
    permutation_rows: int = Field(5_000, ge=100, description="Most rows that are shuffled and scored again")
    baselines: bool = Field(True, description="Whether the same training runs on less, to compare with")
    seed: int = Field(0, description="Of the bootstrap and of the shuffles")
