"""What algorithms, their parameters and the search are called in a configuration."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from sparkfeat.configuration import Section

Problem = Literal["binary", "multiclass", "regression", "clustering", "recommendation"]
Label = StrictBool | StrictInt | StrictFloat | StrictStr
"""A class as the label column has it."""
Value = bool | int | float | str | list[int] | list[float] | None
"""A parameter of an algorithm."""
Metric = Literal[
    "roc_auc", "average_precision", "log_loss", "f1", "accuracy", "rmse", "mae", "r2", "silhouette"
]


class Range(Section):
    """Values that a random search draws from."""

    low: float
    high: float
    log: bool = Field(False, description="Draw the logarithm evenly: for step sizes and penalties")
    integer: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        if self.log and self.low <= 0:
            raise ValueError("log: low must be above 0")
        return self

    def shown(self, value: float) -> float | int:
        """Return a value as the parameter takes it."""
        return round(value) if self.integer else value


class ModelConfig(Section):
    """An algorithm with MLlib's parameters, and those to search."""

    algorithm: str = Field(examples=["logistic_regression", "gradient_boosted_trees"])
    params: dict[str, Value] = Field({}, description="MLlib's parameter -> value", examples=[{"maxDepth": 4}])
    search: dict[str, Annotated[list[Value], Field(min_length=1)] | Range] = Field(
        {}, description="MLlib's parameter -> values to try, or a range to draw from"
    )


class SearchConfig(Section):
    """How candidates are found and compared."""

    method: Literal["grid", "random"] = "grid"
    candidates: int = Field(20, ge=1, description="random: how many to draw for each model")
    parallelism: int = Field(2, ge=1, description="How many candidates are fitted at the same time")
    budget_seconds: float | None = Field(None, gt=0, description="Begin no further candidate after this long")
    metric: Metric | None = Field(
        None, description="Default: average_precision, log_loss for several classes, rmse for numbers"
    )
