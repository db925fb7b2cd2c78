"""Selection's measures against scikit-learn and scipy, its rules on made up features."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import feature_selection as fs
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mutual_info_score, r2_score, roc_auc_score

from sparkfeat.models.roles import Roles
from sparkfeat.models.selection import Costs, Origins, SelectionConfig, find_suspicious, select
from sparkfeat.models.selection import statistics as st
from sparkfeat.models.selection.cost import dear
from sparkfeat.models.selection.counts import counts, summaries
from sparkfeat.models.selection.gram import correlations, gram, held_back_r2
from sparkfeat.models.selection.long import long_table, make_subject
from sparkfeat.models.selection.rules import measured
from sparkfeat.models.selection.wrapper import Budget, backward, forward

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

NUMERIC = ("MEAN(a.b, c)", "noise", "holes", "twin", "near", "leak", "still")
CATEGORICAL = ("town", "constant")
ROLES = Roles("label", numeric=NUMERIC, boolean=("yes",), categorical=CATEGORICAL, instance_id="id")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    rows = 600
    good = rng.normal(size=rows)
    label = (good + rng.normal(size=rows) > 0).astype(int)
    holes = np.where(rng.random(rows) < 0.3, np.nan, label + rng.normal(size=rows) * 3)
    return pd.DataFrame({
        "id": range(rows), "label": label, "amount": good * 10 + rng.normal(size=rows),
        "MEAN(a.b, c)": good, "noise": rng.normal(size=rows), "holes": holes, "twin": good,
        "near": good + rng.normal(size=rows) * 0.02, "leak": label + rng.normal(size=rows) * 0.1,
        "still": 7.0, "yes": label ^ (rng.random(rows) < 0.4), "constant": "x",
        "town": np.where(rng.random(rows) < 0.2, "rome", rng.choice(["oslo", "bern"], rows)),
    }).astype({"yes": bool})  # fmt: skip


@pytest.fixture
def frame(interpreted: SparkSession, table: pd.DataFrame) -> Iterator[DataFrame]:
    frame = interpreted.createDataFrame(
        table.astype(object).where(table.notna(), None), _schema(table)
    ).persist()
    yield frame
    frame.unpersist()


def _schema(table: pd.DataFrame) -> str:
    kinds = {"i": "long", "f": "double", "b": "boolean", "O": "string"}
    return ", ".join(f"`{name}` {kinds[kind.kind]}" for name, kind in table.dtypes.items())


def binned(values: pd.Series[Any], edges: tuple[float, ...], known: tuple[str, ...]) -> pd.Series[Any]:
    """Each value's bin, -1 for none."""
    if known:
        return values.map(lambda one: known.index(one) + 1 if one in known else 0)
    return pd.Series(np.where(values.isna(), -1, np.searchsorted(edges, values.fillna(0), side="left")))


def test_measures_are_those_of_scikit_learn_and_scipy(frame: DataFrame, table: pd.DataFrame) -> None:
    subject = make_subject(frame, ROLES, None, regression=False)
    long = long_table(subject)
    summary = summaries(long, 10)
    counted = counts(long, subject, summary)
    found = measured(subject.names, subject.categorical, summary, counted)
    label = table["label"]

    for n, name in enumerate(subject.names):
        values = table[name]
        bins = binned(values, summary[n].edges, summary[n].frequent)
        known = values.notna()
        information = mutual_info_score(bins, label)
        assert st.mutual_information(counted[n].table) == pytest.approx(information, abs=1e-12), name
        assert found[name].nulls == pytest.approx(1 - known.mean())
        cells = pd.crosstab(bins, label)
        loose = (
            stats.chi2_contingency(cells, correction=False, lambda_="log-likelihood")[1]
            if len(cells) > 1
            else 1
        )
        if name in CATEGORICAL:
            own = stats.chi2_contingency(cells, correction=False)[1] if len(cells) > 1 else 1
        elif name == "still":
            own = 1
        else:
            own = fs.f_classif(values[known].to_numpy(dtype=float).reshape(-1, 1), label[known])[1][0]
        assert found[name].p_value == pytest.approx(min(1, 2 * min(own, loose)), rel=1e-6), name
        share = label.groupby(bins).mean()
        assert found[name].alone >= roc_auc_score(label, bins.map(share)) - 1e-12
    assert found["noise"].alone < 0.65 < found["MEAN(a.b, c)"].alone


def test_chi2_is_scikit_learns_over_the_columns_of_a_category(table: pd.DataFrame) -> None:
    one_hot = pd.get_dummies(table["town"]).astype(int)
    statistic = fs.chi2(one_hot, table["label"])[0].sum()
    cells = pd.crosstab(table["town"], table["label"]).to_numpy(dtype=float)
    assert st.chi2(cells) == pytest.approx(stats.chi2.sf(statistic, 2))


