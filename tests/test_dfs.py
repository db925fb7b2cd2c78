"""`dfs`: its arguments, and the features that it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat import errors
from tests.entityset.kinds import as_file
from tests.entityset.shop import entityset, found, frames, reference, shop


def test_dfs_reads_no_rows(tmp_path: Path) -> None:
    stored = entityset(lambda name, frame: as_file(name, frame, tmp_path))
    for file in tmp_path.iterdir():
        file.unlink()

    assert "COUNT(sessions)" in [feature.get_name() for feature in found(given=stored)]


def test_dfs_gives_a_matrix_and_its_features() -> None:
    computed, features = sf.dfs(
        entityset=shop(), target_dataframe_name="customers", agg_primitives=["count"], engine="duckdb"
    )

    assert isinstance(computed, sf.FeatureMatrix)
    assert computed.features == features


def test_dfs_takes_a_featuretools_entityset() -> None:
    assert [feature.get_name() for feature in found(given=reference())] == [
        feature.get_name() for feature in found()
    ]


def test_dfs_takes_dataframes_and_relationships() -> None:
    rows = frames()
    features = sf.dfs(
        {
            "customers": (rows["customers"], "customer_id", "joined"),
            "sessions": (rows["sessions"], "session_id", "started"),
        },
        [("customers", "customer_id", "sessions", "customer_id")],
        target_dataframe_name="customers",
        agg_primitives=["count"],
        trans_primitives=[],
        features_only=True,
    )

    assert "COUNT(sessions)" in [feature.get_name() for feature in features]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"target": "custmers"}, "Did you mean 'customers'"),
        ({"agg_primitives": ["summ"]}, r"No primitive 'summ' \(agg_primitives\). Did you mean 'sum'"),
        ({"trans_primitives": ["mnth"]}, r"No primitive 'mnth' \(trans_primitives\). Did you mean 'month'"),
        ({"groupby_trans_primitives": ["cum_summ"]}, "Did you mean 'cum_sum'"),
        ({"where_primitives": ["cuont"]}, "Did you mean 'count'"),
        ({"trans_primitives": ["sum"]}, "Featuretools refuses"),
        ({"ignore_dataframes": ["sesions"]}, "Did you mean 'sessions'"),
        ({"ignore_columns": {"sesions": ["device"]}}, "Did you mean 'sessions'"),
        ({"ignore_columns": {"sessions": ["devise"]}}, "Did you mean 'device'"),
    ],
    ids=str,
)
def test_wrong_names_in_dfs_are_told_with_the_nearest(argument: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.UserInputError, match=message):
        found(**argument)


def test_dfs_needs_a_target() -> None:
    with pytest.raises(errors.SchemaError, match=r"dfs needs a target.*customers, sessions, sales, products"):
        sf.dfs(entityset=shop())


@pytest.mark.filterwarnings("ignore:Only one dataframe in entityset")
@pytest.mark.filterwarnings("ignore:Some specified primitives were not used")
def test_dfs_that_finds_nothing_says_so() -> None:
    with pytest.raises(errors.DefinitionError, match="No feature can be made for 'lonely'"):
        lonely = sf.EntitySet("lonely").add_dataframe(pd.DataFrame({"id": [1]}), "lonely", index="id")
        found("lonely", lonely)


def test_dfs_finds_features_on_the_interesting_values() -> None:
    given = entityset()
    given.add_interesting_values(dataframe_name="sessions", values={"device": ["phone"]})

    names = [feature.get_name() for feature in found(given=given, where_primitives=["count"])]
    assert "COUNT(sessions WHERE device = phone)" in names
