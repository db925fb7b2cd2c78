"""The configuration that `sparkfeat select` reads."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sparkfeat.configuration import Location, Section
from sparkfeat.models.selection import SelectionConfig


class SelectConfig(Section):
    """Features to select on some of the instances of a feature matrix, before all are computed."""

    compute: Location = Field(
        description="The configuration of `sparkfeat compute` whose features are candidates"
    )
    label: str = Field(description="Column of the cutoff times' table to be told, not a feature")
    problem: Literal["binary", "multiclass", "regression"] = "binary"
    pilot_rows: int = Field(5_000, ge=50, description="About so many cutoff rows, all of an instance or none")
    output: Location = Field(
        description="Folder for features.json, selection.json, selection.csv, selection.png"
    )
    selection: SelectionConfig = SelectionConfig()
