"""How each step of a configuration becomes a step of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkfeat.errors import ConfigError
from sparkfeat.models.preprocessing import config as c
from sparkfeat.models.preprocessing.base import Step
from sparkfeat.models.preprocessing.categories import CategoryIndexer, FrequencyEncoder, OneHotEncoder
from sparkfeat.models.preprocessing.chained import ChainedImputer
from sparkfeat.models.preprocessing.clip import OutlierClipper
from sparkfeat.models.preprocessing.drop import ColumnDropper, RowDropper
from sparkfeat.models.preprocessing.hashing import HashEncoder
from sparkfeat.models.preprocessing.impute import Imputer
from sparkfeat.models.preprocessing.mark import MissingIndicator
from sparkfeat.models.preprocessing.nearest import KNNImputer
from sparkfeat.models.preprocessing.plan import Plan
from sparkfeat.models.preprocessing.power import LogTransformer, PowerTransformer
from sparkfeat.models.preprocessing.reduce import Clusters, FeatureHasher, PrincipalComponents
from sparkfeat.models.preprocessing.scale import Scaler
from sparkfeat.models.preprocessing.target import TargetEncoder


def add_step(plan: Plan, step: c.PreprocessingStep, names: list[str]) -> None:
    """Add a configured step on some of the table's columns to a plan."""
    columns = [plan.working[name] for name in names]
    if step.step in ENCODERS:
        plan.add(ENCODERS[step.step](plan, step, columns))
        plan.texts -= set(names)
    elif step.step in REPLACERS:
        plan.add(REPLACERS[step.step](plan, step, columns))
        if not getattr(step, "keep", False):
            _take_out(plan, names)
    else:
        plan.add(IN_PLACE[step.step](plan, step, columns))
        plan.skip_dropped = plan.skip_dropped or step.step == "drop_columns"


def _take_out(plan: Plan, names: list[str]) -> None:
    """Leave columns out of the vector, and of later steps."""
    plan.working = {name: column for name, column in plan.working.items() if name not in names}
    plan.texts -= set(names)


Builder = Callable[[Plan, Any, list[str]], Step]


def _impute(plan: Plan, step: c.ImputeStep, columns: list[str]) -> Step:
    return Imputer(
        inputCols=columns,
        strategy=step.strategy,
        fillValue=step.value,
        fillText=step.text,
        indicatorCol=plan.new_column() if step.indicators else None,
    )


def _nearest(_: Plan, step: c.NearestStep, columns: list[str]) -> Step:
    return KNNImputer(
        inputCols=columns, nNeighbors=step.neighbors, weights=step.weights, maxDonors=step.max_donors
    )


def _chained(_: Plan, step: c.ChainedStep, columns: list[str]) -> Step:
    return ChainedImputer(
        inputCols=columns,
        estimator=step.estimator,
        maxIter=step.max_iter,
        tol=step.tol,
        maxPatterns=step.max_patterns,
    )


def _indicate(plan: Plan, step: c.IndicateStep, columns: list[str]) -> Step:
    return MissingIndicator(inputCols=columns, outputCol=plan.new_column(), features=step.features)


def _clip(_: Plan, step: c.ClipStep, columns: list[str]) -> Step:
    return OutlierClipper(
        inputCols=columns, method=step.method, lower=step.lower, upper=step.upper, factor=step.factor
    )


def _scale(_: Plan, step: c.ScaleStep, columns: list[str]) -> Step:
    # All steps of a pipeline are fitted on the same rows.
    return Scaler(inputCols=columns, method=step.method, trustStatistics=True)


def _target(plan: Plan, step: c.TargetStep, columns: list[str]) -> Step:
    roles = plan.roles
    if roles.cutoff_time is None or roles.label is None:
        raise ConfigError(
            f"Target encoding needs {'a label' if roles.label is None else 'cutoff times'}",
            where="preprocessing step target",
            why="A row may see only labels that were known before its cutoff time",
            hint="Use frequency or one_hot, or name the column",
        )
    return TargetEncoder(
        inputCols=columns,
        labelCol=roles.label,
        cutoffCol=roles.cutoff_time,
        horizon=step.horizon.total_seconds(),
        smoothing=step.smoothing,
        initial=step.initial,
        maxCategories=step.max_categories,
        maxPeriods=step.max_periods,
    )


def _components(plan: Plan, step: c.ComponentsStep, columns: list[str]) -> Step:
    return PrincipalComponents(inputCols=columns, outputCol=plan.new_column(), k=step.components)


def _clusters(plan: Plan, step: c.ClustersStep, columns: list[str]) -> Step:
    return Clusters(
        inputCols=columns,
        outputCol=plan.new_column(),
        k=step.clusters,
        membership=step.membership,
        distances=step.distances,
        seed=step.seed,
    )


def _hash_all(plan: Plan, step: c.HashAllStep, columns: list[str]) -> Step:
    return FeatureHasher(inputCols=columns, outputCol=plan.new_column(), numFeatures=step.buckets)


ENCODERS: dict[str, Builder] = {
    "one_hot": lambda _, step, columns: OneHotEncoder(inputCols=columns, maxCategories=step.max_categories),
    "index": lambda _, step, columns: CategoryIndexer(inputCols=columns, maxCategories=step.max_categories),
    "frequency": lambda _, step, columns: FrequencyEncoder(
        inputCols=columns, maxCategories=step.max_categories
    ),
    "hash": lambda _, step, columns: HashEncoder(inputCols=columns, numFeatures=step.buckets),
    "target": _target,
}
"""Texts become numbers."""

REPLACERS: dict[str, Builder] = {"pca": _components, "clusters": _clusters, "hash_all": _hash_all}
"""Columns are replaced by one, unless `keep` says otherwise."""

IN_PLACE: dict[str, Builder] = {
    "impute": _impute,
    "impute_knn": _nearest,
    "impute_chained": _chained,
    "indicate": _indicate,
    "drop_columns": lambda _, step, columns: ColumnDropper(
        inputCols=columns, maxNullShare=step.max_null_share
    ),
    "drop_rows": lambda plan, step, columns: RowDropper(
        inputCols=[name for name, column in plan.working.items() if column in columns],
        maxNullShare=step.max_null_share,
    ),
    "clip": _clip,
    "scale": _scale,
    "log": lambda _, _step, columns: LogTransformer(inputCols=columns),
    "power": lambda _, step, columns: PowerTransformer(inputCols=columns, method=step.method),
}
"""Columns keep their places."""
