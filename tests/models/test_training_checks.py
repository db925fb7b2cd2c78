"""What cannot be trained with is told before the long work: nothing here reaches MLlib."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sparkfeat.errors import ConfigError, CutoffError, DataError, SchemaError
from sparkfeat.models.learning import LABEL
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits import Split
from sparkfeat.models.training import TrainingConfig, train
from sparkfeat.models.training.labels import find_labels
from sparkfeat.models.training.parts import find_folds, find_parts
from sparkfeat.models.training.plan import make_plan

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [pytest.mark.usefixtures("interpreted"), pytest.mark.slow]

SCHEMA = (
    "id int, time timestamp_ntz, label boolean, kind string, code int, rate double, known timestamp_ntz,"
    " x double, `SUM(a.label)` double, yes boolean, text string, part string"
)
ROLES = Roles("label", ("x",), instance_id="id", cutoff_time="time")
UNTIMED = Roles("label", ("x",), instance_id="id")


def row(number: int) -> tuple[Any, ...]:
    time = datetime(2024, 1, 1) + timedelta(days=number)
    label, kind = number % 3 == 0, "abc"[number % 3]
    known, part = time + timedelta(days=2), ("train", "validation", "test")[number // 20]
    return (
        number,
        time,
        label,
        kind,
        number % 3,
        number / 7,
        known,
        float(number),
        0.5 * number,
        True,
        "a",
        part,
    )


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([row(number) for number in range(60)], SCHEMA).cache()


def config(**given: object) -> TrainingConfig:
    return TrainingConfig.model_validate(given)


@pytest.mark.parametrize(
    ("label", "given", "problem", "classes"),
    [
        ("label", {}, "binary", (False, True)),
        ("label", {"positive": False}, "binary", (True, False)),
        ("kind", {}, "multiclass", ("a", "b", "c")),
        ("code", {"problem": "multiclass"}, "multiclass", (0, 1, 2)),
        ("code", {}, "regression", ()),
        ("rate", {}, "regression", ()),
        ("label", {"classes": [True, False]}, "binary", (False, True)),
    ],
)
def test_the_problem_and_its_classes(
    table: DataFrame, label: str, given: dict[str, object], problem: str, classes: tuple[object, ...]
) -> None:
    found = find_labels(table, label, config(**given))
    assert (found.problem, found.classes) == (problem, classes)
    indexed = found.indexed(table).select(label, LABEL).collect()
    assert len(indexed) == 60
    for given_label, index in indexed:
        assert index == (classes.index(given_label) if classes else pytest.approx(given_label))


def test_numbers_of_two_values_are_classes(table: DataFrame) -> None:
    found = find_labels(table.selectExpr("cast(code = 0 as double) as y"), "y", config())
    assert (found.problem, found.classes, found.label_type) == ("binary", (0.0, 1.0), "double")


def test_strings_tell_which_class_is_positive(table: DataFrame) -> None:
    found = find_labels(table.filter("kind != 'c'"), "kind", config())
    assert found.told == ("The positive class is 'b', the last in order; `positive` names another",)
    assert find_labels(table.filter("kind != 'c'"), "kind", config(positive="a")).told == ()


def test_missing_labels_are_left_out_where_asked(table: DataFrame) -> None:
    some = table.selectExpr("if(id < 5, null, rate) as y", "if(id < 5, double('nan'), rate) as z", "x")
    for name in ("y", "z"):
        with pytest.raises(DataError, match=rf"5 rows have no label \({name}\).*missing_labels: drop"):
            find_labels(some, name, config())
        found = find_labels(some, name, config(missing_labels="drop"))
        assert found.told == (f"5 rows without '{name}' are left out",)
        assert found.indexed(some).count() == 55


@pytest.mark.parametrize(
    ("column", "given", "error", "told"),
    [
        ("cast(null as int)", {}, DataError, "60 rows have no label"),
        ("cast(null as int)", {"missing_labels": "drop"}, DataError, "No row has a label"),
        ("true", {}, DataError, r"All 60 rows are of the class True \(y\)"),
        ("3.5D", {}, DataError, "All rows have the same label"),
        ("if(id = 3, double('inf'), rate)", {}, DataError, "Some labels are infinite"),
        ("time", {}, SchemaError, "'y' of type timestamp_ntz cannot be a label"),
        ("kind", {"problem": "regression"}, SchemaError, "'y' holds no numbers"),
        ("kind", {"problem": "binary"}, DataError, "'y' has 3 classes, not two"),
        ("kind", {"classes": ["a", "b"]}, DataError, "20 rows have the label 'c'.*The classes are 'a', 'b'"),
        ("kind", {"positive": "a"}, ConfigError, "`positive` is for two classes"),
        ("if(label, 'a', 'b')", {"positive": "c"}, ConfigError, "No row is of the positive class 'c'"),
        ("label", {"positive": "yes"}, ConfigError, "Its values are truth values.*Give positive: true"),
        ("cast(code as decimal(3,0))", {"problem": "multiclass"}, SchemaError, "'y' is a decimal"),
    ],
)
def test_a_label_that_is_none(
    table: DataFrame, column: str, given: dict[str, object], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        find_labels(table.selectExpr(f"{column} as y"), "y", config(**given))


def test_too_many_classes(spark: SparkSession) -> None:
    many = spark.range(101).selectExpr("cast(id as string) as y")
    with pytest.raises(DataError, match="'y' has more than 100 distinct values"):
        find_labels(many, "y", config())


@pytest.mark.parametrize(
    ("roles", "given", "error", "told"),
    [
        (Roles(None, ("x",)), {}, SchemaError, "There is no label column"),
        (Roles("lable", ("x",)), {}, SchemaError, r"No column 'lable' .*Did you mean 'label'\?"),
        (Roles("label", ("xx",)), {}, SchemaError, "No column 'xx'"),
        (Roles("code", ("x", "code")), {}, SchemaError, "'code' is the label and a feature"),
        (
            Roles("label", ("x",), times=("known",), cutoff_time="time"),
            {"split": {"label_time": "known"}},
            SchemaError,
            "'known' is the time of the label and a feature",
        ),
        (UNTIMED, {"split": {"label_time": "known"}}, ConfigError, "Times of labels need cutoff times"),
        (UNTIMED, {"models": [{"algorithm": "linear_regression"}]}, ConfigError, "does not fit the problem"),
        (UNTIMED, {"search": {"metric": "rmse"}}, ConfigError, "rmse does not fit the problem"),
        (
            UNTIMED,
            {"models": [{"algorithm": "linear_svm"}], "calibration": {"method": "none"}},
            ConfigError,
            "linear_svm gives no probabilities",
        ),
        (Roles("rate", ("x",)), {"threshold": {}}, ConfigError, "A threshold is for two classes"),
        (Roles("rate", ("x",)), {"calibration": {"method": "isotonic"}}, ConfigError, "Only classes have"),
        (Roles("rate", ("x",), instance_id="id"), {"problem": "recommendation"}, ConfigError, "needs items"),
        (
            Roles("label", (), ("yes",), ("text",), instance_id="id"),
            {},
            DataError,
            "No feature tells rows apart",
        ),
    ],
)
def test_what_cannot_be_trained_with(
    table: DataFrame, roles: Roles, given: dict[str, object], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        train(table, roles, config(**given))


def test_columns_that_a_model_writes(table: DataFrame) -> None:
    with pytest.raises(ConfigError, match="'score' is a column that models write"):
        train(table.withColumn("score", table.x), UNTIMED)


@pytest.mark.parametrize(
    ("known", "horizon", "told"),
    [
        ("time", None, "60 rows have a label that was known at the cutoff time"),
        ("if(id < 3, null, known)", None, "3 rows have no time of the label"),
        ("known", "1 day", "60 rows have a label later than 1 day after the cutoff time"),
    ],
)
def test_a_label_known_too_early_or_too_late(
    table: DataFrame, known: str, horizon: str | None, told: str
) -> None:
    some = table.selectExpr("id", "time", "label", "x", f"{known} as then")
    given = config(split={"label_time": "then", "horizon": horizon})
    with pytest.raises(DataError, match=told):
        make_plan(some, ROLES, given)


def test_labels_known_within_the_horizon(table: DataFrame) -> None:
    make_plan(table, ROLES, config(split={"label_time": "known", "horizon": "2 days"}))


def test_a_name_that_contains_the_labels_is_told(table: DataFrame) -> None:
    plan = make_plan(table, Roles("label", ("x", "SUM(a.label)")), config())
    assert plan.told == ("The label's name is in 'SUM(a.label)': is it made of the label?",)


def parts_of(table: DataFrame, roles: Roles, given: TrainingConfig, split: Split | None = None) -> Any:
    with ExitStack() as kept:
        return find_parts(table, split, make_plan(table, roles, given), kept)


def test_features_that_say_nothing_are_left_out(table: DataFrame) -> None:
    odd = table.selectExpr(
        *("id", "label", "x", "yes", "text"),
        *("cast(null as double) as nothing", "double('nan') as none", "cast(null as string) as blank"),
        *("if(id % 5 = 4, double('inf'), x) as large", "if(id % 5 = 4, 1D, null) as rare"),
    )
    numbers = ("x", "nothing", "none", "large", "rare")
    roles = Roles("label", numbers, ("yes",), ("text", "blank"), instance_id="id")
    found = parts_of(odd, roles, config(split={"seed": 1}))
    assert found.roles.features == ("x", "large", "rare")
    assert dict(found.roles.left_out) == {
        "nothing": "no value in any training row",
        "none": "no value in any training row",
        "yes": "True in all training rows",
        "text": "a in all training rows",
        "blank": "no value in any training row",
    }
    infinite = found.train.filter("large = double('inf')").count()
    assert f"'large' is infinite in {infinite} rows, which counts as missing" in found.told


def test_the_label_under_another_name(table: DataFrame) -> None:
    copy = table.selectExpr("id", "label", "x", "cast(label as int) as copy")
    with pytest.raises(DataError, match="'copy' equals the label in every row"):
        parts_of(copy, Roles("label", ("x", "copy"), instance_id="id"), config())
    text = table.selectExpr("id", "kind", "x", "kind as copy")
    with pytest.raises(DataError, match="'copy' equals the label in every row"):
        parts_of(text, Roles("kind", ("x",), (), ("copy",), instance_id="id"), config())


def test_parts_are_counted(table: DataFrame) -> None:
    found = parts_of(table, ROLES, config())
    first, _, last = found.summaries
    assert (first.name, first.rows, first.classes) == ("train", 36, (24, 12))
    assert (first.first, last.last) == ("2024-01-01 00:00:00", "2024-02-29 00:00:00")
    assert found.told == ()
    without = parts_of(table, ROLES, config(split={"test": 0}))
    assert without.told[0].startswith("There are no test rows")


def test_a_part_without_one_of_the_classes(table: DataFrame) -> None:
    late = table.selectExpr("id", "time", "x", "id > 48 as label")
    with pytest.raises(DataError, match="train has no rows of the class True"):
        parts_of(late, ROLES, config())
    early = table.selectExpr("id", "time", "x", "id < 20 as label")
    with pytest.raises(DataError, match="validation has no rows of the class True"):
        parts_of(early, ROLES, config())


def test_too_few_rows(table: DataFrame) -> None:
    with pytest.raises(DataError, match="train has 7 rows, fewer than 10"):
        parts_of(table.filter("id < 12"), ROLES, config())
    with pytest.raises(DataError, match="train has 0 rows, fewer than 10"):
        parts_of(table, ROLES, config(split={"horizon": "60 days"}))


def test_parts_of_others(table: DataFrame) -> None:
    ok = Split(*(table.filter(f"part = '{name}'") for name in ("train", "validation", "test")))
    assert [part.rows for part in parts_of(table, ROLES, config(), ok).summaries] == [20, 20, 20]
    with pytest.raises(DataError, match="The same row is in train and test"):
        parts_of(table, ROLES, config(), Split(ok.train, ok.validation, ok.test.union(ok.train)))
    with pytest.raises(CutoffError, match=r"validation begins at .* before train ends at"):
        parts_of(table, ROLES, config(), Split(ok.test, ok.validation, ok.train))


def test_a_fold_without_one_of_the_classes(table: DataFrame) -> None:
    late = table.selectExpr("id", "time", "x", "(id > 15 and id % 2 = 0) as label")
    plan = make_plan(late, ROLES, config(split={"folds": 2}))
    with ExitStack() as kept:
        parts = find_parts(late, None, plan, kept)
        with pytest.raises(DataError, match="Fold 1's train has no rows of the class True"):
            find_folds(parts, plan)
