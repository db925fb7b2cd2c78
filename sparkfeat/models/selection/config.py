"""Which features are worth computing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sparkfeat.configuration import Section


class SelectionConfig(Section):
    """The rules, in the order in which they are applied; null switches a rule off."""

    max_null_share: float | None = Field(0.98, gt=0, le=1, description="Most rows without a value")
    max_same_share: float | None = Field(
        0.999, gt=0.5, le=1, description="Most rows with one and the same value"
    )
    duplicates: bool = Field(True, description="Drop features equal to another one in every row")
    suspicious: float | None = Field(
        0.95, gt=0.5, le=1, description="AUC (regression: R2) of one feature alone from which on it is a leak"
    )
    leaking_columns: list[str] = Field(
        [], description="Columns that know the future, as dataframe.column; what is made of them goes"
    )
    drop_suspicious: bool = Field(True, description="Whether suspicious features go, or are only flagged")
    false_discovery_rate: float | None = Field(
        0.05,
        gt=0,
        lt=1,
        description="Share of useless features among those the tests keep (Benjamini-Hochberg)",
    )
    max_correlation: float | None = Field(
        0.95, gt=0, lt=1, description="Absolute correlation from which on numeric features say the same"
    )
    model_importance: bool = Field(False, description="Drop what a forest uses no more than random columns")
    keep_information: float | None = Field(
        0.98, gt=0, le=1, description="Share of the information to keep; the dearest features for it go"
    )
    wrapper: Literal["none", "forward", "backward"] = Field(
        "none", description="Add or drop features one at a time by what a linear model predicts without them"
    )
    wrapper_gain: float = Field(1e-3, ge=0, description="Least gain in R2 on rows held back for a feature")
    wrapper_evaluations: int = Field(5_000, ge=1, description="Most linear models that are compared")
    wrapper_seconds: float = Field(60.0, gt=0, description="Begin no comparison after this long")
    max_features: int | None = Field(None, ge=1, description="Keep no more than this, the most informative")
    bins: int = Field(20, ge=2, le=100, description="Parts that the values of a feature are cut into")
    seed: int = 0