@pytest.mark.slow
def test_a_regression_is_measured_as_scikit_learn_does(frame: DataFrame, table: pd.DataFrame) -> None:
    roles = Roles("amount", numeric=("MEAN(a.b, c)", "noise"), categorical=("town",), instance_id="id")
    subject = make_subject(frame, roles, None, regression=True)
    long = long_table(subject)
    summary = summaries(long, 10)
    counted = counts(long, subject, summary)
    amount = table["amount"]

    wanted = fs.f_regression(table[["MEAN(a.b, c)", "noise"]], amount)[1]
    assert [st.regression_f(counted[n].correlation, 600) for n in (0, 1)] == pytest.approx(
        list(wanted), rel=1e-6
    )
    bins = binned(table["MEAN(a.b, c)"], summary[0].edges, ())
    square = r2_score(amount, amount.groupby(bins).transform("mean"))
    adjusted = 1 - (1 - square) * 599 / (600 - bins.nunique())
    found = measured(subject.names, subject.categorical, summary, counted)
    assert found["MEAN(a.b, c)"].alone == pytest.approx(adjusted)


@pytest.mark.slow
def test_linear_models_and_correlations_come_from_one_pass(frame: DataFrame, table: pd.DataFrame) -> None:
    from pyspark.sql import functions as fn

    names = ["MEAN(a.b, c)", "holes", "yes"]
    subject = make_subject(frame, ROLES, None, regression=False)
    found = gram(subject, names, summaries(long_table(subject), 10), seed=3)
    held = frame.select(
        "id", (fn.pmod(fn.xxhash64(fn.lit(3), fn.xxhash64("id")), fn.lit(4)) == 0).alias("held")
    )
    held = table["id"].map(held.toPandas().set_index("id")["held"])

    filled = table[names].astype(float)
    empty = filled["holes"].isna().astype(float)
    filled = filled.fillna(filled.mean())
    assert np.allclose(correlations(found, names), np.corrcoef(filled.T))
    features, label = filled.assign(empty=empty), table["label"]
    model = LinearRegression().fit(features[~held], label[~held])
    assert held_back_r2(found, names) == pytest.approx(
        r2_score(label[held], model.predict(features[held])), abs=1e-5
    )


def test_false_discoveries_are_controlled_as_by_hand() -> None:
    p = [0.01, 0.04, 0.03, 0.5, 0.02]
    # In order 0.01, 0.02, 0.03, 0.04, 0.5, times 5 / place: 0.05 for four of them, 0.5
    assert st.benjamini_hochberg(p) == pytest.approx([0.05, 0.05, 0.05, 0.5, 0.05])
    assert st.benjamini_hochberg([0.2]) == [0.2]
    assert st.benjamini_hochberg(p) == pytest.approx(list(stats.false_discovery_control(p)))


def test_each_feature_meets_its_rule(frame: DataFrame) -> None:
    found = select(frame, ROLES, SelectionConfig())

    rules = {one.name: one.rule for one in found.decisions}
    assert rules == {
        "MEAN(a.b, c)": "duplicate", "noise": "test", "holes": "",
        "twin": rules["twin"], "near": rules["near"],
        "leak": "leak", "still": "constant", "yes": "", "town": "test", "constant": "constant",
    }  # fmt: skip
    assert sorted([rules["twin"], rules["near"]]) == ["", "correlation"]
    assert set(found.suspicious) == {"leak"}
    assert found.rows == 600
    assert {one.name: one.why for one in found.decisions}["MEAN(a.b, c)"] == "equal to twin in every row"


@pytest.mark.slow
def test_what_is_made_of_a_leaking_column_goes(frame: DataFrame) -> None:
    sources = {
        "holes": frozenset({"customers.leak"}),
        "yes": frozenset({"orders.state"}),
        "twin": frozenset({"a.b"}),
    }
    origins = Origins(sources, {"leak": "customers.leak"})
    config = SelectionConfig(leaking_columns=["orders.state"], drop_suspicious=False)
    found = select(frame, ROLES, config, origins=origins)

    assert (
        found.suspicious["holes"] == "made of customers.leak, which tells the label suspiciously well alone"
    )
    assert found.suspicious["yes"] == "made of orders.state, which is named as leaking"
    assert set(found.suspicious) == {"leak", "holes", "yes"}
    assert {"leak", "holes", "yes"} <= set(found.kept)
    assert find_suspicious(frame, ROLES, config, origins=origins) == found.suspicious


