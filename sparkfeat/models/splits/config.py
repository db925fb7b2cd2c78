"""How rows are split."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sparkfeat.configuration import Section
from sparkfeat.definitions.duration import read_duration
from sparkfeat.errors import CutoffError

Method = Literal["time", "group", "random", "column"]


class SplitConfig(Section):
    """Shares of rows, and what decides where a row goes."""

    method: Literal["auto", "time", "group", "random", "column"] = Field(
        "auto",
        description="auto: by time where rows have cutoff times, by group where one is named, else at random",
    )
    validation: float = Field(0.2, gt=0, lt=1, description="Share of rows to choose by")
    test: float = Field(0.2, ge=0, lt=1, description="Share of rows to judge by")
    validation_from: datetime | int | float | None = Field(
        None, description="First cutoff time of validation"
    )
    test_from: datetime | int | float | None = Field(None, description="First cutoff time of the test")
    horizon: str | None = Field(
        None, description="How long after its cutoff time a label is known, e.g. 28 days"
    )
    gap: str | None = Field(None, description="More time to leave between the parts, e.g. 1 day")
    label_time: str | None = Field(None, description="Column that says when a label became known")
    group: str | None = Field(None, description="Column whose values stay together; default: the instance id")
    column: str | None = Field(None, description="Column that says train, validation or test")
    folds: int | None = Field(
        None,
        description="Parts of the training rows to compare candidates on; default: 3, or 0 for one candidate",
    )
    seed: int = 0

    @field_validator("horizon", "gap")
    @classmethod
    def _is_a_duration(cls, given: str | None) -> str | None:
        try:
            if given is not None:
                read_duration(given, "horizon or gap")
        except CutoffError as error:
            raise ValueError(str(error)) from error
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
    def wait(self) -> int:
        """Microseconds from a row's cutoff time to the first one of the next part."""
        return microseconds(self.horizon) + microseconds(self.gap)


def microseconds(given: str | None) -> int:
    """Return the length of "28 days" or "1 mo" in microseconds, 0 for None; a month counts as 31 days."""
    if given is None:
        return 0
    duration = read_duration(given, "horizon or gap")
    return duration.months * 31 * 86_400_000_000 + duration.microseconds
