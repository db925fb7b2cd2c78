"""A published matrix as a table to learn from: its columns by their roles, its labels beside it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.definitions import Definitions, IdentityFeature
from sparkfeat.engines.spark.parquet import read_parquet
from sparkfeat.errors import ConfigError, SchemaError, did_you_mean
from sparkfeat.models.names import quoted
from sparkfeat.models.roles import Roles, find_roles
from sparkfeat.models.training.labels import known
from sparkfeat.pipelines.config import CutoffTimeConfig
from sparkfeat.pipelines.definitions import read_definitions
from sparkfeat.pipelines.label_table import (
    TIME,
    check_known,
    check_label_table,
    joined_columns,
    with_labels,
)
from sparkfeat.pipelines.train_config import TrainConfig
from sparkfeat.storage.manifest import Manifest, read_manifest
from sparkfeat.storage.read import read_matrix
from sparkfeat.storage.records import MatrixSource
from sparkfeat.storage.store import open_store

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class PublishedMatrix:
    """A published matrix and the definitions of its features.

    Attributes:
        index: the column that says whose row it is.
        time: the column of cutoff times; None where all rows share one.
        computed: columns that definitions compute.
        passed: the others: labels and what else was passed through.
    """

    path: str
    manifest: Manifest
    definitions: Definitions

    @property
    def index(self) -> str:
        """Name of the column that says whose row it is."""
        return self.manifest.columns[0].name

    @property
    def time(self) -> str | None:
        """Name of the column of cutoff times; None where all rows share one."""
        second = self.manifest.columns[1].name if len(self.manifest.columns) > 1 else ""
        output = self.manifest.parameters.get("output")
        in_index = isinstance(output, dict) and bool(output.get("cutoff_time_in_index"))
        return TIME if in_index and second == TIME else None

    @property
    def cutoff(self) -> CutoffTimeConfig:
        """How instances and times were given when it was computed."""
        return CutoffTimeConfig.model_validate(self.manifest.parameters["cutoff_time"])

    @property
    def columns(self) -> list[str]:
        """Names of all columns."""
        return [column.name for column in self.manifest.columns]

    @property
    def computed(self) -> set[str]:
        """Columns that definitions compute."""
        return set(self.definitions.names) & set(self.columns) - {self.index, self.time}

    @property
    def raw(self) -> set[str]:
        """Columns of the target table as they are: features without synthesis."""
        features = self.definitions.features
        return {one.name for one in features if isinstance(one, IdentityFeature)} & self.computed

    @property
    def passed(self) -> list[str]:
        """The columns that came with the rows: labels, and what else was passed through."""
        return [name for name in self.columns if name not in {*self.computed, self.index, self.time}]

    @property
    def sql(self) -> str:
        """The SQL that computed it; empty where there was none."""
        document = self.manifest.sql
        return "" if document is None else open_store(self.path).read(document.path).decode()

    @property
    def files(self) -> list[str]:
        """Full paths of its Parquet files."""
        store = open_store(self.path)
        return [store.path(file.path) for file in self.manifest.files]

    @property
    def source(self) -> MatrixSource:
        """What a model's record says of the matrix."""
        files = sorted(file.sha256 or file.etag or "" for file in self.manifest.files)
        digest = hashlib.sha256("".join(files).encode()).hexdigest()[:16]
        asked = {name: self.manifest.parameters[name] for name in ("entityset", "cutoff_time")}
        return MatrixSource(path=self.path, run_id=self.manifest.run_id, digest=digest, parameters=asked)

    def rows(self, spark: SparkSession) -> DataFrame:
        """Return the rows."""
        return read_parquet(spark, self.files)


def open_matrix(path: str) -> PublishedMatrix:
    """Return the matrix published at `path`; its files are looked at, no row is read.

    Raises:
        StorageError: nothing is published there, or a file is missing or was changed.
        DefinitionError: its definitions cannot be read.
    """
    read_matrix(path)
    manifest = read_manifest(path)
    definitions = read_definitions(open_store(path).path(manifest.definitions.path))
    return PublishedMatrix(path, manifest, definitions)


