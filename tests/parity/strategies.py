"""Random schemas, rows, features and cutoffs for property tests.

Hypothesis chooses the structure (tables, keys, columns, primitives, options), which it can shrink; a seed,
which it chooses too, decides the rows.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import featuretools as ft
import featuretools.primitives as p
import pandas as pd
from featuretools.feature_base import AggregationFeature
from hypothesis import assume
from hypothesis import strategies as st
from woodwork.logical_types import Ordinal

START = pd.Timestamp("2020-02-27 22:00")
NAMES = ("shops", "Kunden", "order lines", "größe.x")
WORDS = ("a", "B", "ä", "日本", "it's", "", "two words", "10", "9")

AGGREGATIONS = (
    "count",
    "sum",
    "mean",
    "min",
    "max",
    "std",
    "skew",
    "mode",
    "num_unique",
    "percent_true",
    "median",
)
ORDERED_AGGREGATIONS = ("first", "last", "trend", "avg_time_between")
AT_CUTOFF = ("time_since_last",)
TRANSFORMS = (
    *("day", "month", "weekday", "year", "haversine", "num_words", "num_characters", "is_null"),
    *("add_numeric", "subtract_numeric", "multiply_numeric", "divide_numeric", "modulo_numeric", "negate"),
    *("equal", "not_equal", "greater_than", "greater_than_equal_to", "less_than", "less_than_equal_to"),
    *("cum_sum", "cum_count", "time_since_previous", "diff", "lag"),
)
SCALARS = (
    *(p.AddNumericScalar(2), p.SubtractNumericScalar(1.5), p.ScalarSubtractNumericFeature(1)),
    *(p.MultiplyNumericScalar(-3), p.DivideNumericScalar(0), p.DivideByFeature(2)),
    *(p.ModuloNumericScalar(-3), p.ModuloByFeature(5), p.GreaterThanScalar(0), p.LessThanEqualToScalar(1)),
    *(p.EqualScalar(1), p.NotEqualScalar("a"), p.EqualScalar("B")),
)
COMPARISONS = (
    *(p.Equal, p.NotEqual, p.GreaterThan, p.GreaterThanEqualTo, p.LessThan, p.LessThanEqualTo),
    *(p.EqualScalar, p.NotEqualScalar, p.GreaterThanScalar, p.LessThanEqualToScalar),
)
GROUPED = ("cum_sum", "cum_count", "time_since_previous", "diff")

Value = Callable[[random.Random], Any]
SMALL = (-7, -1, 0, 0, 1, 2, 2, 5)
KINDS: dict[str, tuple[Any, Value]] = {
    "Integer": ("Integer", lambda dice: dice.choice((*SMALL, 2**53 - 1))),
    "IntegerNullable": ("IntegerNullable", lambda dice: dice.choice((*SMALL, None, None))),
    "Double": ("Double", lambda dice: dice.choice((None, -0.0, 0.5, 0.5, -2.25, 1e6, 3.0, 0.1))),
    "Wild": ("Double", lambda dice: dice.choice((None, 0.0, float("inf"), float("-inf"), 1e15, 1.0))),
    "Boolean": ("Boolean", lambda dice: dice.random() < 0.4),
    "BooleanNullable": ("BooleanNullable", lambda dice: dice.choice((True, False, None))),
    "Categorical": ("Categorical", lambda dice: dice.choice((*WORDS, None, "a", "B"))),
    "Ordinal": (Ordinal(order=["m", "a", "z"]), lambda dice: dice.choice(("a", "m", "z", None))),
    "NaturalLanguage": ("NaturalLanguage", lambda dice: dice.choice((*WORDS, None, "x, y. z!"))),
    "Datetime": ("Datetime", lambda dice: dice.choice((None, *(moment(number) for number in range(6))))),
    "LatLong": ("LatLong", lambda dice: dice.choice((None, (dice.randint(-90, 90), 1.5), (0.0, 0.0)))),
}


def moment(number: float) -> pd.Timestamp:
    """Return one of few times, over the end of a leap February; whole numbers are hours."""
    return START + pd.Timedelta(hours=7 * number)


@dataclass(frozen=True)
class TablePlan:
    """The structure of one table."""

    name: str
    rows: int
    text_index: bool
    timed: bool
    columns: tuple[str, ...]
    parents: tuple[int, ...]


@dataclass
class Example:
    """Everything one property test computes."""

    entityset: ft.EntitySet
    features: list[ft.Feature]
    options: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show the rows: a failing example is read by people."""
        frames = "\n".join(f"{frame.ww.name}\n{frame.to_string()}" for frame in self.entityset.dataframes)
        return f"{self.entityset!r}\n{frames}\n{self.features}\n{self.options}"


