from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.definitions import Duration
from sparkfeat.engines.cutoffs import Cutoffs
from sparkfeat.engines.duckdb import DuckDBOptions
from sparkfeat.engines.duckdb.engine import open_computation
from sparkfeat.engines.duckdb.machine import machine_of
from sparkfeat.engines.duckdb.profile import steps_of
from sparkfeat.engines.estimate import Estimator
from sparkfeat.engines.footers import as_number, footer_of
from sparkfeat.engines.layout import layout_of
from sparkfeat.engines.matrix_size import stored_bytes
from sparkfeat.engines.memory import size_in_bytes, working_memory
from sparkfeat.engines.visible import Times
from sparkfeat.errors import UnsupportedError
from sparkfeat.pipelines.shop import generate
from sparkfeat.plan.cutoffs import Bound, Visibility

CUSTOMERS = 400
DAY = 86_400.0
ONE_THREAD = DuckDBOptions(threads=1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    generate(folder, customers=CUSTOMERS, seed=5)
    return folder


def matrix_of(shop: Path, **arguments: object) -> sf.FeatureMatrix:
    es = sf.EntitySet("shop")
    es.add_dataframe(shop / "customers", "customers", index="customer_id", time_index="joined")
    es.add_dataframe(shop / "sessions", "sessions", index="session_id", time_index="started")
    es.add_dataframe(shop / "transactions", "transactions", index="transaction_id", time_index="purchased_at")
    es.add_relationship("customers", "customer_id", "sessions", "customer_id")
    es.add_relationship("sessions", "session_id", "transactions", "session_id")
    features = sf.dfs(entityset=es, target_dataframe_name="customers", features_only=True)
    return sf.calculate_feature_matrix(
        features,
        es,
        cutoff_time=str(shop / "labels.parquet"),
        engine="duckdb",
        options=ONE_THREAD,
        **arguments,
    )


def estimator_of(matrix: sf.FeatureMatrix, rows: int = CUSTOMERS) -> Estimator:
    computation = matrix.computation
    return Estimator(computation, {table.name: footer_of(table) for table in computation.tables}, rows)


@pytest.mark.parametrize("window", [None, "60 days"])
def test_rows_of_relations_are_near_those_computed(shop: Path, window: str | None) -> None:
    matrix = matrix_of(shop, training_window=window)
    estimator = estimator_of(matrix)
    with matrix.profiled() as profile:
        matrix.to_arrow()

    real = {step.name: step.rows for step in profile.steps}
    nodes = {cte.name: cte.node for cte in matrix.computation.lowered("duckdb").ctes}
    known = [(estimator.rows(node), real[name]) for name, node in nodes.items() if real.get(name)]
    assert len(known) > 4
    assert all(actual / 3 <= estimated <= actual * 3 for estimated, actual in known if actual), known


def test_memory_is_near_what_duckdb_takes(shop: Path) -> None:
    matrix = matrix_of(shop)
    lowered = matrix.computation.lowered("duckdb")
    found: list[dict[str, dict[str, int]]] = []
    with open_computation(matrix.computation, ONE_THREAD) as session:
        machine = machine_of(session, ONE_THREAD)
        with session.profiling(found.append):
            list(session.stream(lowered.text()))
    peak = found[0]["system"]["peak_buffer_memory"]

    assert peak / 4 <= working_memory(estimator_of(matrix), lowered, machine) <= peak * 4
    assert steps_of(found[0], lowered)


def test_output_is_near_what_is_written(shop: Path, tmp_path: Path) -> None:
    matrix = matrix_of(shop)
    footers = {table.name: footer_of(table) for table in matrix.computation.tables}
    files = matrix.write_parquet(tmp_path / "out")
    written = sum(file.stat().st_size for file in files)

    layout = layout_of(matrix.computation)
    estimated = stored_bytes(matrix.computation, layout, footers, CUSTOMERS)
    assert written / 3 <= estimated <= written * 3


def test_footers_tell_rows_sizes_and_times(shop: Path) -> None:
    table = matrix_of(shop).computation.entityset["sessions"]
    rows = pd.read_parquet(shop / "sessions")

    footer = footer_of(table)

    assert footer.rows == len(rows)
    assert set(footer.stored) == set(rows.columns)
    assert footer.times == (as_number(rows["started"].min()), as_number(rows["started"].max()))


def test_times_stored_as_text_have_no_span(tmp_path: Path) -> None:
    pd.DataFrame({"id": [1, 2], "at": ["2024-01-01", "2024-01-02"]}).to_parquet(tmp_path / "things.parquet")
    es = sf.EntitySet("shop")
    es.add_dataframe(
        tmp_path / "things.parquet", "things", index="id", time_index="at", logical_types={"at": "Datetime"}
    )

    assert footer_of(es["things"]).times is None


def test_rows_in_memory_are_counted() -> None:
    es = sf.EntitySet("shop")
    es.add_dataframe(pd.DataFrame({"id": [1, 2]}), "things", index="id")

    assert footer_of(es["things"]).rows == 2


def test_nothing_is_known_of_a_spark_dataframe() -> None:
    class Elsewhere:
        name = "things"
        source = object()

    with pytest.raises(UnsupportedError, match="'things'"):
        footer_of(Elsewhere())  # type: ignore[arg-type]


def rule(lower: Bound | None = None, last_time: str | None = None) -> Visibility:
    return Visibility("started", Bound((), closed=True), lower, last_time)


def test_share_of_rows_before_a_cutoff_time() -> None:
    times = Times(Cutoffs(datetime(1970, 1, 4), None))
    last_day = Bound((Duration(0, 86_400_000_000, "1 day"),), closed=False)

    assert times.share(rule(), (0.0, 10 * DAY)) == pytest.approx(0.3)
    assert times.share(rule(), (0.0, 2 * DAY)) == 1
    assert times.share(rule(), (4 * DAY, 8 * DAY)) == 0
    assert times.share(rule(), None) == 1
    assert times.share(rule(last_day), (0.0, 10 * DAY)) == pytest.approx(0.1)
    assert times.share(rule(last_day, "last"), (0.0, 10 * DAY)) == pytest.approx(0.3)


def test_share_where_times_are_numbers() -> None:
    assert Times(Cutoffs(float("inf"), None)).share(rule(), (0.0, 10.0)) == 1
    assert Times(Cutoffs(5.0, None)).share(rule(Bound((2.0,), closed=False)), (0.0, 10.0)) == 0.2


@pytest.mark.parametrize(
    ("text", "size"),
    [("4g", 4 << 30), ("512M", 512 << 20), ("1.5 GiB", 3 << 29), ("100 bytes", 100), ("7", 7)],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert size_in_bytes(text) == size


def test_what_is_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="'much' is no size"):
        size_in_bytes("much")
