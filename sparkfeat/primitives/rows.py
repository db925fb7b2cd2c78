"""What a primitive's row says: the SQL of one primitive, its shape, and where it stops.

SQL is text in which single letters stand for columns:

    x, y, z  the inputs, in order; x4, x5, ... those after the third
    t        the cutoff time
    o        the row order (in ORDER BY, or as the sort key of min_by)
    v, n     in a row over value counts: a value and how often it occurs in the group
    m, ...   in a row with `stage`: statistics of the group, computed first
    a, b, ...  in a row with `steps`: columns of each row, computed first, that may use windows

A window function is written `f(x) OVER ()`; partition and order are filled in, the order only where the
text has none. A text is the same in both dialects unless the row gives two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from sparkfeat.definitions.calls import Call

LETTERS = ("x", "y", "z", *(f"x{number}" for number in range(4, 27)))
DIALECTS = ("duckdb", "spark")

Template = str | Callable[[Call], str]
Refusal = Callable[[Call], str | None]
StepTexts = tuple[Mapping[str, str], ...]
Steps = StepTexts | Callable[[Call, str], StepTexts]


class Shape(Enum):
    """How the SQL of a primitive is used; each shape is lowered in one place."""

    EXPRESSION = "expression"
    WINDOW = "window"
    AGGREGATE = "aggregate"
    VALUE_COUNTS = "value counts"


class Level(Enum):
    """How close to Featuretools an engine computes a primitive."""

    EXACT = "exact"
    FALLBACK = "fallback"


@dataclass(frozen=True)
class TwoPasses:
    """How to compute a value from sums of one pass, and once more where those have lost digits to rounding.

    `sums` are aggregates of the first pass, by letter; `measures` are made of these letters. The row's SQL
    is made of both, and so is `doubt`, the condition of a group that needs the second pass. `again` is an
    aggregate of the second pass, in which the letters of the sums stand for those of the group.
    """

    sums: Mapping[str, str]
    measures: Mapping[str, str]
    doubt: str
    again: str


@dataclass(frozen=True)
class Row:
    """One primitive in SQL.

    `stage` names statistics of the group that the SQL needs first, `spark_stage` where Spark's differ.
    `steps` names columns of each row that it needs first, step by step: a step may use the letters of
    those before it. In an aggregation their windows run over the group's rows.
    `duckdb_passes` says how an aggregation is computed in up to two passes in DuckDB.
    `refuse` gives the reason why a call with certain arguments or inputs goes to the featuretools
    engine, or None. `dialects` are those that the SQL is in.
    """

    name: str
    shape: Shape
    duckdb: Template
    spark: Template | None = None
    stage: Mapping[str, Template] = field(default_factory=dict)
    spark_stage: Mapping[str, Template] | None = None
    steps: Steps = ()
    refuse: Refusal | None = None
    dialects: tuple[str, ...] = DIALECTS
    duckdb_passes: TwoPasses | None = None

    def reason_against(self, call: Call) -> str | None:
        """Return why a call is left to the featuretools engine, None where it is not."""
        return self.refuse(call) if self.refuse is not None else None

    def sql(self, call: Call, dialect: str) -> str:
        """Return the SQL text of a call in 'duckdb' or 'spark'."""
        return _text(self.spark if dialect == "spark" and self.spark is not None else self.duckdb, call)

    def stage_sql(self, call: Call, dialect: str) -> dict[str, str]:
        """Return the SQL texts of the group statistics needed first."""
        stage = self.spark_stage if dialect == "spark" and self.spark_stage is not None else self.stage
        return {name: _text(template, call) for name, template in stage.items()}

    def passes(self, dialect: str) -> TwoPasses | None:
        """Return how the value is computed in up to two passes, where it is."""
        return self.duckdb_passes if dialect == "duckdb" else None

    def steps_sql(self, call: Call, dialect: str) -> list[dict[str, str]]:
        """Return the SQL texts of the columns needed first, step by step."""
        return [dict(step) for step in (self.steps(call, dialect) if callable(self.steps) else self.steps)]


def _text(template: Template, call: Call) -> str:
    return template if isinstance(template, str) else template(call)


def expression(
    name: str, duckdb: Template, spark: Template | None = None, refuse: Refusal | None = None
) -> Row:
    """Make the row of a function of one row's columns."""
    return Row(name, Shape.EXPRESSION, duckdb, spark, refuse=refuse)


def in_both(name: str, write: Callable[[Call, str], str], refuse: Refusal | None = None) -> Row:
    """Make the row of a function of one row's columns whose text is written for a dialect."""
    return expression(
        name, lambda call: write(call, "duckdb"), lambda call: write(call, "spark"), refuse=refuse
    )


def window(
    name: str,
    duckdb: Template,
    spark: Template | None = None,
    steps: Steps = (),
    refuse: Refusal | None = None,
) -> Row:
    """Make the row of a function of the rows before and after."""
    return Row(name, Shape.WINDOW, duckdb, spark, steps=steps, refuse=refuse)


def aggregate(
    name: str,
    duckdb: Template,
    spark: Template | None = None,
    stage: Mapping[str, Template] | None = None,
    spark_stage: Mapping[str, Template] | None = None,
    steps: Steps = (),
    refuse: Refusal | None = None,
    passes: TwoPasses | None = None,
) -> Row:
    """Make the row of a function of a group's rows."""
    return Row(
        name, Shape.AGGREGATE, duckdb, spark, stage or {}, spark_stage, steps, refuse, duckdb_passes=passes
    )


def value_counts(
    name: str, duckdb: Template, spark: Template | None = None, refuse: Refusal | None = None
) -> Row:
    """Make the row of a function of a group's values and how often each occurs."""
    return Row(name, Shape.VALUE_COUNTS, duckdb, spark, refuse=refuse)
