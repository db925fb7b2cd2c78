"""A pipeline of steps from a configuration, and what stands at each position of its vector."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.ml import Pipeline, PipelineModel

from sparkfeat.errors import ConfigError, SchemaError
from sparkfeat.models.preprocessing.add_steps import add_step
from sparkfeat.models.preprocessing.assemble import Assembler
from sparkfeat.models.preprocessing.base import Step
from sparkfeat.models.preprocessing.config import PreprocessingConfig
from sparkfeat.models.preprocessing.plan import Plan
from sparkfeat.models.preprocessing.slots import Layout, Slot
from sparkfeat.models.roles import FEATURES, Roles


def build_preprocessing(config: PreprocessingConfig, roles: Roles) -> Pipeline:
    """Return the unfitted pipeline that writes the vector `features` and keeps the table's columns.

    Args:
        config: the steps.
        roles: what the table's columns are, from `find_roles`.

    Raises:
        SchemaError: a step names a column that is no feature.
        ConfigError: a column of texts is never encoded.
    """
    plan = Plan.of(roles)
    for step in config.steps:
        names = plan.chosen(step.columns, step.step)
        if names:
            add_step(plan, step, names)
    if plan.texts:
        raise ConfigError(
            f"Column '{min(plan.texts)}' is still text after all steps",
            where="preprocessing",
            hint="Encode it: one_hot, index, frequency, hash or target",
        )
    columns = plan.vector
    if not columns:
        raise ConfigError("No column is left for the vector of features", where="preprocessing")
    plan.add(Assembler(inputCols=columns, dropCols=plan.drop, handleInvalid=config.missing))
    return Pipeline(stages=plan.stages)


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