@st.composite
def table_plans(draw: st.DrawFn) -> list[TablePlan]:
    """Choose one to four tables; each but the first refers to one or two earlier ones, maybe twice to one."""
    plans = []
    for number in range(draw(st.integers(1, 4))):
        earlier = st.integers(0, number - 1)
        parents = draw(st.lists(earlier, min_size=1, max_size=2)) if number else []
        plans.append(
            TablePlan(
                NAMES[number],
                draw(st.sampled_from((6, 3, 12, 25, 0))),
                draw(st.booleans()),
                draw(st.sampled_from((True, True, False))),
                tuple(draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4, unique=True))),
                tuple(parents),
            )
        )
    return plans


@st.composite
def entitysets(draw: st.DrawFn) -> ft.EntitySet:
    """Make an EntitySet of random tables, keys and rows."""
    plans = draw(table_plans())
    dice = random.Random(draw(st.integers(0, 2**16)))
    numeric_time = draw(st.integers(0, 9)) == 9
    made = ft.EntitySet("random")
    keys: list[list[Any]] = []
    for plan in plans:
        keys.append(_keys(plan, dice))
        _add(made, plan, plans, keys, dice, numeric_time=numeric_time)
    return made


def _keys(plan: TablePlan, dice: random.Random) -> list[Any]:
    numbers = dice.sample(range(-3, 3 * plan.rows + 1), plan.rows)
    return [f"{dice.choice(WORDS)}{number}" for number in numbers] if plan.text_index else list(numbers)


def _add(
    entityset: ft.EntitySet,
    plan: TablePlan,
    plans: list[TablePlan],
    keys: list[list[Any]],
    dice: random.Random,
    *,
    numeric_time: bool,
) -> None:
    columns: dict[str, list[Any]] = {"id": keys[-1]}
    types: dict[str, Any] = {"id": "Unknown" if plan.text_index else "Integer"}
    for number, parent in enumerate(plan.parents):
        name = f"{plans[parent].name} {number}"
        columns[name] = [
            _foreign(keys[parent], dice, text=plans[parent].text_index) for _ in range(plan.rows)
        ]
        types[name] = types["id"] if plans[parent].text_index == plan.text_index else _key_type(plans[parent])
    for kind in plan.columns:
        types[kind] = KINDS[kind][0]
        columns[kind] = [KINDS[kind][1](dice) for _ in range(plan.rows)]
    if plan.timed:
        types["time"] = "Double" if numeric_time else "Datetime"
        columns["time"] = [_time(dice, numeric=numeric_time) for _ in range(plan.rows)]
    frame = pd.DataFrame(
        {name: pd.Series(values, dtype=_stored(types[name])) for name, values in columns.items()}
    )
    entityset.add_dataframe(
        frame, plan.name, index="id", logical_types=types, time_index="time" if plan.timed else None
    )
    for number, parent in enumerate(plan.parents):
        entityset.add_relationship(plans[parent].name, "id", plan.name, f"{plans[parent].name} {number}")


def _stored(logical_type: Any) -> str:
    """Woodwork wants a time index to look like one before it looks at its type."""
    return {"Datetime": "datetime64[ns]", "Double": "float64"}.get(str(logical_type), "object")


def _key_type(plan: TablePlan) -> str:
    return "Unknown" if plan.text_index else "Integer"


def _foreign(keys: list[Any], dice: random.Random, *, text: bool) -> Any:
    """Refer to a parent; sometimes to none that exists or, where the type allows it, to nothing."""
    if keys and dice.random() < 0.85:
        return dice.choice(keys)
    return dice.choice(("nobody", None)) if text else 1_000_000


def _time(dice: random.Random, *, numeric: bool) -> Any:
    """Choose of few times, so that there are ties; sometimes none."""
    if dice.random() < 0.1:
        return None
    number = dice.randrange(8)
    return float(number) if numeric else moment(number)


