"""Select features on a pilot, and write the definitions of those worth computing for all."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparkfeat.definitions import save_features
from sparkfeat.engines.spark.session import active_session, get_session, is_submitted, local_session
from sparkfeat.errors import DataError
from sparkfeat.models.names import quoted
from sparkfeat.models.roles import find_roles
from sparkfeat.models.selection import Selection, select
from sparkfeat.pipelines.build import Parts, built
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.definitions import say
from sparkfeat.pipelines.pilot import TIME, costs_of, origins_of, pilot_config
from sparkfeat.pipelines.pilot_label import check_label
from sparkfeat.pipelines.progress import COMPUTE, Progress, Silence, Stages
from sparkfeat.pipelines.select_config import SelectConfig
from sparkfeat.pipelines.select_picture import draw_selection
from sparkfeat.storage.failures import explained
from sparkfeat.storage.store import local_path

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DEFINITIONS, FACTS, TABLE, PICTURE = "features.json", "selection.json", "selection.csv", "selection.png"


@dataclass(frozen=True)
class SelectResult:
    """What was decided, and the folder that tells it."""

    selection: Selection
    output: str

    @property
    def definitions(self) -> str:
        """The file of the features that stay, for `features.definitions` of a configuration."""
        return str(Path(self.output) / DEFINITIONS)


def run(
    config: SelectConfig, *, spark: SparkSession | None = None, progress: Progress | None = None
) -> SelectResult:
    """Compute the features of some instances, select among them and write what stays.

    Args:
        config: see `SelectConfig`.
        spark: the session that measures. Default: the active one, else a local one.
        progress: where the stages are shown. Default: nowhere.

    Raises:
        UserInputError: input, labels or definitions that do not fit; no feature stays.
        EngineError, StorageError, EnvironmentProblem: it could not be computed or written.
    """
    stages = Stages(progress or Silence())
    output = local_path(config.output, "write the selection to")
    compute = read_config(config.compute)
    with tempfile.TemporaryDirectory(prefix="sparkfeat-pilot-") as folder:
        with stages.stage("choose instances"):
            rows, seed = config.pilot_rows, config.selection.seed
            pilot = pilot_config(compute, config.label, rows, seed, Path(folder))
            check_label(
                str(pilot.cutoff_time.path), config.label, config.problem, str(compute.cutoff_time.path)
            )
        with explained("make the folder", str(output)):
            output.mkdir(parents=True, exist_ok=True)
        with built(pilot, spark, stages) as parts:
            found = _selected(config, parts, Path(folder), spark, stages)
            with stages.stage("write"):
                _write(found, parts, output)
    return SelectResult(found, str(output))


def _selected(
    config: SelectConfig, parts: Parts, folder: Path, spark: SparkSession | None, stages: Stages
) -> Selection:
    matrix = parts.matrix
    with stages.stage(COMPUTE), matrix.profiled() as profile:
        matrix.write_parquet(folder / "matrix")
    costs = costs_of(matrix, profile)
    with _measuring(spark, stages) as session, stages.stage("select"):
        table = session.read.parquet(str(folder / "matrix"))
        target = matrix.computation.target
        timed = TIME if TIME in table.columns else None
        passed = [column.name for column in matrix.computation.cutoffs.pass_through]
        others = [name for name in passed if name != config.label]
        roles = find_roles(
            table,
            config.label,
            instance_id=str(target.index),
            cutoff_time=timed,
            exclude=others,
            logical_types=matrix.schema,
        )
        return select(
            _without_rest(
                table, [*roles.features, config.label, str(target.index), *([timed] if timed else [])]
            ),
            roles,
            config.selection,
            regression=config.problem == "regression",
            costs=costs,
            origins=origins_of(matrix.computation.definitions.features),
        )


def _without_rest(table: DataFrame, names: list[str]) -> DataFrame:
    return table.select(*(quoted(name) for name in names))


@contextmanager
def _measuring(spark: SparkSession | None, stages: Stages) -> Iterator[SparkSession]:
    """Give the block a Spark session; one that is started for it is stopped."""
    if spark is not None or active_session() is not None or is_submitted():
        yield get_session(spark)
        return
    with stages.stage("start Spark"):
        started = local_session()
    try:
        yield started
    finally:
        started.stop()


def _write(found: Selection, parts: Parts, output: Path) -> None:
    definitions = parts.matrix.computation.definitions
    kept = set(found.kept)
    # Texts and places never come to a selection: a model cannot read them, so nothing speaks for them.
    stay = [definitions.original(one) for one in definitions.features if kept & set(one.names)]
    words = {name: say(one) for one in definitions.features for name in one.names}
    files = {FACTS: json.dumps(found.as_dict(), indent=2) + "\n", TABLE: _table(found, words)}
    for name, text in files.items():
        with explained("write the selection", str(output / name)):
            (output / name).write_text(text, encoding="utf-8")
    draw_selection(found, output / PICTURE)
    if not stay:
        raise DataError(
            "No feature stays",
            where=str(output / TABLE),
            why=f"All {len(found.decisions)} met a rule; the table says which",
            hint="Switch rules off, or give the pilot more rows",
        )
    save_features(stay, output / DEFINITIONS)


def _table(found: Selection, words: dict[str, str]) -> str:
    """Return one line a feature: what was decided and why, what was measured, what it is."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    measures = ("nulls", "same", "p_value", "q_value", "information", "alone", "importance", "seconds")
    lines.writerow(["feature", "kept", "rule", "why", "suspicious", *measures, "made of"])
    for one in found.decisions:
        numbers = [getattr(found.measured[one.name], name) for name in measures]
        told = ["" if value is None else f"{value:.6g}" for value in numbers]
        kept = "yes" if one.kept else "no"
        lines.writerow([one.name, kept, one.rule, one.why, one.suspicious, *told, words.get(one.name, "")])
    return text.getvalue()