@pytest.mark.slow
def test_times_after_the_cutoff_are_flagged(interpreted: SparkSession) -> None:
    start = datetime(2024, 1, 1)
    rows = [
        (n, n % 2, start, start - timedelta(days=n * 7 % 13), start + timedelta(days=n % 2))
        for n in range(60)
    ]
    frame = interpreted.createDataFrame(
        rows, "id int, label int, time timestamp, joined timestamp, paid timestamp"
    )
    roles = Roles("label", times=("joined", "paid"), instance_id="id", cutoff_time="time")
    found = select(frame, roles)

    assert found.suspicious == {"paid": "tells the label suspiciously well alone: AUC 1.000"} | {
        name: why for name, why in found.suspicious.items() if name != "paid"
    }
    assert found.measured["paid"].variance == pytest.approx(np.var([n % 2 for n in range(60)], ddof=1))


@pytest.mark.slow
def test_a_forest_uses_noise_no_more_than_random_columns(frame: DataFrame) -> None:
    config = SelectionConfig(model_importance=True, false_discovery_rate=None)
    found = select(frame, ROLES, config)
    assert {one.name: one.rule for one in found.decisions}["noise"] == "importance"
    kept = found.measured["twin"].importance or found.measured["near"].importance
    assert kept > 2 * found.measured["noise"].importance


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", ["forward", "backward"])
def test_wrappers_leave_out_what_adds_nothing(frame: DataFrame, wrapper: Any) -> None:
    config = SelectionConfig(wrapper=wrapper, wrapper_gain=0.01, false_discovery_rate=None, max_features=1)
    found = select(frame, ROLES, config)
    rules = {one.name: one.rule for one in found.decisions}
    assert rules["noise"] == wrapper
    assert len(found.kept) == 1
    assert rules["holes"] in {wrapper, "limit"}
    assert found.wrapper


def test_wrappers_keep_to_their_budget() -> None:
    worth = {"a": 3.0, "b": 2.0, "c": 0.0}

    def score(names: Any) -> float:
        return sum(worth[name] for name in names)

    assert forward("abc", score, 0.1, Budget(100, 60)) == (["a", "b"], (("a", 3.0), ("b", 5.0)))
    assert backward("abc", score, 0.1, Budget(100, 60)) == (["a", "b"], (("c", 5.0),))
    assert forward("abc", score, 0.1, Budget(3, 60))[0] == ["a"]
    assert backward("abc", score, 0.1, Budget(0, 60))[0] == ["a", "b", "c"]
    assert forward("abc", score, 0.1, Budget(100, 0))[0] == []


@pytest.mark.slow
def test_dear_features_go_when_others_tell_enough(frame: DataFrame) -> None:
    seconds = {"customers": 1.0, "regions": 50.0}
    needs = {name: frozenset({"customers"}) for name in ROLES.features} | {
        "holes": frozenset({"customers", "regions"})
    }
    found = select(frame, ROLES, SelectionConfig(keep_information=0.9), costs=Costs(seconds, needs))

    why = {one.name: (one.rule, one.why) for one in found.decisions}
    assert why["holes"][0] == "cost"
    assert why["holes"][1].startswith("50 s more on the pilot for ")
    assert (found.seconds_before, found.seconds_after) == (51.0, 1.0)
    assert found.measured["holes"].seconds == 51.0


def test_the_most_information_for_each_second_is_taken_first() -> None:
    costs = Costs(
        {"rows": 1.0, "sums": 2.0, "far": 50.0},
        {
            "a": frozenset({"rows"}),
            "b": frozenset({"rows", "sums"}),
            "c": frozenset({"far"}),
            "d": frozenset({"rows"}),
        },
    )
    told = {"a": 1.0, "b": 0.5, "c": 0.2, "d": 0.0}
    # a and d: 1 nat for 1 s; then b: 0.5 for 2 s more; c: 0.2 for 50 s. Of 1.7 nats a has 59 %, with b 88 %.
    assert set(dear(told, costs, 0.5)) == {"b", "c"}
    assert set(dear(told, costs, 0.8)) == {"c"}
    assert dear(told, costs, 1.0) == {}
    assert dear(told, costs, 0.8)["c"] == "50 s more on the pilot for 11.76% of the information"
    assert costs.of(["a", "b", "d"]) == 3.0
    # Once the rows are paid, what needs only them is free, whatever it tells.
    assert set(dear({"b": 1.0, "d": 0.0}, costs, 0.9)) == set()


@pytest.mark.slow
def test_of_equal_features_the_cheapest_stays(frame: DataFrame) -> None:
    needs = {"twin": frozenset({"dear"}), "MEAN(a.b, c)": frozenset({"cheap"})}
    costs = Costs({"dear": 9.0, "cheap": 1.0}, needs)
    found = select(frame, ROLES, SelectionConfig(max_correlation=None), costs=costs)
    why = {one.name: one.why for one in found.decisions}
    assert why["twin"] == "equal to MEAN(a.b, c) in every row"
