"""The parts of a split: the same rows every time, and nothing known too early."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from sparkfeat.errors import ConfigError, CutoffError, DataError, SchemaError
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits import Split, SplitConfig, folds, split
from sparkfeat.models.splits.check import check_split
from sparkfeat.models.splits.cuts import nearest_cuts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.usefixtures("interpreted")

TIMED = Roles("label", ("x",), instance_id="id", cutoff_time="time")
UNTIMED = Roles("label", ("x",), instance_id="id")
FIRST = datetime(2024, 1, 1, 2)
SCHEMA = "id int, time timestamp_ntz, label boolean, x double, shop string, known timestamp_ntz, part string"
PARTS = ("train", "validation", "test")


def row(person: int, day: int) -> tuple[object, ...]:
    time = FIRST + timedelta(days=day)
    label = (person * 7 + day) % 5 == 0
    part = PARTS[(day >= 8) + (day >= 12)]
    return person, time, label, float(person), f"shop {person % 6}", time + timedelta(days=3), part


ROWS = [row(person, day) for person in range(30) for day in range(16)]


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(ROWS, SCHEMA).cache()


def keys(part: DataFrame) -> set[tuple[int, int]]:
    """Return the person and the day of each row; no row is there twice."""
    found = [(one["id"], (one["time"] - FIRST).days) for one in part.select("id", "time").collect()]
    assert len(found) == len(set(found))
    return set(found)


def days(part: DataFrame) -> set[int]:
    return {day for _, day in keys(part)}


def three(parts: Split) -> list[set[tuple[int, int]]]:
    return [keys(part) for part in (parts.train, parts.validation, parts.test)]


@pytest.mark.parametrize(
    ("counts", "shares", "filled", "cuts"),
    [
        ([1] * 10, [0.6, 0.2, 0.2], True, [6, 8]),
        ([5, 5, 5, 5], [0.6, 0.2, 0.2], True, [2, 3]),
        ([100, 1, 1], [0.6, 0.2, 0.2], True, [1, 2]),
        ([1, 1, 100], [0.6, 0.2, 0.2], True, [1, 2]),
        ([1, 1], [0.6, 0.2, 0.2], True, None),
        ([1, 1], [0.6, 0.2, 0.2], False, [1, 2]),
        ([0, 3, 0, 3, 0], [0.5, 0.5], False, [2]),
        ([], [0.5, 0.5], False, [0]),
    ],
)
def test_cuts(counts: list[int], shares: list[float], filled: bool, cuts: list[int] | None) -> None:
    assert nearest_cuts(counts, shares, filled=filled) == cuts


def test_by_time_is_the_default_where_there_are_cutoff_times(table: DataFrame) -> None:
    parts = split(table, TIMED)
    assert parts.method == "time"
    assert days(parts.train) == set(range(10))
    assert days(parts.validation) == {10, 11, 12}
    assert days(parts.test) == {13, 14, 15}
    assert (parts.validation_from, parts.test_from) == ("2024-01-11 02:00:00", "2024-01-14 02:00:00")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["timestamp", "timestamp_ntz", "date", "double"])
def test_cutoff_times_of_every_type(table: DataFrame, kind: str) -> None:
    """Of a session in a zone with daylight saving: the days are those of the calendar."""
    from pyspark.sql import functions

    time = functions.col("time").cast(kind) if kind != "double" else functions.dayofmonth("time").cast(kind)
    parts = split(
        table.withColumn("other", time), Roles("label", ("x",), instance_id="id", cutoff_time="other")
    )
    assert [days(parts.train), days(parts.validation)] == [set(range(10)), {10, 11, 12}]
    given = datetime(2024, 1, 7) if kind != "double" else 7
    config = SplitConfig(validation_from=given, test=0)
    parts = split(
        table.withColumn("other", time), Roles("label", ("x",), instance_id="id", cutoff_time="other"), config
    )
    assert [days(parts.train), days(parts.validation)] == [set(range(6)), set(range(6, 16))]
    assert parts.test.isEmpty()


def test_moments_without_a_zone_are_counted_by_the_calendar(spark: SparkSession) -> None:
    """02:30 of this day does not exist in New York, and 01:30 of another exists twice."""
    from sparkfeat.models.splits.places import moment_of

    times = [datetime(2024, 3, 10, 2, 30, 0, 5), datetime(2024, 11, 3, 1, 30), datetime(1960, 1, 1, 1)]
    found = spark.createDataFrame([(time,) for time in times], "time timestamp_ntz")
    micros = [one[0] for one in found.select(moment_of(found, "time")).collect()]
    assert micros == [(time - datetime(1970, 1, 1)) // timedelta(microseconds=1) for time in times]


def test_a_label_must_be_known_when_the_next_part_begins(table: DataFrame) -> None:
    config = SplitConfig(horizon="2 days", gap="1 day")
    parts = split(table, TIMED, config)
    assert days(parts.train) == set(range(8))  # the last: day 7, known on day 9, a day before day 10
    assert days(parts.validation) == {10}
    assert days(parts.test) == {13, 14, 15}
    by_column = split(table, TIMED, SplitConfig(label_time="known"))
    assert [days(by_column.train), days(by_column.validation)] == [set(range(8)), {10}]


def test_months_are_no_shorter_than_the_longest(table: DataFrame) -> None:
    assert SplitConfig(horizon="1 mo").wait == timedelta(days=31) // timedelta(microseconds=1)


@pytest.mark.slow
def test_the_parts_do_not_depend_on_partitions(table: DataFrame) -> None:
    again = table.repartition(7, "x")
    for roles, config in [
        (UNTIMED, SplitConfig()),
        (TIMED, SplitConfig(method="random")),
        (UNTIMED, SplitConfig(method="group", group="shop")),
        (Roles("label", ("x", "time")), SplitConfig()),
    ]:
        assert three(split(table, roles, config)) == three(split(again, roles, config))


def test_at_random_every_part_has_its_share_of_each_label(table: DataFrame) -> None:
    parts = three(split(table, TIMED, SplitConfig(method="random", validation=0.25, test=0.25)))
    assert set().union(*parts) == {(one[0], (one[1] - FIRST).days) for one in ROWS}
    assert sum(map(len, parts)) == len(ROWS)
    labels = {(one[0], (one[1] - FIRST).days): one[2] for one in ROWS}
    total = Counter(labels.values())
    for part, share in zip(parts, (0.5, 0.25, 0.25), strict=True):
        found = Counter(labels[key] for key in part)
        assert all(abs(found[label] - share * total[label]) <= 1 for label in total)
    other = three(split(table, TIMED, SplitConfig(method="random", validation=0.25, test=0.25, seed=1)))
    assert other[2] != parts[2]


@pytest.mark.slow
def test_a_group_is_in_one_part(table: DataFrame) -> None:
    parts = three(split(table, TIMED, SplitConfig(method="group")))
    people = [{person for person, _ in part} for part in parts]
    assert set().union(*people) == set(range(30))
    assert sum(map(len, people)) == 30
    assert [len(found) for found in people] == [18, 6, 6]
    shops = [
        {person % 6 for person, _ in part}
        for part in three(split(table, TIMED, SplitConfig(method="group", group="shop")))
    ]
    assert sorted(map(len, shops)) == [1, 1, 4]


@pytest.mark.slow
def test_folds_in_time_expand(table: DataFrame) -> None:
    found = folds(table, TIMED, SplitConfig(horizon="1 day"), "time", 3)
    assert [(days(fold.train), days(fold.validation)) for fold in found] == [
        (set(range(4)), {4, 5, 6, 7}),
        (set(range(8)), {8, 9, 10, 11}),
        (set(range(12)), {12, 13, 14, 15}),
    ]


def test_folds_in_time_wait_for_labels(table: DataFrame) -> None:
    first = folds(table, TIMED, SplitConfig(horizon="3 days"), "time", 3)[0]
    assert (days(first.train), days(first.validation)) == ({0, 1}, {4, 5, 6, 7})


@pytest.mark.slow
@pytest.mark.parametrize("method", ["group", "random"])
def test_every_row_is_validated_once(table: DataFrame, method: str) -> None:
    found = folds(table, UNTIMED, SplitConfig(), method, 4)  # type: ignore[arg-type]
    validated = [keys(fold.validation) for fold in found]
    assert sum(map(len, validated)) == len(ROWS)
    assert set().union(*validated) == keys(table)
    for fold, held_out in zip(found, validated, strict=True):
        assert keys(fold.train) == keys(table) - held_out
        people = {person for person, _ in keys(fold.train)} & {person for person, _ in held_out}
        assert not people or method == "random"


def test_parts_from_a_column(table: DataFrame) -> None:
    parts = split(table, TIMED, SplitConfig(method="column", column="part"))
    assert [days(parts.train), days(parts.validation)] == [set(range(8)), {8, 9, 10, 11}]
    with pytest.raises(ConfigError, match=r"'shop 0' is no part of a split \(split\.column: shop\)"):
        split(table, TIMED, SplitConfig(method="column", column="shop"))


@pytest.mark.slow
def test_parts_of_others_are_checked(table: DataFrame) -> None:
    early, late = table.filter("x < 10"), table.filter("x >= 10")
    with pytest.raises(DataError, match=r"The same row is in train and validation: \d+, \d+ \(id\)"):
        check_split(early, early.union(late.limit(3)), late, TIMED)
    with pytest.raises(DataError, match=r"The same group is in .*: shop \d \(shop\)"):
        check_split(early, late.filter("x < 20"), late.filter("x >= 20"), UNTIMED, "shop")
    told = r"validation begins at 2024-01-01 02:00:00, before train ends at 2024-01-16 02:00:00 \(time\)"
    with pytest.raises(CutoffError, match=told):
        check_split(early, late.filter("x < 20"), late.filter("x >= 20"), TIMED)


@pytest.mark.parametrize(
    ("roles", "given", "error", "told"),
    [
        (TIMED, {"group": "shopp"}, SchemaError, r"No column 'shopp' \(split\)\. Did you mean 'shop'\?"),
        (
            UNTIMED,
            {"horizon": "1 day"},
            ConfigError,
            "split.horizon means nothing when rows are split by random",
        ),
        (UNTIMED, {"method": "time"}, ConfigError, "Rows without cutoff times cannot be split by time"),
        (Roles("label", ("x",)), {"method": "group"}, ConfigError, "Nothing to group rows by"),
        (TIMED, {"validation_from": 3}, CutoffError, "3 is of another kind than the cutoff times"),
        (TIMED, {"test_from": datetime(2024, 1, 2)}, CutoffError, "The test would begin before validation"),
        (Roles("label", ("x",), cutoff_time="shop"), {}, CutoffError, "'shop' holds no times"),
    ],
)
def test_what_cannot_be_split(
    table: DataFrame, roles: Roles, given: dict[str, object], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        split(table, roles, SplitConfig.model_validate(given))


@pytest.mark.slow
def test_too_few_times_or_groups(table: DataFrame) -> None:
    two = table.filter(table.time < FIRST + timedelta(days=2))
    with pytest.raises(CutoffError, match=r"2 distinct cutoff times for 3 parts in time \(time\)"):
        split(two, TIMED)
    with pytest.raises(DataError, match=r"2 groups for 3 parts \(id\)"):
        split(table.filter("x < 2"), TIMED, SplitConfig(method="group"))
    with pytest.raises(CutoffError, match="16 rows have no cutoff time"):
        split(table.selectExpr("id", "label", "x", "nullif(time, if(x = 1, time, null)) as time"), TIMED)
    with pytest.raises(DataError, match="There are no rows to split"):
        split(table.limit(0), TIMED)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"horizon": "soon"}, "Cannot read horizon or gap='soon' as a span of time"),
        ({"horizon": "-2 days"}, "It is no number and unit"),
        ({"validation": 0.5, "test": 0.5}, "leave nothing to learn from"),
        ({"folds": 1}, "folds: 0"),
        ({"column": "part"}, "method: column needs"),
    ],
)
def test_a_wrong_configuration(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        SplitConfig.model_validate(given)
