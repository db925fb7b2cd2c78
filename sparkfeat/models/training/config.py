"""What to learn, with which algorithms, and how the best is chosen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sparkfeat.configuration import Section
from sparkfeat.models.calibration import CalibrationConfig
from sparkfeat.models.preprocessing.config import PreprocessingConfig
from sparkfeat.models.sampling.config import ImbalanceConfig
from sparkfeat.models.settings import Label, ModelConfig, Problem, SearchConfig
from sparkfeat.models.splits.config import SplitConfig
from sparkfeat.models.threshold import ThresholdConfig

__all__ = ["ModelConfig", "SearchConfig", "TrainingConfig"]


class TrainingConfig(Section):
    """A whole training: everything but the table and its roles."""

    problem: Literal["auto"] | Problem = Field(
        "auto", description="auto: two values, strings and booleans are classes; other numbers are predicted"
    )
    positive: Label | None = Field(
        None, description="The positive class; default: the last in order (True, 1)"
    )
    classes: list[Label] | None = Field(
        None, description="All classes there can be; any other label is an error"
    )
    missing_labels: Literal["error", "drop"] = Field(
        "error", description="What to do with rows without a label"
    )
    models: list[ModelConfig] = Field([], description="Default: logistic_regression, or linear_regression")
    preprocessing: PreprocessingConfig = PreprocessingConfig()
    imbalance: ImbalanceConfig = ImbalanceConfig()
    search: SearchConfig = SearchConfig()
    split: SplitConfig = SplitConfig()
    calibration: CalibrationConfig = CalibrationConfig()
    threshold: ThresholdConfig = ThresholdConfig()
    user: str | None = Field(
        None, description="recommendation: the column of users; default: the instance id"
    )
    item: str | None = Field(None, description="recommendation: the column of items")
    learning_curve: list[Annotated[float, Field(gt=0, le=1)]] = Field(
        [],
        max_length=10,
        description="Shares of the training rows to learn from, to see what more rows bring",
    )
    seed: int = 0