def check_columns(matrix: PublishedMatrix, config: TrainConfig) -> None:
    """Refuse a configuration whose columns do not fit the matrix, before anything is read or started.

    Raises:
        SchemaError: a column that is not there, or a label that is computed as a feature.
        ConfigError: a split by time, and the matrix has no cutoff times.
    """
    data, split = config.data, config.training.split
    check_label_table(data, matrix.index)
    if data.label in matrix.computed and data.labels is None:
        raise SchemaError(
            f"The label '{data.label}' is a computed feature",
            where=matrix.path,
            why="A model would be asked to tell what it is given",
            hint="Pass the label through from the cutoff times under a name of its own, or give data.labels",
        )
    names = [*matrix.columns, *joined_columns(data)]
    for key, name in _named_columns(config):
        check_known(name, names, key)
    for key, patterns in {"data.include": data.include, "data.exclude": data.exclude}.items():
        for pattern in patterns:
            if not _matching(matrix.columns, [pattern]) and pattern not in joined_columns(data):
                hint = did_you_mean(pattern, matrix.columns)
                raise SchemaError(f"No column fits '{pattern}'", where=key, hint=hint)
    if data.definitions is not None and (missing := _named_in(data.definitions) - matrix.computed):
        raise SchemaError(
            f"The matrix lacks {len(missing)} of the features to learn from",
            where=data.definitions,
            why=", ".join(sorted(missing)[:3]),
            hint="Compute a matrix with these definitions, or leave data.definitions out",
        )
    needs_times = split.method == "time" or split.validation_from is not None or split.test_from is not None
    if matrix.time is None and needs_times:
        raise ConfigError(
            "A split by time needs the cutoff times of the rows",
            where=matrix.path,
            why="The matrix was computed without that column",
            hint="Compute it again with `output.cutoff_time_in_index: true`",
        )


def _named_columns(config: TrainConfig) -> Iterator[tuple[str, str]]:
    """Yield the label and the columns that are named beside features, each after its key."""
    training, split = config.training, config.training.split
    keys = {
        "data.label": config.data.label,
        "training.split.label_time": split.label_time,
        "training.split.group": split.group,
        "training.split.column": split.column,
        "training.user": training.user,
        "training.item": training.item,
    }
    yield from ((key, name) for key, name in keys.items() if name is not None)
    yield from (("evaluation.slices", name) for name in config.evaluation.slices)


def training_table(
    matrix: PublishedMatrix, config: TrainConfig, spark: SparkSession
) -> tuple[DataFrame, Roles, Roles]:
    """Return the rows with their labels, which column is what, and the same for the raw columns alone.

    Raw columns may be others than the features: `data.definitions` leaves them out of the model, and not
    out of the baseline that says what they are worth.

    Raises:
        SchemaError: a column is missing, or no feature is left.
    """
    data = config.data
    table = matrix.rows(spark)
    if data.labels is not None:
        table = with_labels(table, data, matrix.index, matrix.time, spark)
    if data.label is not None and config.training.missing_labels == "drop":
        table = table.where(known(table, data.label))
    wanted = matrix.computed if data.definitions is None else _named_in(data.definitions)
    roles = _roles(table, matrix, config, wanted)
    raw = _roles(table, matrix, config, wanted | matrix.raw).only(matrix.raw)
    return _narrow(table, roles, raw, config), roles, raw


def _roles(table: DataFrame, matrix: PublishedMatrix, config: TrainConfig, wanted: set[str]) -> Roles:
    return find_roles(
        table,
        config.data.label,
        instance_id=matrix.index,
        cutoff_time=matrix.time,
        exclude=_excluded(table.columns, matrix, config, wanted),
        logical_types={column.name: column.logical_type for column in matrix.manifest.columns},
    )


def _narrow(table: DataFrame, roles: Roles, raw: Roles, config: TrainConfig) -> DataFrame:
    """Leave out the columns that nothing reads: every plan over the rows carries them along."""
    training = config.training
    split = training.split
    beside = (roles.label, roles.instance_id, roles.cutoff_time, split.label_time, split.group, split.column)
    beside_model = raw.features if config.evaluation.baselines else ()
    read = {*roles.features, *beside_model, *beside, training.user, training.item, *config.evaluation.slices}
    return table.select(*(quoted(name) for name in table.columns if name in read))


def _excluded(
    columns: Sequence[str], matrix: PublishedMatrix, config: TrainConfig, wanted: set[str]
) -> list[str]:
    """Return the columns that are no features: asked for, not wanted, or passed through and not included."""
    data, training = config.data, config.training
    split = training.split
    told = {split.label_time, split.group, split.column, training.user, training.item}
    named = {matrix.index, matrix.time, data.label}
    taken = _matching(columns, data.include)
    excluded = {
        *_matching(columns, data.exclude),
        *(set(columns) - (matrix.computed & wanted) - taken),
        *told,
    }
    return [name for name in columns if name in excluded - named]


def _named_in(definitions: str) -> set[str]:
    return set(read_definitions(definitions).names)


def _matching(columns: Iterable[str], patterns: Iterable[str]) -> set[str]:
    """Return the columns that fit one of the patterns; brackets are letters: names of features have them."""
    texts = [".*".join(re.escape(part) for part in pattern.split("*")) for pattern in patterns]
    return {name for name in columns if any(re.fullmatch(text, name, re.DOTALL) for text in texts)}
