"""The fuzzer itself: it can tell a wrong row, and makes a short script of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import featuretools as ft
import pytest
from featuretools.feature_base import AggregationFeature, FeatureOutputSlice, GroupByTransformFeature

from sparkfeat.primitives import families
from tests.parity.fuzz.__main__ import main
from tests.parity.fuzz.examples import example, quiet
from tests.parity.fuzz.features import code_of, parts
from tests.parity.fuzz.primitives import _classes
from tests.parity.fuzz.recipe import Recipe, features_of, run
from tests.parity.fuzz.search import search

SEEDS = range(60)


@pytest.fixture(scope="module")
def recipes() -> list[Recipe]:
    return [example(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def features(recipes: list[Recipe]) -> list[ft.Feature]:
    with quiet():
        made = [features_of(recipe)[1] for recipe in recipes if recipe.features]
    return [feature for some in made for feature in some]


def test_a_wrong_row_becomes_a_short_script_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = replace(families.ROWS["max"], duckdb="min(x)")
    monkeypatch.setitem(families.ROWS, "max", wrong)
    (script,) = search(range(30), only=["max"], folder=tmp_path)
    text = script.read_text(encoding="utf-8")

    assert f"seed {script.stem}: AssertionError: duckdb differs" in capsys.readouterr().out
    assert len(text.splitlines()) < 80
    assert text.count("add_dataframe") <= 3
    with quiet(), pytest.raises(AssertionError, match="MAX"):
        run(text)
    monkeypatch.undo()
    with quiet():
        run(text)


def test_a_crash_is_a_failure_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(families.ROWS["max"], duckdb="no_such_function(x)")
    monkeypatch.setitem(families.ROWS, "max", wrong)
    (script,) = search(range(30), only=["max"], folder=tmp_path)

    with quiet(), pytest.raises(Exception, match="no_such_function"):
        run(script.read_text(encoding="utf-8"))


def test_examples_that_agree_leave_no_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "2", "--seed", "1", "--folder", str(tmp_path)]) == 0

    assert "2 of 2 examples" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_seed_makes_one_example(recipes: list[Recipe]) -> None:
    again = [example(seed) for seed in SEEDS[:5]]

    assert [one.script("duckdb") for one in again] == [one.script("duckdb") for one in recipes[:5]]


def test_features_are_made_again_by_their_code(features: list[ft.Feature], recipes: list[Recipe]) -> None:
    codes = [code for recipe in recipes for code in recipe.features]

    assert [code_of(feature) for feature in features] == codes


def test_every_primitive_with_sql_can_be_drawn() -> None:
    assert {*_classes("aggregation"), *_classes("transform")} == set(families.ROWS)


def test_every_kind_of_feature_is_drawn(features: list[ft.Feature], recipes: list[Recipe]) -> None:
    inside = [part for feature in features for part in parts(feature)]
    aggregations = [part for part in inside if isinstance(part, AggregationFeature)]
    found = Counter(type(part).__name__ for part in inside)

    assert min(found[kind.__name__] for kind in (AggregationFeature, GroupByTransformFeature)) > 10
    assert found["DirectFeature"] > 10
    assert found[FeatureOutputSlice.__name__] or any(part.number_output_features > 1 for part in inside)
    assert any(part.where is not None for part in aggregations)
    assert any(part.use_previous is not None for part in aggregations)
    assert any(parent == child for recipe in recipes for parent, child, _ in recipe.links)
    assert any(table.secondary for recipe in recipes for table in recipe.tables)
    assert any(recipe.last_times for recipe in recipes)
    assert any("training_window" in recipe.options for recipe in recipes)
