"""The configuration of preprocessing: a list of steps, each with the columns that it is for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from sparkfeat.configuration import Section


def _one_or_many(given: object) -> object:
    return [given] if isinstance(given, str) else given


Columns = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
"""`numeric`, `boolean`, `categorical`, `times`, `all`, names, or patterns with `*` and `?`."""


Share = Annotated[float, Field(ge=0, le=1)]


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


class HashStep(Section):
    """Give each category the position of its hash."""

    step: Literal["hash"] = "hash"
    columns: Columns = ("categorical",)
    buckets: PositiveInt = 32


class TargetStep(Section):
    """Replace each category by the mean label of earlier rows, as known before the row's cutoff time.

    `horizon` is the time from a cutoff until the label is known.
    """

    step: Literal["target"] = "target"
    columns: Columns = ("categorical",)
    horizon: timedelta = timedelta(0)
    smoothing: NonNegativeFloat = 10.0
    initial: float = 0.0
    max_categories: PositiveInt = 1_000
    max_periods: Annotated[int, Field(ge=2)] = 100


class DropColumnsStep(Section):
    """Leave columns out in which a larger share of values is missing."""

    step: Literal["drop_columns"] = "drop_columns"
    columns: Columns = ("all",)
    max_null_share: Share = 0.95


class DropRowsStep(Section):
    """While fitting, leave rows out that lack a larger share of these columns."""

    step: Literal["drop_rows"] = "drop_rows"
    columns: Columns = ("all",)
    max_null_share: Share = 0.5


class IndicateStep(Section):
    """Mark missing values in columns of their own."""

    step: Literal["indicate"] = "indicate"
    columns: Columns = ("all",)
    features: Literal["missing-only", "all"] = "missing-only"


class NearestStep(Section):
    """Fill missing values from the nearest rows."""

    step: Literal["impute_knn"] = "impute_knn"
    columns: Columns = ("numeric", "times")
    neighbors: PositiveInt = 5
    weights: Literal["uniform", "distance"] = "uniform"
    max_donors: PositiveInt = 10_000


class ChainedStep(Section):
    """Fill missing values by chained regressions (MICE)."""

    step: Literal["impute_chained"] = "impute_chained"
    columns: Columns = ("numeric", "times")
    estimator: Literal["bayesian_ridge", "linear"] = "bayesian_ridge"
    max_iter: PositiveInt = 10
    tol: NonNegativeFloat = 1e-3
    max_patterns: Annotated[int, Field(ge=2)] = 2_000


class ClipStep(Section):
    """Move outliers to the nearest value that is none."""

    step: Literal["clip"] = "clip"
    columns: Columns = ("numeric",)
    method: Literal["quantile", "iqr", "zscore"] = "quantile"
    lower: Share = 0.01
    upper: Share = 0.99
    factor: PositiveFloat | None = None


class LogStep(Section):
    """Take logarithms of 1 + |x|, with the sign of x."""

    step: Literal["log"] = "log"
    columns: Columns = ("numeric",)


class PowerStep(Section):
    """Make numbers more like a normal distribution."""

    step: Literal["power"] = "power"
    columns: Columns = ("numeric",)
    method: Literal["yeo-johnson", "box-cox"] = "yeo-johnson"


class ComponentsStep(Section):
    """Replace columns by principal components, or add these where `keep` is true."""

    step: Literal["pca"] = "pca"
    columns: Columns = ("numeric",)
    components: PositiveInt = 10
    keep: bool = False


class ClustersStep(Section):
    """Add membership in clusters and distances from their centers; replace columns where `keep` is false."""

    step: Literal["clusters"] = "clusters"
    columns: Columns = ("numeric",)
    clusters: Annotated[int, Field(ge=2)] = 8
    membership: bool = True
    distances: bool = True
    seed: int = 0
    keep: bool = True


class HashAllStep(Section):
    """Replace all columns by one array that they are hashed into."""

    step: Literal["hash_all"] = "hash_all"
    columns: Columns = ("categorical",)
    buckets: PositiveInt = 256


PreprocessingStep = Annotated[
    ImputeStep
    | NearestStep
    | ChainedStep
    | IndicateStep
    | DropColumnsStep
    | DropRowsStep
    | ClipStep
    | ScaleStep
    | LogStep
    | PowerStep
    | OneHotStep
    | IndexStep
    | FrequencyStep
    | HashStep
    | TargetStep
    | ComponentsStep
    | ClustersStep
    | HashAllStep,
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
