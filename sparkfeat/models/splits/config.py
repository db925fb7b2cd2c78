"""How rows are split."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

import pandas as pd
from pydantic import Field, field_validator, model_validator

from sparkfeat.configuration import Section

Method = Literal["time", "group", "random", "column"]


class SplitConfig(Section):
    """Shares of rows, and what decides where a row goes."""

    method: Literal["auto", "time", "group", "random", "column"] = Field(
        "auto",
        description="auto: by time where rows have cutoff times, else by group where one is named, else at random",
    )
    validation: float = Field(0.2, gt=0, lt=1, description="Share of rows to choose by")
    test: float = Field(0.2, ge=0, lt=1, description="Share of rows to judge by")
    validation_from: datetime | int | float | None = Field(
        None, description="First cutoff time of validation"
    )
    test_from: datetime | int | float | None = Field(None, description="First cutoff time of the test")
    horizon: str | None = Field(
        None, description="How long after its cutoff time a label is known, e.g. 28 days; needs cutoff times"
    )
    gap: str | None = Field(None, description="More time to leave between the parts, e.g. 1 day")
    label_time: str | None = Field(None, description="Column that says when a label became known")
    group: str | None = Field(None, description="Column whose values stay together; default: the instance id")
    column: str | None = Field(None, description="Column that says train, validation or test")
    folds: int | None = Field(
        None,
        description="Parts of the training rows to compare candidates on; default 3, or none for one candidate",
    )
    seed: int = 0

    @field_validator("horizon", "gap")
    @classmethod
    def _is_a_duration(cls, given: str | None) -> str | None:
        if given is not None and not pd.Timedelta(given) >= pd.Timedelta(0):
            raise ValueError(f"'{given}' is no length of time: write it as 28 days or 12 hours")
        return given

    @field_validator("folds")
    @classmethod
    def _enough_folds(cls, given: int | None) -> int | None:
        if given is not None and given != 0 and given < 2:
            raise ValueError("folds: 0 (compare on the validation rows), or at least 2")
        return given

    @model_validator(mode="after")
    def _shares_leave_rows_to_learn_from(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test leave nothing to learn from: together they must be below 1")
        if (self.method == "column") != (self.column is not None):
            raise ValueError(
                "method: column needs the name of the column in `column`, and the other way round"
            )
        return self

    @property
    def wait(self) -> pd.Timedelta:
        """How long after a training row's cutoff time the next part may begin."""
        return pd.Timedelta(self.horizon or 0) + pd.Timedelta(self.gap or 0)
