"""A pipeline of steps from a configuration, and what stands at each position of its vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from pyspark.ml import Pipeline, PipelineModel

from sparkfeat.errors import ConfigError, SchemaError, did_you_mean
from sparkfeat.models.preprocessing import config as c
from sparkfeat.models.preprocessing.assemble import Assembler
from sparkfeat.models.preprocessing.base import Step
from sparkfeat.models.preprocessing.categories import CategoryIndexer, FrequencyEncoder, OneHotEncoder
from sparkfeat.models.preprocessing.impute import Imputer
from sparkfeat.models.preprocessing.raw import BOOLEAN, CATEGORY, NUMBER, TIME, WorkingColumns
from sparkfeat.models.preprocessing.scale import Scaler
from sparkfeat.models.preprocessing.slots import Layout, Slot
from sparkfeat.models.roles import FEATURES, Roles

GROUPS = ("numeric", "boolean", "categorical", "times", "all")


@dataclass
class Plan:
    """The working columns while a pipeline is built.

    Args:
        roles: what the table's columns are.
        stages: the steps so far.
        working: table's column -> its working column, which is in the vector.
        texts: table's columns that are texts still.
        extra: other columns of the vector.
        drop: all columns that are left out of the result.
    """

    roles: Roles
    stages: list[Any] = field(default_factory=list)
    working: dict[str, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    extra: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)

    def new_column(self) -> str:
        """Return the name of one more column of the vector."""
        name = f"__x{len(self.drop)}"
        self.extra.append(name)
        self.drop.append(name)
        return name

    def chosen(self, selectors: Iterable[str], step: str) -> list[str]:
        """Return the table's columns that selectors name, in the table's order.

        Raises:
            SchemaError: a name or a pattern fits no feature.
        """
        found = {name for selector in selectors for name in self._matching(selector, step)}
        return [name for name in self.roles.features if name in found]

    def _matching(self, selector: str, step: str) -> tuple[str, ...]:
        if selector in GROUPS:
            return self.roles.features if selector == "all" else getattr(self.roles, selector)
        names = self.roles.features
        if selector in names:
            return (selector,)
        found = tuple(name for name in names if fnmatchcase(name, selector))
        if not found:
            hint = did_you_mean(selector, [*names, *GROUPS])
            raise SchemaError(f"No feature '{selector}'", where=f"preprocessing step {step}", hint=hint)
        return found


def build_preprocessing(config: c.PreprocessingConfig, roles: Roles) -> Pipeline:
    """Return the unfitted pipeline that writes the vector `features` and keeps the table's columns.

    Args:
        config: the steps.
        roles: what the table's columns are, from `find_roles`.

    Raises:
        SchemaError: a step names a column that is no feature.
        ConfigError: a column of texts is never encoded.
    """
    plan = Plan(roles)
    _start(plan)
    for step in config.steps:
        names = plan.chosen(step.columns, step.step)
        if names:
            BUILDERS[type(step)](plan, step, names)
    if plan.texts:
        raise ConfigError(
            f"Column '{min(plan.texts)}' is still text after all steps",
            where="preprocessing",
            hint="Encode it: one_hot, index, frequency, hash or target",
        )
    columns = [*plan.working.values(), *plan.extra]
    plan.stages.append(
        Assembler(inputCols=columns, outputCol=FEATURES, dropCols=plan.drop, handleInvalid=config.missing)
    )
    return Pipeline(stages=plan.stages)


def _start(plan: Plan) -> None:
    """Put the working columns first."""
    roles = plan.roles
    kinds = {
        **dict.fromkeys(roles.numeric, NUMBER),
        **dict.fromkeys(roles.boolean, BOOLEAN),
        **dict.fromkeys(roles.categorical, CATEGORY),
        **dict.fromkeys(roles.times, TIME),
    }
    plan.working = {name: f"__x{place}" for place, name in enumerate(kinds)}
    plan.drop = list(plan.working.values())
    plan.texts = set(roles.categorical)
    plan.stages.append(
        WorkingColumns(
            inputCols=list(kinds),
            outputCols=list(plan.drop),
            kinds=list(kinds.values()),
            cutoffCol=roles.cutoff_time if roles.times else None,
        )
    )


def _impute(plan: Plan, step: c.ImputeStep, names: list[str]) -> None:
    _add(
        plan,
        Imputer(
            inputCols=[plan.working[name] for name in names],
            strategy=step.strategy,
            fillValue=step.value,
            fillText=step.text,
            indicatorCol=plan.new_column() if step.indicators else None,
        ),
    )


def _scale(plan: Plan, step: c.ScaleStep, names: list[str]) -> None:
    columns = [plan.working[name] for name in names]
    # All steps of a pipeline are fitted on the same rows.
    _add(plan, Scaler(inputCols=columns, method=step.method, trustStatistics=True))


def _encode(plan: Plan, step: c.OneHotStep | c.IndexStep | c.FrequencyStep, names: list[str]) -> None:
    kinds = {"one_hot": OneHotEncoder, "index": CategoryIndexer, "frequency": FrequencyEncoder}
    columns = [plan.working[name] for name in names]
    _add(plan, kinds[step.step](inputCols=columns, maxCategories=step.max_categories))
    plan.texts -= set(names)


def _add(plan: Plan, stage: Step) -> None:
    """Add a step to the working columns, which are finite or null."""
    stage._set(assumeFinite=True)
    plan.stages.append(stage)


BUILDERS: dict[type, Callable[..., None]] = {
    c.ImputeStep: _impute,
    c.ScaleStep: _scale,
    c.OneHotStep: _encode,
    c.IndexStep: _encode,
    c.FrequencyStep: _encode,
}


def feature_slots(model: PipelineModel) -> tuple[Slot, ...]:
    """Return what stands at each position of the vector that a fitted pipeline writes.

    Args:
        model: a pipeline with these steps, alone or followed by a model.

    Raises:
        SchemaError: no step of it writes `features`.
    """
    layout: Layout = {}
    for stage in _flat(model):
        if isinstance(stage, Step):
            layout = stage.slots(layout)
    if FEATURES not in layout:
        raise SchemaError(f"The pipeline writes no '{FEATURES}'", where="feature_slots")
    return layout[FEATURES]


def _flat(model: PipelineModel) -> Iterable[object]:
    """Return all stages, those of pipelines inside it too."""
    for stage in model.stages:
        if isinstance(stage, PipelineModel):
            yield from _flat(stage)
        else:
            yield stage
