"""What more rows would bring: the metric after learning from shares of the training rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sparkfeat.models.learning import Learned
from sparkfeat.models.metrics import measure
from sparkfeat.models.splits.assign import PLACES
from sparkfeat.models.splits.places import bucket, row_key
from sparkfeat.models.training.checks import LEAST_ROWS, summarize
from sparkfeat.models.training.final import applied, decide_roughly
from sparkfeat.models.training.model import LearningPoint
from sparkfeat.models.training.parts import Parts
from sparkfeat.models.training.plan import Plan
from sparkfeat.models.training.prepared import Preparation, Prepared

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def learning_curve(
    plan: Plan, parts: Parts, prepared: Prepared, fit: Callable[[DataFrame], Learned]
) -> tuple[tuple[LearningPoint, ...], tuple[str, ...]]:
    """Return a point for each share of the configuration, and what was left out.

    Smaller shares are part of larger ones. Preprocessing is that of all training rows.

    Args:
        fit: fits the chosen candidate on prepared rows.
    """
    points, told = [], []
    preparation = Preparation(parts.roles, plan.labels, plan.config)
    for share in sorted(set(plan.config.learning_curve)):
        place = bucket(row_key(parts.train, plan.roles), plan.config.seed, "learning curve", PLACES)
        some = parts.train.filter(place < round(share * PLACES))
        summary = summarize(some, "train", plan.roles, plan.labels)
        if summary.rows < LEAST_ROWS or not all(summary.classes):
            told.append(
                f"{summary.rows} rows, {share:.0%} of the training rows, are too few for the learning curve"
            )
            continue
        rows = preparation.slim(prepared.pipeline.transform(some))
        learned = fit(preparation.learned_from(some, prepared.pipeline, prepared.slots))
        stages = (*learned.stages, *decide_roughly(learned, plan.labels))
        both = (measure(applied(stages, part), plan.metric) for part in (rows, prepared.validation))
        points.append(LearningPoint(share, summary.rows, *both))
    return tuple(points), tuple(told)