@st.composite
def features_of(
    draw: st.DrawFn, entityset: ft.EntitySet, target: str, *, calculation_time: bool
) -> list[ft.Feature]:
    """Let dfs search with random primitives, and keep at most twelve of what it finds."""
    aggregations = (*AGGREGATIONS, *ORDERED_AGGREGATIONS, *(AT_CUTOFF if calculation_time else ()))
    several = {"min_size": 1, "max_size": 3, "unique": True}
    agg = draw(st.lists(st.sampled_from(aggregations), **several))
    trans = draw(st.lists(st.sampled_from((*TRANSFORMS, *SCALARS)), max_size=2, unique_by=str))
    grouped = draw(st.lists(st.sampled_from(GROUPED), max_size=1))
    if draw(st.booleans()):
        entityset.add_interesting_values(max_values=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ft.dfs(
            entityset=entityset,
            target_dataframe_name=target,
            agg_primitives=agg,
            trans_primitives=trans,
            groupby_trans_primitives=grouped,
            where_primitives=agg[:1],
            max_depth=draw(st.integers(1, 3)),
            max_features=300,
            features_only=True,
        )
    found = [feature for feature in found if not any(map(compares_aggregates, parts(feature)))]
    assume(found)
    # The order of what dfs finds depends on the hash seed of the process.
    ordered = sorted(found, key=lambda feature: str(feature.get_name()))
    chosen = draw(st.sets(st.integers(0, len(ordered) - 1), min_size=1, max_size=12))
    return [ordered[number] for number in sorted(chosen)]


def parts(feature: ft.Feature) -> list[ft.Feature]:
    """Return a feature and all that it is made of."""
    return [feature, *feature.get_dependencies(deep=True)]


def compares_aggregates(feature: ft.Feature) -> bool:
    """Tell a comparison of aggregates: over tables without a visible row it is a known difference."""
    if not isinstance(feature.primitive, COMPARISONS):
        return False
    return any(isinstance(part, AggregationFeature) for part in feature.get_dependencies(deep=True))


@st.composite
def cutoffs(draw: st.DrawFn, entityset: ft.EntitySet, target: str) -> dict[str, Any]:
    """Choose the cutoff arguments of calculate_feature_matrix."""
    ids = list(entityset[target]["id"])
    numeric = entityset.time_type == "numeric"
    times = [float(number) if numeric else moment(number) for number in (3, 5, 7, 4.5, 1)]
    kind = draw(st.sampled_from(("shared", "frame", "frame", "none", "instances")))
    options: dict[str, Any] = {}
    if kind in ("shared", "instances"):
        options["cutoff_time"] = draw(st.sampled_from(times))
    if kind == "instances":
        assume(ids)
        options["instance_ids"] = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=5, unique=True))
    if kind == "frame":
        options["cutoff_time"] = draw(_frames(ids, times, numeric=numeric))
        options["cutoff_time_in_index"] = draw(st.booleans())
    if kind != "none":
        options["include_cutoff_time"] = draw(st.booleans())
        if not numeric and draw(st.booleans()):
            options["training_window"] = draw(st.sampled_from(("14 hours", "1 day", "1 mo")))
    return options


@st.composite
def _frames(draw: st.DrawFn, ids: list[Any], times: list[Any], *, numeric: bool) -> pd.DataFrame:
    unknown = "nobody" if ids and isinstance(ids[0], str) else 999
    # No null time: Featuretools fails on it, or leaves the columns without types (see test_cutoffs).
    pairs = st.tuples(st.sampled_from([*ids, unknown]), st.sampled_from(times))
    chosen = draw(st.lists(pairs, min_size=1, max_size=10, unique=True))
    moments = [time for _, time in chosen]
    column = pd.Series(moments, dtype="float64") if numeric else pd.Series(pd.to_datetime(moments))
    return pd.DataFrame({"instance_id": [instance for instance, _ in chosen], "time": column})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Make everything that one property test computes."""
    entityset = draw(entitysets())
    target = draw(st.sampled_from([frame.ww.name for frame in entityset.dataframes]))
    options = draw(cutoffs(entityset, target))
    features = draw(features_of(entityset, target, calculation_time="cutoff_time" in options))
    return Example(entityset, features, options)
