"""The configuration of preprocessing: a list of steps, each with the columns that it is for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveInt

from sparkfeat.configuration import Section


def _one_or_many(given: object) -> object:
    return [given] if isinstance(given, str) else given


Columns = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
"""`numeric`, `boolean`, `categorical`, `times`, `all`, names, or patterns with `*` and `?`."""


class ImputeStep(Section):
    """Fill missing values; mark them in columns of their own where `indicators` is true."""

    step: Literal["impute"] = "impute"
    columns: Columns = ("numeric", "times")
    strategy: Literal["mean", "median", "mode", "constant"] = "median"
    value: float = 0.0
    text: str = "missing"
    indicators: bool = False


class ScaleStep(Section):
    """Bring numbers to a common scale."""

    step: Literal["scale"] = "scale"
    columns: Columns = ("numeric", "times")
    method: Literal["standard", "minmax", "robust", "maxabs"] = "standard"


class OneHotStep(Section):
    """Give each of the most frequent categories a position of its own, and one to all others."""

    step: Literal["one_hot"] = "one_hot"
    columns: Columns = ("categorical",)
    max_categories: PositiveInt = 20


class IndexStep(Section):
    """Number the categories by frequency."""

    step: Literal["index"] = "index"
    columns: Columns = ("categorical",)
    max_categories: PositiveInt = 1_000


class FrequencyStep(Section):
    """Replace each category by its share of the training rows."""

    step: Literal["frequency"] = "frequency"
    columns: Columns = ("categorical",)
    max_categories: PositiveInt = 10_000


PreprocessingStep = Annotated[
    ImputeStep | ScaleStep | OneHotStep | IndexStep | FrequencyStep,
    Field(discriminator="step"),
]

DEFAULT_STEPS: tuple[PreprocessingStep, ...] = (
    ImputeStep(indicators=True),
    ImputeStep(columns=("boolean",), strategy="mode"),
    OneHotStep(),
    ScaleStep(),
)
"""Medians and indicators, truth values by their mode, one-hot with 20 categories, standard scaling."""


class PreprocessingConfig(Section):
    """How columns become the vector of features.

    Args:
        steps: in the order in which they run. Default: `DEFAULT_STEPS`.
        missing: what to do with a number that is missing after all steps: `error` (default) or `keep` as NaN.
    """

    steps: tuple[PreprocessingStep, ...] = DEFAULT_STEPS
    missing: Literal["error", "keep"] = "error"
